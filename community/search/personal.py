"""How somebody who has left goes out of the search: nobody looks for their name any more.

Documents hold the words of other tables; whoever takes a name out of a text has that text indexed anew.
"""

from django.db.models import Q

from community.members.registry import Leaver, eraser
from community.search.models import Lookup


@eraser("search: what was looked for")
def erase_lookups(leaver: Leaver) -> None:
    named = Q(question__icontains=leaver.display_name)
    for handle in leaver.handles:
        named |= Q(question__icontains=handle)
    Lookup.objects.filter(named).delete()

"""Who sees of the threads what every member sees."""

from django.db import connection

from community.members.permissions import Viewer, is_ordinary

_HAS_MORE = """
SELECT EXISTS (SELECT FROM catalog_creator WHERE member_id = %(member)s)
  OR EXISTS (SELECT FROM threads_thread WHERE author_id = %(member)s AND state <> 'visible')
"""


def has_less(viewer: Viewer) -> bool:
    """Whether lists leave something out for this viewer: no stream moves when that begins or ends."""
    return viewer.block_count > 0


def sees_what_all_see(viewer: Viewer) -> bool:
    """Whether lists show this viewer what they show `READER`: a member without rank, who is no maker (there are places
    for makers), is kept apart from nobody, and has no thread that others do not see. At most 1 query.

    `core.pages.SITE` moves with the first two, `TALK` and `ABOUT` with the last; the third is `has_less`.
    """
    if not is_ordinary(viewer) or has_less(viewer):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_HAS_MORE, {"member": viewer.pk})
        return not cursor.fetchone()[0]

"""Who may find what. A document lies in a place; who may read which place is asked of the rules at every search."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.core.verdicts import NOT_FOUND, YES, Verdict, no
from community.members.permissions import Viewer, apart
from community.search.models import Document
from community.search.registry import PUBLIC, sources


def readable_places(viewer: Viewer) -> list[str]:
    """The places the viewer may read, over all kinds of document."""
    return sorted({PUBLIC, *(place for source in sources() for place in source.places(viewer))})


def shunned_by(viewer: Viewer) -> Collection[int]:
    """Ids of members between whom and the viewer one has blocked the other: neither finds the other's words (M18)."""
    return apart(viewer).all


def can_find(viewer: Viewer, document: Document) -> Verdict:
    if document.place in readable_places(viewer) and document.author_id not in shunned_by(viewer):
        return YES
    return no(NOT_FOUND, _("There is nothing here."))


def visible_to(viewer: Viewer) -> Q:
    """The list twin of `can_find`."""
    readable = Q(place__in=readable_places(viewer))
    shunned = shunned_by(viewer)
    return readable & (Q(author_id=None) | ~Q(author_id__in=shunned)) if shunned else readable


def can_see_lookups(viewer: Viewer) -> Verdict:
    """What people look for, and in vain, is for the people who run the place."""
    return YES if viewer.is_manager else no("rank", _("You need a higher role for this."))

"""Creators."""

from django.utils.translation import gettext as _

from community.catalog.models import Creator, Shop
from community.catalog.permissions import can_see_creator, visible_creators
from community.core.errors import NotVisible
from community.core.paging import Slice, cut
from community.members.models import Member
from community.members.permissions import Viewer

PAGE_SIZE = 24


def get_creator(*, slug: str, viewer: Viewer) -> Creator:
    """A creator with shop, picture and member; raises `NotVisible`. 1 query."""
    creator = Creator.objects.filter(slug=slug).select_related("shop", "picture", "member").first()
    if creator is None or not can_see_creator(viewer, creator):
        raise NotVisible(_("There is no such creator."))
    return creator


def creator_of(*, member: Member, viewer: Viewer) -> Creator | None:
    """The creator that a member speaks for, if the viewer may see it. 1 query."""
    rows = Creator.objects.filter(visible_creators(viewer), member=member)
    return rows.select_related("shop", "picture").first()


def list_creators(
    *, viewer: Viewer, shop: Shop | None = None, cursor: str = "", size: int = PAGE_SIZE
) -> Slice[Creator]:
    """Creators with something to show, the newest first; of one shop or of all. 1 query."""
    rows = Creator.objects.filter(visible_creators(viewer), item_count__gt=0).select_related("picture", "shop")
    rows = rows.filter(shop=shop) if shop is not None else rows
    return cut(rows.defer("bio", "bio_html"), by=("-id",), size=size, cursor=cursor)

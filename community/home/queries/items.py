"""Browsing items, and the item page with everything that hangs on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from community.catalog import queries as catalog
from community.catalog.models import ChannelListing, Item, Tag, Variant
from community.core.paging import Slice
from community.members.permissions import Viewer
from community.threads import queries as threads
from community.threads.models import Thread

SORTS = ("newest", "talked", "price")
PAGE = 24


@dataclass(frozen=True, slots=True)
class Browse:
    """What a visitor asked for; prices in whole units of the currency they are shown in."""

    sort: str = "newest"
    category: str = ""
    state: str = ""
    lowest: int | None = None
    highest: int | None = None
    cursor: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether it is another order of the shelf, or a part of it cut by state or price."""
        return bool(self.sort != SORTS[0] or self.state or self.lowest is not None or self.highest is not None)


@dataclass(frozen=True, slots=True)
class BrowsePage:
    found: Slice[Item]
    categories: Sequence[str]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """The hub: the work, where to buy it, and one tab of its talk."""

    item: Item
    tab: str
    talk: Slice[Thread]
    pictures: Sequence[dict[str, Any]]
    variants: Sequence[Variant]
    listings: Sequence[ChannelListing]
    tags: Sequence[Tag]
    siblings: Sequence[Item]
    trail: Sequence[dict[str, str]]


def browse(*, viewer: Viewer, asked: Browse) -> BrowsePage:
    found = catalog.list_items(
        viewer=viewer,
        sort=asked.sort,
        category=asked.category,
        state=asked.state,
        lowest=asked.lowest,
        highest=asked.highest,
        cursor=asked.cursor,
        size=PAGE,
    )
    return BrowsePage(found=found, categories=catalog.item_categories(viewer=viewer))


def item_page(*, viewer: Viewer, item_id: int, tab: str = "all", cursor: str = "") -> ItemPage:
    """Raises `NotVisible` for an item that is not there, or whose shop is closed."""
    item = catalog.get_item(item_id=item_id, viewer=viewer)
    kind = {"questions": Thread.Kind.QUESTION.value, "talk": Thread.Kind.TALK.value}.get(tab, "")
    talk = threads.list_threads(viewer=viewer, item=item, kind=kind, cursor=cursor, with_pinned=True)
    return ItemPage(
        item=item,
        tab=tab,
        talk=talk,
        pictures=[row.face() for row in item.pictures.all()],
        variants=list(item.variants.all()),
        listings=list(item.listings.all()),
        tags=list(item.tags.all()),
        siblings=catalog.siblings(item=item, viewer=viewer, size=4),
        trail=_trail(item),
    )


def _trail(item: Item) -> list[dict[str, str]]:
    steps = [{"label": _("Items"), "url": reverse("home:items")}]
    if item.creator is not None:
        steps.append({"label": item.creator.name, "url": item.creator.get_absolute_url()})
    return [*steps, {"label": item.title, "url": ""}]

"""Items, one by one and in lists."""

from collections.abc import Sequence

from django.db.models import Max, Min, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from community.catalog.models import ChannelListing, Creator, Item, ItemPicture, Shop, Tag, Variant
from community.catalog.permissions import can_see_item, visible_items
from community.core import money
from community.core.errors import Invalid, NotVisible
from community.core.paging import Slice, cut
from community.members.permissions import Viewer

PAGE_SIZE = 24
# What a list is ordered by; every one is served by an index.
SORTS: dict[str, tuple[str, ...]] = {
    "newest": ("-published_at", "-id"),
    "talked": ("-last_talk_at", "-id"),
    "price": ("price_minor", "id"),
}


def get_item(*, item_id: int, viewer: Viewer) -> Item:
    """An item with all that its page shows: 5 queries."""
    item = (
        Item.objects.filter(pk=item_id)
        .select_related("shop", "creator__picture", "creator__member", "series")
        .prefetch_related(
            Prefetch("pictures", ItemPicture.objects.select_related("picture")),
            Prefetch("variants", Variant.objects.select_related("only_at")),
            Prefetch("listings", ChannelListing.objects.select_related("channel").order_by("channel__position", "pk")),
            "tags",  # type: ignore[misc]  # taggit has no types
        )
        .first()
    )
    if item is None or not can_see_item(viewer, item):
        raise NotVisible(_("There is no such item."))
    return item


def list_items(
    *,
    viewer: Viewer,
    sort: str = "newest",
    tag: Tag | None = None,
    creator: Creator | None = None,
    shop: Shop | None = None,
    category: str = "",
    state: str = "",
    lowest: int | None = None,
    highest: int | None = None,
    cursor: str = "",
    size: int = PAGE_SIZE,
) -> Slice[Item]:
    """A slice of the items that fit, with creator and first picture: 2 queries.

    `lowest` and `highest` are whole units of each item's own currency (yen, dollars), both included. Withdrawn items
    are listed only where `state` asks for them: their pages stay, the shelves do not show them. Raises `Invalid` for a
    foreign cursor or a price beyond all prices.
    """
    rows = Item.objects.filter(visible_items(viewer))
    rows = rows.filter(state=state) if state else rows.exclude(state=Item.State.WITHDRAWN)
    if tag is not None:
        rows = rows.filter(pk__in=tag.tagged_items.values("content_object_id"))
    if creator is not None:
        rows = rows.filter(creator=creator)
    if shop is not None:
        rows = rows.filter(shop=shop)
    if category:
        rows = rows.filter(category=category)
    rows = _in_order(_priced(rows, lowest, highest), sort)
    return cut(with_card_parts(rows), by=SORTS.get(sort, SORTS["newest"]), size=size, cursor=cursor)


def siblings(*, item: Item, viewer: Viewer, size: int = 4) -> Sequence[Item]:
    """Other items of the same series, else of the same creator, the newest first: 2 queries."""
    if item.series_id is None and item.creator_id is None:
        return []
    same = Q(series_id=item.series_id) if item.series_id else Q(creator_id=item.creator_id)
    rows = Item.objects.filter(visible_items(viewer), same).exclude(pk=item.pk).exclude(state=Item.State.WITHDRAWN)
    return list(with_card_parts(rows).order_by(*SORTS["newest"])[:size])


def item_categories(*, viewer: Viewer, limit: int = 60) -> Sequence[str]:
    """The kinds of work that items have, in alphabetical order: 1 query."""
    rows = Item.objects.filter(visible_items(viewer)).exclude(category="").exclude(state=Item.State.WITHDRAWN)
    return list(rows.order_by("category").values_list("category", flat=True).distinct()[:limit])


def price_range(*, viewer: Viewer, currency: str) -> tuple[int, int] | None:
    """The lowest and the highest price in minor units of `currency`; None where nothing has one. 1 query."""
    rows = Item.objects.filter(visible_items(viewer), currency=currency).exclude(state=Item.State.WITHDRAWN)
    ends = rows.aggregate(lowest=Min("price_minor"), highest=Max("price_minor"))
    return None if ends["lowest"] is None else (ends["lowest"], ends["highest"])


def with_card_parts(rows: QuerySet[Item]) -> QuerySet[Item]:
    """What a card shows: creator and first picture; not the long texts."""
    first = ItemPicture.objects.filter(position=0).select_related("picture")
    return (
        rows.select_related("creator", "shop")
        .defer("description", "description_html", "attributes", "creator__bio", "creator__bio_html")
        .prefetch_related(Prefetch("pictures", first))
    )


def _priced(rows: QuerySet[Item], lowest: int | None, highest: int | None) -> QuerySet[Item]:
    """Whole units mean other minor units per currency: ¥1,200 is 1200, S$12 is 1200 as well."""
    for bound in (lowest, highest):
        if bound is not None and not 0 <= bound <= money.LARGEST_MINOR:
            raise Invalid(_("This is no price."), code="price_invalid", field="price")
    if lowest is None and highest is None:
        return rows
    fits = Q()
    for places, currencies in money.by_digits().items():
        some = Q(currency__in=currencies)
        if lowest is not None:
            some &= Q(price_minor__gte=lowest * 10**places)
        if highest is not None:
            some &= Q(price_minor__lte=highest * 10**places)
        fits |= some
    return rows.filter(fits)


def _in_order(rows: QuerySet[Item], sort: str) -> QuerySet[Item]:
    # A row without the value has no place in the order (and no cursor), so those orders leave it out.
    if sort == "talked":
        return rows.exclude(last_talk_at=None)
    return rows.exclude(price_minor=None) if sort == "price" else rows

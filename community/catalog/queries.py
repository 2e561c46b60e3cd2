"""Reads of the catalogue. Gates (`get_…`) raise `NotVisible` for absent and hidden rows alike; every read has a fixed
number of queries."""

from collections.abc import Sequence

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from community.catalog.models import ChannelListing, Creator, Item, ItemPicture, Tag, TaggedItem, Variant
from community.catalog.permissions import can_see_creator, can_see_item, visible_creators, visible_items
from community.core.errors import NotVisible
from community.core.paging import Slice, cut
from community.core.text import tag_key
from community.core.verdicts import ensure
from community.members.models import Member
from community.members.permissions import Viewer

ORDERS = {
    "newest": ("-published_at", "-id"),
    "talked": ("-last_talk_at", "-id"),
    "price": ("price_minor", "id"),
}


def get_item(*, item_id: int, viewer: Viewer) -> Item:
    """An item with all that its page shows. Raises `NotVisible`. 6 queries."""
    item = (
        Item.objects.select_related("shop", "creator__member", "creator__picture", "series")
        .prefetch_related(
            "tags",
            Prefetch("pictures", ItemPicture.objects.select_related("picture")),
            Prefetch("variants", Variant.objects.select_related("only_at")),
            Prefetch("listings", ChannelListing.objects.select_related("channel").order_by("channel__position", "pk")),
        )
        .filter(pk=item_id)
        .first()
    )
    if item is None:
        raise NotVisible(_("There is no such item."))
    ensure(can_see_item(viewer, item))
    return item


def get_creator(*, slug: str, viewer: Viewer) -> Creator:
    """Raises `NotVisible`. 1 query."""
    creator = Creator.objects.select_related("shop", "picture", "member").filter(slug=slug).first()
    if creator is None:
        raise NotVisible(_("There is no such creator."))
    ensure(can_see_creator(viewer, creator))
    return creator


def creator_of(*, member: Member, viewer: Viewer) -> Creator | None:
    """The creator that a member speaks for, if the viewer may see it. 1 query."""
    return Creator.objects.filter(visible_creators(viewer), member=member).first()


def get_tag(*, name: str) -> Tag:
    """A tag by its slug or any spelling of its name. Raises `NotVisible`. 1 query."""
    found = Tag.objects.filter(Q(slug=name) | Q(key=tag_key(name))).order_by("pk").first()
    if found is None:
        raise NotVisible(_("There is no such tag."))
    return found


def list_items(
    *,
    viewer: Viewer,
    sort: str = "newest",
    category: str = "",
    state: str = "",
    creator: Creator | None = None,
    tag: Tag | None = None,
    lowest: int | None = None,
    highest: int | None = None,
    cursor: str = "",
    size: int = 24,
) -> Slice[Item]:
    """One slice of the items this viewer may see, each with its creator and first picture; prices in minor units.

    Withdrawn items are listed only where `state` asks for them: their pages stay, the shelves do not show them.
    Raises `Invalid` for a foreign cursor. 2 queries.
    """
    rows = Item.objects.filter(visible_items(viewer))
    rows = rows.filter(state=state) if state else rows.exclude(state=Item.State.WITHDRAWN)
    given = {"category": category or None, "creator": creator}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    if tag is not None:
        rows = rows.filter(pk__in=TaggedItem.objects.filter(tag=tag).values("content_object"))
    return cut(
        with_card_parts(_in_order(_priced(rows, lowest, highest), sort)), by=ORDERS[sort], size=size, cursor=cursor
    )


def siblings(*, item: Item, viewer: Viewer, size: int = 4) -> Sequence[Item]:
    """Other items of the same series, else of the same creator, the newest first. 2 queries."""
    if item.creator_id is None:
        return []
    same = Q(series_id=item.series_id) if item.series_id else Q(creator_id=item.creator_id)
    rows = Item.objects.filter(visible_items(viewer), same).exclude(pk=item.pk).exclude(state=Item.State.WITHDRAWN)
    return list(with_card_parts(rows).order_by(*ORDERS["newest"])[:size])


def list_creators(*, viewer: Viewer, cursor: str = "", size: int = 24) -> Slice[Creator]:
    """Creators who have something to show, the newest first. 1 query."""
    rows = Creator.objects.filter(visible_creators(viewer), item_count__gt=0).select_related("picture", "shop")
    return cut(rows, by=("-id",), size=size, cursor=cursor)


def item_categories(*, viewer: Viewer, limit: int = 60) -> Sequence[str]:
    """The kinds of work that items have, in alphabetical order. 1 query."""
    rows = Item.objects.filter(visible_items(viewer)).exclude(category="").exclude(state=Item.State.WITHDRAWN)
    return list(rows.order_by("category").values_list("category", flat=True).distinct()[:limit])


def popular_tags(*, limit: int) -> Sequence[Tag]:
    """The tags on most items, each with `uses`. 1 query."""
    return list(Tag.objects.annotate(uses=Count("tagged_items")).filter(uses__gt=0).order_by("-uses", "key")[:limit])


def with_card_parts(rows: QuerySet[Item]) -> QuerySet[Item]:
    """What `home/_item_card.html` shows: creator and first picture."""
    first = ItemPicture.objects.filter(position=0).select_related("picture")
    return rows.select_related("creator", "shop").prefetch_related(Prefetch("pictures", first))


def _priced(rows: QuerySet[Item], lowest: int | None, highest: int | None) -> QuerySet[Item]:
    if lowest is not None:
        rows = rows.filter(price_minor__gte=lowest)
    return rows.filter(price_minor__lte=highest) if highest is not None else rows


def _in_order(rows: QuerySet[Item], sort: str) -> QuerySet[Item]:
    # A row without the value has no place in the order (and no cursor), so those orders leave it out.
    if sort == "talked":
        return rows.exclude(last_talk_at=None)
    return rows.exclude(price_minor=None) if sort == "price" else rows

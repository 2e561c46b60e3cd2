"""What of the catalogue can be found: items, creators and tags.

Sold and withdrawn items can be found, since talk hangs on them. A document's place is its shop; tags are everybody's.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.catalog.facts import (
    CreatorLinked,
    CreatorProfileChanged,
    CreatorsImported,
    ItemsImported,
    TagsMade,
)
from community.catalog.models import Creator, Item, Shop, Tag, TaggedItem
from community.catalog.permissions import visible_creators, visible_items
from community.core import facts, money
from community.core.text import plain_text
from community.core.text.fold import fold
from community.members.permissions import VISITOR, Viewer
from community.search import actions
from community.search.registry import PUBLIC, Card, Entry, Source, names, register, resolves, shows

ITEM, CREATOR, TAG = "item", "creator", "tag"
TEXT = 20_000  # characters of a description
SHOWN = 3_000  # characters in which an excerpt is looked for
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ITEM_PAGE = re.compile(r"/items/([1-9][0-9]{0,17})(?:/.*)?", re.ASCII)
_CREATOR_PAGE = re.compile(r"/creators/([^/]+)/?")


# --- Documents -----------------------------------------------------------------------------------------------


def items(ids: Sequence[int]) -> Iterable[Entry]:
    rows = Item.objects.filter(pk__in=ids).select_related("creator", "series")
    for item in rows.prefetch_related("tags", "pictures"):  # type: ignore[misc]  # taggit's manager is one
        yield _item(item)


def _item(item: Item) -> Entry:
    creator, tags = item.creator, sorted(item.tags.all(), key=lambda tag: tag.pk)
    marks = [f"tag:{tag.key}" for tag in tags]
    marks += [f"in:k{fold(item.category)}"] if item.category else []
    if creator is not None:
        marks += [f"by:k{creator.pk}", *([f"by:m{creator.member_id}"] if creator.member_id else [])]
    marks += ["has:picture"] if item.pictures.all() else []
    called = [creator.name if creator else "", item.series.name if item.series else "", item.category]
    return Entry(
        kind=ITEM,
        object_id=item.pk,
        place=_place(item.shop_id),
        created_at=item.published_at,
        title=item.title,
        aside="\n".join([*filter(None, called), *(tag.name for tag in tags)]),
        body=plain_text(item.description, limit=TEXT),
        price=_main_units(item.price_minor, item.currency),
        marks=tuple(marks),
    )


def _main_units(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else money.to_decimal(minor, currency)


def creators(ids: Sequence[int]) -> Iterable[Entry]:
    for creator in Creator.objects.filter(pk__in=ids):
        own = [f"by:m{creator.member_id}"] if creator.member_id else []
        yield Entry(
            kind=CREATOR,
            object_id=creator.pk,
            place=_place(creator.shop_id),
            created_at=creator.joined_at or creator.imported_at,
            title=creator.name,
            aside="\n".join(filter(None, (creator.craft, creator.place))),
            body=plain_text(creator.bio, limit=TEXT),
            timeless=True,
            marks=(f"by:k{creator.pk}", *own, *(["has:picture"] if creator.picture_id else [])),
        )


def tags(ids: Sequence[int]) -> Iterable[Entry]:
    for tag in Tag.objects.filter(pk__in=ids):
        mark = f"tag:{tag.key}"
        yield Entry(kind=TAG, object_id=tag.pk, created_at=EPOCH, timeless=True, title=tag.name, marks=(mark,))


def _place(shop_id: int) -> str:
    return f"shop.{shop_id}"


# --- When what can be found changes --------------------------------------------------------------------------


@facts.within(ItemsImported)
def items_changed(fact: ItemsImported) -> None:
    actions.index_later(ITEM, fact.item_ids)


@facts.within(CreatorsImported)
def creators_imported(fact: CreatorsImported) -> None:
    _creators_changed(fact.creator_ids)


@facts.within(CreatorProfileChanged, CreatorLinked)
def creator_changed(fact: CreatorProfileChanged | CreatorLinked) -> None:
    _creators_changed([fact.creator_id])


def _creators_changed(ids: Sequence[int]) -> None:
    """Items are found by the name of their maker."""
    actions.index_later(CREATOR, ids)
    works = Item.objects.filter(creator_id__in=ids).order_by("pk").values_list("pk", flat=True)
    actions.index_later(ITEM, list(works))


@facts.within(TagsMade)
def tags_made(fact: TagsMade) -> None:
    actions.index_later(TAG, fact.tag_ids)


# --- How they look -------------------------------------------------------------------------------------------


def item_cards(ids: Sequence[int], viewer: Viewer) -> Mapping[int, Card]:
    rows = Item.objects.filter(visible_items(viewer), pk__in=ids).select_related("creator")
    return {row.pk: _item_card(row) for row in rows.prefetch_related("pictures__picture")}


def _item_card(item: Item) -> Card:
    face = next((row.face()["thumb_url"] for row in item.pictures.all()), "")
    state = str(item.get_state_display()) if item.state != Item.State.ON_SALE else ""
    return Card(
        url=item.get_absolute_url(),
        title=item.title,
        text=plain_text(item.description, limit=SHOWN),
        label=_("Item"),
        facts=tuple(filter(None, (item.creator.name if item.creator else "", item.category, state))),
        picture=face,
        seed=str(item.pk),
        price_minor=item.price_minor,
        currency=item.currency,
        icon="item",
    )


def creator_cards(ids: Sequence[int], viewer: Viewer) -> Mapping[int, Card]:
    rows = Creator.objects.filter(visible_creators(viewer), pk__in=ids).select_related("picture")
    return {row.pk: _creator_card(row) for row in rows}


def _creator_card(creator: Creator) -> Card:
    return Card(
        url=creator.get_absolute_url(),
        title=creator.name,
        text=plain_text(creator.bio, limit=SHOWN),
        label=_("Creator"),
        facts=tuple(filter(None, (creator.craft, creator.place))),
        picture=creator.picture.thumb_url if creator.picture else "",
        seed=creator.slug,
        icon="maker",
    )


def tag_cards(ids: Sequence[int], viewer: Viewer) -> Mapping[int, Card]:
    rows = Tag.objects.filter(pk__in=ids)
    return {
        row.pk: Card(url=reverse("home:tag", args=[row.slug]), title=f"#{row.name}", label=_("Tag"), icon="tag")
        for row in rows
    }


# --- What is asked for ---------------------------------------------------------------------------------------


def readable(viewer: Viewer) -> Iterable[str]:
    shops = Shop.objects.all() if viewer.is_manager else Shop.objects.filter(is_open=True)
    return [_place(pk) for pk in shops.values_list("pk", flat=True)]


def makers(value: str) -> list[str]:
    """by: and the name of a maker, or their address; a part of the name where nobody has it whole."""
    ways = [Q(slug=value) | Q(name__iexact=value)] + ([Q(name__icontains=value)] if len(value) > 1 else [])
    for way in ways:
        if found := list(Creator.objects.filter(way).values_list("pk", flat=True)[:20]):
            return [f"by:k{pk}" for pk in sorted(found)]
    return []


def example_of_a_maker() -> str:
    """Who has the most works."""
    row = Creator.objects.filter(visible_creators(VISITOR), item_count__gt=0).order_by("-item_count", "pk").first()
    return row.name if row is not None else ""


def example_of_a_tag() -> str:
    """What the newest works are tagged with most often."""
    newest = TaggedItem.objects.order_by("-pk").values_list("tag__name", flat=True)[:200]
    return next((name for name, _times in Counter(newest).most_common(1)), "")


def example_of_a_price() -> str:
    """About what the newest work costs."""
    rows = Item.objects.filter(visible_items(VISITOR), price_minor__gt=0).order_by("-published_at", "-pk")
    row = rows.only("price_minor", "currency").first()
    if row is None or row.price_minor is None:
        return ""
    price = int(money.to_decimal(row.price_minor, row.currency))
    step = 10 ** max(0, len(str(price)) - 1)
    return f"{price // step * step}..{price // step * step + step}"


def example_of_a_work() -> str:
    """The name of the newest work."""
    rows = Item.objects.filter(visible_items(VISITOR)).order_by("-published_at", "-pk")
    return rows.values_list("title", flat=True).first() or ""


def kinds_of_work(value: str) -> list[str]:
    known = Item.objects.filter(category__iexact=value)[:1]
    return [f"in:k{fold(value)}"] if known else []


def maker_names(ids: Sequence[str]) -> Mapping[str, str]:
    rows = Creator.objects.filter(pk__in=[int(pk) for pk in ids])
    return {str(pk): name for pk, name in rows.values_list("pk", "name")}


def tag_names(keys: Sequence[str]) -> Mapping[str, str]:
    return dict(Tag.objects.filter(key__in=keys).values_list("key", "name"))


def pasted_item(path: str) -> int | None:
    found = _ITEM_PAGE.fullmatch(path)
    return int(found[1]) if found else None


def pasted_creator(path: str) -> int | None:
    found = _CREATOR_PAGE.fullmatch(path)
    return Creator.objects.filter(slug=found[1]).values_list("pk", flat=True).first() if found else None


def item_ids(after: int, size: int) -> list[int]:
    return list(Item.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size])


def creator_ids(after: int, size: int) -> list[int]:
    return list(Creator.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size])


def tag_ids(after: int, size: int) -> list[int]:
    return list(Tag.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size])


register(Source(
    kind=ITEM, name=gettext_lazy("Items"), entries=items, ids=item_ids, cards=item_cards, places=readable,
    pasted=pasted_item, position=10,
))  # fmt: skip
register(Source(
    kind=CREATOR, name=gettext_lazy("Creators"), entries=creators, ids=creator_ids, cards=creator_cards,
    places=readable, pasted=pasted_creator, position=40,
))  # fmt: skip
register(Source(
    kind=TAG, name=gettext_lazy("Tags"), entries=tags, ids=tag_ids, cards=tag_cards, places=lambda _viewer: [PUBLIC],
    position=50,
))  # fmt: skip
resolves("by", makers)
resolves("in", kinds_of_work)
names("by:k", maker_names)
names("tag:", tag_names)
shows("by", example_of_a_maker)
shows("tag", example_of_a_tag)
shows("price", example_of_a_price)
shows("words", example_of_a_work)

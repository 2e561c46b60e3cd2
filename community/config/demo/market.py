"""The shops, makers and works of the demo, brought in the way a shop brings in its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from community.catalog import actions
from community.catalog.actions.rows import CreatorRow, ItemRow, ListingRow, Outcome, Result, VariantRow
from community.catalog.facts import ItemsImported
from community.catalog.models import Channel, Creator, Item, ItemPicture, Shop
from community.config.demo.book import Book, BookError, age
from community.config.demo.easel import Easel, Sketch
from community.core import facts
from community.core.clock import held_at
from community.core.pictures import mark_used
from community.core.work import unit
from community.members.models import Member

Raw = dict[str, Any]


def open_shops(book: Book, *, anchor: datetime) -> dict[str, Shop]:
    """The shops with their selling channels, by slug."""
    shops = {}
    for row in book.shops:
        shop = Shop.objects.filter(slug=row["slug"]).first()
        if shop is None:
            with held_at(anchor):
                shop = actions.create_shop(name=row["name"], slug=row["slug"], site_url=row["site_url"])
        channels = [
            Channel(shop=shop, code=one["code"], name=one["name"], position=place)
            for place, one in enumerate(row["channel"])
        ]
        Channel.objects.bulk_create(channels, ignore_conflicts=True)
        shops[row["slug"]] = shop
    return shops


def bring_in(book: Book, shops: dict[str, Shop], *, anchor: datetime) -> None:
    """Makers and works through the same verbs as the import API; the same words again change nothing."""
    with held_at(anchor):
        for slug, shop in shops.items():
            mine = [row for row in book.creators if row["shop"] == slug]
            _all_in(actions.upsert_creators(shop=shop, rows=[_creator(row, anchor) for row in mine]))
            works = [_item(item, row, shop, anchor) for row in mine for item in row["item"]]
            _all_in(actions.upsert_items(shop=shop, rows=works))


def link_makers(book: Book, shops: dict[str, Shop], *, by: Member, easel: Easel) -> None:
    """Say which account speaks for which maker, and hang up the maker's crest."""
    for row in book.creators:
        creator = Creator.objects.get(shop=shops[row["shop"]], external_id=row["slug"])
        if creator.member_id is None:
            member = Member.objects.get(handle=row["handle"])
            _link(creator, member, by=by, easel=easel, sketch=crest(row))


def crest(row: Raw) -> Sketch:
    return Sketch.of(f"workshop {row['slug']}", row["crest"])


def unlinked(book: Book) -> list[Sketch]:
    linked = set(Creator.objects.filter(member__isnull=False).values_list("external_id", flat=True))
    return [crest(row) for row in book.creators if row["slug"] not in linked]


def views(book: Book) -> list[tuple[str, str, Sketch, str]]:
    """Every picture of every work: shop, key, sketch, alternative text."""
    return [
        (row["shop"], item["key"], Sketch.of(f"{item['key']} {place}", one), one.get("alt", ""))
        for row in book.creators
        for item in row["item"]
        for place, one in enumerate(item["pictures"])
    ]


def unhung(book: Book) -> list[tuple[str, str, Sketch, str]]:
    """Those whose place at their work is still empty."""
    rows = ItemPicture.objects.filter(item__shop__slug__in=[row["slug"] for row in book.shops])
    shown = set(rows.values_list("item__external_id", "position"))
    return [view for view in views(book) if (view[1], place_of(view[2])) not in shown]


def place_of(view: Sketch) -> int:
    """A view's place among its work's pictures, from 0: the last word of its name."""
    return int(view.name.rpartition(" ")[2])


def hang_all(wanted: Sequence[tuple[str, str, Sketch, str]], *, easel: Easel, step: Callable[[], None]) -> None:
    for shop, key, sketch, alt in wanted:
        _hang(Item.objects.get(shop__slug=shop, external_id=key), sketch, alt, easel)
        step()


@unit
def _hang(item: Item, sketch: Sketch, alt: str, easel: Easel) -> None:
    picture = easel.hang(sketch, owner_id=None)
    mark_used([picture.pk])
    ItemPicture.objects.create(item=item, picture=picture, position=place_of(sketch), alt=alt)
    facts.record(ItemsImported(item.shop_id, (item.pk,)))


@unit
def _link(creator: Creator, member: Member, *, by: Member, easel: Easel, sketch: Sketch) -> None:
    picture = easel.hang(sketch, owner_id=member.pk)
    mark_used([picture.pk])
    Creator.objects.filter(pk=creator.pk).update(picture=picture)
    actions.link_creator(by=by, creator_id=creator.pk, member=member)  # tells of the picture, too


def _creator(row: Raw, anchor: datetime) -> CreatorRow:
    return CreatorRow(
        external_id=row["slug"],
        name=row["name"],
        craft=row["craft"],
        place=row["place"],
        craft_started_year=row["since"],
        bio=row["bio"].strip(),
        links=[{"label": label, "url": url} for label, url in row["links"]],
        joined_at=anchor - age(row["joined"]),
    )


def _item(row: Raw, creator: Raw, shop: Shop, anchor: datetime) -> ItemRow:
    return ItemRow(
        external_id=row["key"],
        title=row["title"],
        description=row["description"].strip(),
        creator=creator["slug"],
        series=row.get("series", ""),
        category=row["category"],
        price_minor=row["price"],
        currency="JPY",
        state=row.get("state", "on_sale"),
        url=f"{shop.site_url}items/{row['key']}/",
        published_at=anchor - age(row["listed"]),
        attributes=row["attributes"],
        tags=row["tags"],
        variants=[_variant(one) for one in row.get("variants", ())],
        listings=[_listing(one, row, shop) for one in row.get("listings", ())],
    )


def _variant(row: Raw) -> VariantRow:
    return VariantRow(
        external_id=row["id"],
        name=row["name"],
        price_minor=row.get("price"),
        state=row.get("state", "on_sale"),
        only_at=row.get("only_at", ""),
    )


def _listing(row: Raw, item: Raw, shop: Shop) -> ListingRow:
    """On its own channel the shop's page, elsewhere a page of that (fictional) mall."""
    own = row["channel"] == "own"
    return ListingRow(
        channel=row["channel"],
        url=f"{shop.site_url}items/{item['key']}/" if own else f"https://{row['channel']}.example.com/{item['key']}/",
        price_minor=row.get("price"),
        in_stock=row.get("in_stock", True),
        benefit=row.get("benefit", ""),
    )


def _all_in(results: Sequence[Result]) -> None:
    refused = [f"{one.external_id}: {one.field} {one.reason}" for one in results if one.outcome is Outcome.REFUSED]
    if refused:
        raise BookError("; ".join(refused))

"""Items come in, go out of the offer, and never disappear: talk hangs on them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from community.catalog.actions import children, sql
from community.catalog.actions.batch import Wave, hold, ids_of, in_waves, store
from community.catalog.actions.descriptions import rendered, to_markdown
from community.catalog.actions.rows import ItemRow, Outcome, Result, fingerprint
from community.catalog.actions.tags import tags_for
from community.catalog.facts import ItemsImported
from community.catalog.models import Creator, Item, Series, Shop
from community.core import facts
from community.core.clock import now
from community.core.errors import NotVisible
from community.core.work import unit

ONCE = ("published_at", "thread_count", "question_count", "answered_count")


def upsert_items(*, shop: Shop, rows: Sequence[ItemRow]) -> list[Result]:
    """Bring in the items of `shop`; one result per row, in order. Each wave of rows is one transaction.

    A creator that is not here yet is remembered and linked when it comes.
    """
    return in_waves(Item, shop, rows, _write)


@unit
def withdraw_item(*, shop: Shop, external_id: str, at: datetime | None = None) -> Item:
    """Take an item out of the offer. Its page and its talk stay; a later import can offer it again.

    `at` is when the shop did so (default: now); older news about the item is ignored from then on.
    Raises `NotVisible` when the shop has no such item.
    """
    item = Item.objects.select_for_update(no_key=True).filter(shop=shop, external_id=external_id).first()
    if item is None:
        raise NotVisible("item")
    at = at or now()
    if item.source_updated_at is not None and at < item.source_updated_at:
        return item
    item.state, item.source_updated_at, item.fingerprint = Item.State.WITHDRAWN, at, ""
    item.save(update_fields=["state", "source_updated_at", "fingerprint"])
    if item.creator_id is not None:
        count_items([item.creator_id])
    facts.record(ItemsImported(shop.pk, (item.pk,)))
    return item


def count_items(creator_ids: Collection[int]) -> None:
    """Count anew what each creator offers or has sold. Locks in the order of ids, then counts what is committed."""
    if not creator_ids:
        return
    wanted = sorted(creator_ids)
    list(Creator.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values_list("pk"))
    sql.run(
        "UPDATE catalog_creator c SET item_count = (SELECT count(*) FROM catalog_item i"
        " WHERE i.creator_id = c.id AND i.state <> 'withdrawn') WHERE c.id = ANY(%s)",
        [wanted],
        fetch=False,
    )


def _write(wave: Wave[ItemRow]) -> None:
    shop = wave.shop
    hold(shop, "creators", alone=False)
    if wave.has_new:
        hold(shop, "items", alone=True)
    creators = ids_of(Creator, shop, (row.creator for row in wave.to_write))
    tags = {tag.key: tag.pk for tag in tags_for(sorted({name for row in wave.to_write for name in row.tags}))}
    series = _series(wave.to_write, creators)
    before = _creators_before(wave)
    records = [_record(wave, row, creators, series) for row in wave.to_write]
    store(Item, wave, records, once=ONCE)
    written = wave.written()
    children.replace_tags(wave, written, tags)
    children.replace_variants(wave, written)
    children.replace_listings(wave, written)
    children.replace_pictures(wave, written)
    if wave.has_new:
        _link_lines(shop, list(wave.ids.values()))
    count_items(before | {creators[row.creator] for row in written if row.creator in creators})
    if wave.ids:
        new = (pk for external_id, pk in wave.ids.items() if wave.outcomes[external_id] == Outcome.CREATED)
        facts.record(ItemsImported(shop.pk, tuple(wave.ids.values()), tuple(new)))


def _record(
    wave: Wave[ItemRow], row: ItemRow, creators: dict[str, int], series: dict[tuple[int, str], int]
) -> dict[str, Any]:
    description, warnings = to_markdown(row.description, row.description_format)
    row.warnings += warnings
    creator_id = creators.get(row.creator)
    record = wave.origin(row)
    if row.series and creator_id is None:
        # The series is its creator's: once they are here, the same words mean more than now.
        record["fingerprint"] = fingerprint(["waits for its creator", record["fingerprint"]])
        row.warnings.append("series: the creator is not known yet")
    return record | {
        "creator_id": creator_id,
        "creator_ref": row.creator,
        "series_id": series.get((creator_id, row.series)) if creator_id and row.series else None,
        "title": row.title,
        "slug": slugify(row.title, allow_unicode=True)[:120].strip("-"),
        "description": description,
        "description_html": rendered(description),
        "category": row.category,
        "price_minor": row.price_minor,
        "currency": row.currency,
        "state": row.state,
        "url": row.url,
        "published_at": row.published_at or now(),
        "attributes": row.attributes,
        "thread_count": 0,
        "question_count": 0,
        "answered_count": 0,
    }


def _creators_before(wave: Wave[ItemRow]) -> set[int]:
    """Whose counts change because an item leaves them."""
    if not wave.known:
        return set()
    changing = [row.external_id for row in wave.to_write if row.external_id in wave.known]
    rows = Item.objects.filter(shop=wave.shop, external_id__in=changing, creator__isnull=False)
    return {pk for pk in rows.values_list("creator_id", flat=True) if pk is not None}


def _series(rows: Sequence[ItemRow], creators: dict[str, int]) -> dict[tuple[int, str], int]:
    """The series that the rows name, made where they are missing."""
    wanted = sorted({(creators[row.creator], row.series) for row in rows if row.series and row.creator in creators})
    if not wanted:
        return {}
    made = [
        Series(creator_id=creator_id, name=name, slug=slugify(name, allow_unicode=True)[:100] or "series")
        for creator_id, name in wanted
    ]
    Series.objects.bulk_create(made, ignore_conflicts=True)
    found = Series.objects.filter(creator_id__in={creator_id for creator_id, _name in wanted})
    return {(one.creator_id, one.name): one.pk for one in found}


def _link_lines(shop: Shop, item_ids: list[int]) -> None:
    """Order lines that came before their item."""
    sql.run(
        "UPDATE catalog_orderline l SET item_id = i.id FROM catalog_item i, catalog_order o"
        " WHERE i.id = ANY(%s) AND l.item_id IS NULL AND l.sku = i.external_id"
        " AND o.id = l.order_id AND o.shop_id = %s",
        [item_ids, shop.pk],
        fetch=False,
    )

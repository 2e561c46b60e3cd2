"""What hangs on an item row: tags, variants, listings, pictures. Written only for items that changed.

Rows that stay keep their id, since other tables may point at them; what the shop no longer names goes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from community.catalog.actions import sql
from community.catalog.actions.batch import Wave
from community.catalog.actions.rows import ItemRow
from community.catalog.models import Channel, ChannelListing, ItemPicture, Shop, TaggedItem, Variant
from community.core.text import tag_key


def replace_tags(wave: Wave[ItemRow], rows: Sequence[ItemRow], tags: Mapping[str, int]) -> None:
    pairs = [
        {"content_object_id": wave.ids[row.external_id], "tag_id": tags[key]}
        for row in rows
        for name in row.tags
        if (key := tag_key(name)) in tags
    ]
    _delete_unnamed(wave, rows, "catalog_taggeditem", "content_object_id", TaggedItem, pairs, ("tag_id",))
    sql.upsert(TaggedItem, pairs, key=("tag_id", "content_object_id"))


def replace_variants(wave: Wave[ItemRow], rows: Sequence[ItemRow]) -> None:
    channels = channel_ids(wave.shop, {one.only_at for row in rows for one in row.variants if one.only_at})
    records = [
        {
            "item_id": wave.ids[row.external_id],
            "external_id": one.external_id,
            "name": one.name,
            "price_minor": one.price_minor,
            "state": one.state,
            "only_at_id": channels.get(one.only_at),
            "position": position,
        }
        for row in rows
        for position, one in enumerate(row.variants)
    ]
    _delete_unnamed(wave, rows, "catalog_variant", "item_id", Variant, records, ("external_id",))
    sql.upsert(Variant, records, key=("item_id", "external_id"))


def replace_listings(wave: Wave[ItemRow], rows: Sequence[ItemRow]) -> None:
    channels = channel_ids(wave.shop, {one.channel for row in rows for one in row.listings})
    records = [
        {
            "item_id": wave.ids[row.external_id],
            "channel_id": channels[one.channel],
            "url": one.url,
            "price_minor": one.price_minor,
            "in_stock": one.in_stock,
            "benefit": one.benefit,
            "benefit_from": one.benefit_from,
            "benefit_until": one.benefit_until,
        }
        for row in rows
        for one in row.listings
    ]
    _delete_unnamed(wave, rows, "catalog_channellisting", "item_id", ChannelListing, records, ("channel_id",))
    sql.upsert(ChannelListing, records, key=("item_id", "channel_id"))


def replace_pictures(wave: Wave[ItemRow], rows: Sequence[ItemRow]) -> None:
    """Remote pictures are the shop's list; pictures that were uploaded to us stay, before them."""
    ids = _changed_ids(wave, rows)
    if ids:
        sql.run("DELETE FROM catalog_itempicture WHERE item_id = ANY(%s) AND remote_url <> ''", [ids], fetch=False)
    if not any(row.pictures for row in rows):
        return
    taken = dict(
        sql.run("SELECT item_id, max(position) + 1 FROM catalog_itempicture WHERE item_id = ANY(%s) GROUP BY 1", [ids])
        if ids
        else []
    )
    records = [
        {
            "item_id": wave.ids[row.external_id],
            "position": taken.get(wave.ids[row.external_id], 0) + place,
            "remote_url": one.url,
            "alt": one.alt,
        }
        for row in rows
        for place, one in enumerate(row.pictures)
    ]
    sql.upsert(ItemPicture, records, key=("item_id", "position"))


def channel_ids(shop: Shop, codes: set[str]) -> dict[str, int]:
    """The shop's channels by code; an unknown code becomes a channel that a manager can give a better name."""
    if not codes:
        return {}
    Channel.objects.bulk_create(
        [Channel(shop=shop, code=code, name=code.replace("-", " ").title()) for code in sorted(codes)],
        ignore_conflicts=True,
    )
    return dict(Channel.objects.filter(shop=shop, code__in=codes).values_list("code", "pk"))


def _changed_ids(wave: Wave[ItemRow], rows: Sequence[ItemRow]) -> list[int]:
    """Items that may have children already."""
    return [wave.ids[row.external_id] for row in rows if row.external_id in wave.known]


def _delete_unnamed(
    wave: Wave[ItemRow],
    rows: Sequence[ItemRow],
    table: str,
    parent: str,
    model: Any,
    records: Sequence[sql.Record],
    names: tuple[str, ...],
) -> None:
    """Delete the children of changed items that the new rows do not name."""
    ids = _changed_ids(wave, rows)
    if not ids:
        return
    kept = [{column: one[column] for column in (parent, *names)} for one in records]
    given = sql.recordset(model, (parent, *names))
    same = " AND ".join(f't."{column}" = r."{column}"' for column in (parent, *names))
    sql.run(
        f'DELETE FROM "{table}" t WHERE t."{parent}" = ANY(%s)'  # noqa: S608
        f" AND NOT EXISTS (SELECT 1 FROM {given} WHERE {same})",
        [ids, sql.as_json(kept)],
        fetch=False,
    )

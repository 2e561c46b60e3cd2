"""Creators come in from their shop."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from django.db import IntegrityError
from django.utils.text import slugify

from community.catalog.actions import sql
from community.catalog.actions.batch import Wave, hold, in_waves, store
from community.catalog.actions.descriptions import rendered, to_markdown
from community.catalog.actions.items import count_items
from community.catalog.actions.rows import CreatorRow, Result
from community.catalog.facts import CreatorsImported
from community.catalog.models import Creator, Shop
from community.core import facts

# Once the creator has written their own profile, these are theirs.
THEIRS = ("name", "craft", "place", "craft_started_year", "bio", "bio_html", "links")
UNLESS = dict.fromkeys(THEIRS, "t.edited_at IS NOT NULL")


def upsert_creators(*, shop: Shop, rows: Sequence[CreatorRow]) -> list[Result]:
    """Bring in the creators of `shop`; one result per row, in order."""
    try:
        return in_waves(Creator, shop, rows, lambda wave: _write(wave, plain=True))
    except IntegrityError:
        # Two shops brought creators of one name at the same moment; addresses with a mark of their own cannot meet.
        return in_waves(Creator, shop, rows, lambda wave: _write(wave, plain=False))


def _write(wave: Wave[CreatorRow], *, plain: bool) -> None:
    hold(wave.shop, "creators", alone=True)
    slugs = _slugs(wave, plain=plain)
    store(
        Creator, wave, [_record(wave, row, slugs[row.external_id]) for row in wave.to_write],
        once=("slug", "item_count"), unless=UNLESS,
    )  # fmt: skip
    if wave.has_new:
        count_items(_link_items(wave.shop, list(wave.ids.values())))
    if wave.ids:
        facts.record(CreatorsImported(wave.shop.pk, tuple(wave.ids.values())))


def _record(wave: Wave[CreatorRow], row: CreatorRow, slug: str) -> dict[str, Any]:
    bio, warnings = to_markdown(row.bio, row.bio_format)
    row.warnings += warnings
    return wave.origin(row) | {
        "slug": slug,
        "name": row.name,
        "craft": row.craft,
        "place": row.place,
        "craft_started_year": row.craft_started_year,
        "bio": bio,
        "bio_html": rendered(bio),
        "links": row.links,
        "joined_at": row.joined_at,
        "item_count": 0,
    }


def _slugs(wave: Wave[CreatorRow], *, plain: bool) -> dict[str, str]:
    """An address for each row: the name where it is free, else the name with a mark made of shop and id."""
    wished = {
        row.external_id: slugify(row.name, allow_unicode=True)[:60].strip("-") or "creator" for row in wave.to_write
    }
    taken = set(_taken(wished.values())) if plain else set(wished.values())
    slugs = {}
    for external_id, slug in wished.items():
        if slug in taken:
            slug = f"{slug}-{_mark(wave.shop, external_id)}"
        taken.add(slug)
        slugs[external_id] = slug
    return slugs


def _taken(slugs: Iterable[str]) -> Iterable[str]:
    return Creator.objects.filter(slug__in=set(slugs)).values_list("slug", flat=True)


def _mark(shop: Shop, external_id: str) -> str:
    return blake2b(f"{shop.pk}:{external_id}".encode(), digest_size=5).hexdigest()


def _link_items(shop: Shop, creator_ids: list[int]) -> set[int]:
    """Items that came before their creator; returns whose they are."""
    found = sql.run(
        "UPDATE catalog_item i SET creator_id = c.id FROM catalog_creator c"
        " WHERE c.id = ANY(%s) AND i.shop_id = %s AND i.creator_id IS NULL AND i.creator_ref = c.external_id"
        " RETURNING c.id",
        [creator_ids, shop.pk],
    )
    return {pk for (pk,) in found}

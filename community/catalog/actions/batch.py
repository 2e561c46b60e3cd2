"""What all kinds of rows have in common when they come in.

A call is cut into waves in which every id is named once. A wave is one transaction: it looks up what we have, leaves
out what is unchanged or older, upserts the rest under a guard that PostgreSQL itself checks, and then its children.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from django.db import models

from community.catalog.actions import sql
from community.catalog.actions.rows import Outcome, R, Result
from community.catalog.models import FromShop, Shop
from community.core.clock import now
from community.core.work import open_unit

WAVE = 1_000  # rows per transaction

# An older row never overwrites a newer one, and the same words write nothing. Rows without a time count as new.
NEWER = (
    "(t.source_updated_at IS NULL OR EXCLUDED.source_updated_at IS NULL"
    " OR EXCLUDED.source_updated_at >= t.source_updated_at) AND t.fingerprint <> EXCLUDED.fingerprint"
)


@dataclass(slots=True)
class Wave(Generic[R]):
    """Rows with distinct ids, what we have of them, and what is to be written."""

    shop: Shop
    rows: list[R]
    prints: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    to_write: list[R] = field(default_factory=list)
    to_touch: list[R] = field(default_factory=list)

    @property
    def has_new(self) -> bool:
        return len(self.known) < len(self.rows)

    def written(self) -> list[R]:
        """The rows that were created or changed."""
        return [row for row in self.to_write if row.external_id in self.ids]

    def origin(self, row: R) -> dict[str, Any]:
        """The columns that every row of a shop has."""
        return {
            "shop_id": self.shop.pk,
            "external_id": row.external_id,
            "source_updated_at": row.updated_at,
            "fingerprint": self.prints[row.external_id],
            "imported_at": now(),
        }

    def results(self) -> list[Result]:
        return [
            Result(row.external_id, self.outcomes[row.external_id], warnings=tuple(row.warnings)) for row in self.rows
        ]


def in_waves(
    model: type[FromShop], shop: Shop, rows: Sequence[R], write: Callable[[Wave[R]], None], size: int = WAVE
) -> list[Result]:
    """Bring in `rows`, each wave in a transaction of its own; one result per row, in the order of the rows."""
    results: list[Result] = []
    for part in _distinct(rows, size):
        with open_unit():
            wave = _looked_up(model, Wave(shop=shop, rows=part))
            if wave.to_write:
                write(wave)
        # On its own, since a second statement that locks rows after the first could meet another import head-on.
        with open_unit():
            _touch(model, wave)
        results += wave.results()
    return results


def store(model: type[FromShop], wave: Wave[R], records: list[dict[str, Any]], *, guard: str = "", **how: Any) -> None:
    """Upsert the wave's records and note what became of each."""
    found = sql.upsert(
        model,
        records,
        key=("shop_id", "external_id"),
        where=f"WHERE {NEWER} {guard}",
        returning="t.external_id, t.id, xmax = 0",
        **how,
    )
    for external_id, pk, created in found:
        wave.ids[external_id] = pk
        wave.outcomes[external_id] = Outcome.CREATED if created else Outcome.CHANGED
    left = {record["external_id"]: record["fingerprint"] for record in records if record["external_id"] not in wave.ids}
    if left:
        # Somebody else brought the same or a newer row between our look and our write.
        rows = model._default_manager.filter(shop=wave.shop, external_id__in=left)
        have = dict(rows.values_list("external_id", "fingerprint"))
        for external_id, digest in left.items():
            wave.outcomes[external_id] = Outcome.UNCHANGED if have.get(external_id) == digest else Outcome.STALE


def ids_of(model: type[FromShop], shop: Shop, external_ids: Iterable[str]) -> dict[str, int]:
    """Our ids of the shop's rows that are here."""
    wanted = {one for one in external_ids if one}
    if not wanted:
        return {}
    rows = model._default_manager.filter(shop=shop, external_id__in=wanted)
    return dict(rows.values_list("external_id", "pk"))


def hold(shop: Shop, what: str, *, alone: bool) -> None:
    """Wait, until the end of the transaction, for whoever links the same kind of rows.

    Who writes references holds `what` together with others; who creates the rows that are referred to holds it
    `alone`. Otherwise an order could miss the item that is created at the same moment, and the item the order.
    Always taken before any row lock, in the order of the alphabet.
    """
    shared = "" if alone else "_shared"
    # Two integers: the second is a hash of the word, the first the shop.
    sql.run(f"SELECT pg_advisory_xact_lock{shared}(%s, hashtext(%s))", [shop.pk, f"catalog.{what}"])


def _distinct(rows: Sequence[R], size: int) -> Iterable[list[R]]:
    part: dict[str, R] = {}
    for row in rows:
        if row.external_id in part or len(part) >= size:
            yield list(part.values())
            part = {}
        part[row.external_id] = row
    if part:
        yield list(part.values())


def _looked_up(model: type[FromShop], wave: Wave[R]) -> Wave[R]:
    have = {
        external_id: (digest, at)
        for external_id, digest, at in model._default_manager.filter(
            shop=wave.shop, external_id__in=[row.external_id for row in wave.rows]
        ).values_list("external_id", "fingerprint", "source_updated_at")
    }
    wave.known = set(have)
    for row in wave.rows:
        digest = wave.prints[row.external_id] = row.fingerprint()
        old_digest, old_at = have.get(row.external_id, (None, None))
        if _is_older(row.updated_at, old_at):
            wave.outcomes[row.external_id] = Outcome.STALE
        elif digest == old_digest:
            wave.outcomes[row.external_id] = Outcome.UNCHANGED
            if row.updated_at is not None and row.updated_at != old_at:
                wave.to_touch.append(row)
        else:
            wave.to_write.append(row)
    return wave


def _is_older(at: datetime | None, have: datetime | None) -> bool:
    return at is not None and have is not None and at < have


def _touch(model: type[models.Model], wave: Wave[R]) -> None:
    """The same words at a later time: remember the time, so that what was said in between stays out."""
    if not wave.to_touch:
        return
    records = [{"external_id": row.external_id, "source_updated_at": row.updated_at} for row in wave.to_touch]
    given = sql.recordset(model, ["external_id", "source_updated_at"])
    table = model._meta.db_table
    sql.run(
        f'WITH mine AS (SELECT t.id, r.source_updated_at FROM "{table}" t JOIN {given} '  # noqa: S608
        "ON t.external_id = r.external_id WHERE t.shop_id = %s "
        "AND (t.source_updated_at IS NULL OR t.source_updated_at < r.source_updated_at) "
        'ORDER BY t.external_id COLLATE "C" FOR NO KEY UPDATE OF t) '
        f'UPDATE "{table}" t SET source_updated_at = mine.source_updated_at FROM mine WHERE t.id = mine.id',
        [sql.as_json(records), wave.shop.pk],
        fetch=False,
    )

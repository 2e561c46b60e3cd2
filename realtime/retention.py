"""Removes what is older than the log promises to keep, a little at a time."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from realtime.conf import live

_TOO_LONG = "SELECT name, seq - %s FROM realtime_stream WHERE seq - floor > %s ORDER BY name LIMIT %s"

_TOO_OLD = """
SELECT stream, max(seq) FROM (
    SELECT stream, seq FROM realtime_streamevent WHERE at < %s LIMIT %s
) old GROUP BY stream ORDER BY stream
"""

# Bounded, so that a writer of this stream waits for a few milliseconds at the most.
_STEP = "SELECT least(%s, floor + %s) FROM realtime_stream WHERE name = %s AND floor < %s"
_FLOOR = "UPDATE realtime_stream SET floor = greatest(floor, %s) WHERE name = %s"


@dataclass(frozen=True, slots=True)
class Trimmed:
    events: int
    streams: int


def trim(*, batch: int = 1_000, budget: int = 200_000) -> Trimmed:
    """Keep `keep_events` events and `keep_days` days per stream; remove at most about `budget` events a call.

    Every step is one short transaction on one stream, so a reader never finds a hole, only a floor above its number,
    which reads as "reload". It locks events before their stream, as a writer does that redacts and then appends.
    """
    removed, streams = 0, set()
    for name, upto in _candidates(budget):
        while removed < budget:
            count = _step(name, upto, batch)
            if count is None:
                break
            removed += count
            streams.add(name)
    return Trimmed(removed, len(streams))


def _candidates(budget: int) -> list[tuple[str, int]]:
    conf = live()
    with connection.cursor() as cursor:
        cursor.execute(_TOO_LONG, [conf.keep_events, conf.keep_events, 10_000])
        found: list[tuple[str, int]] = cursor.fetchall()
        cursor.execute(_TOO_OLD, [timezone.now() - timedelta(days=conf.keep_days), budget])
        return found + cursor.fetchall()


def _step(name: str, upto: int, batch: int) -> int | None:
    """Remove up to `batch` events numbered ≤ `upto`; None when there are none left."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STEP, [upto, batch, name, upto])
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute("DELETE FROM realtime_streamevent WHERE stream = %s AND seq <= %s", [name, row[0]])
        removed = cursor.rowcount
        cursor.execute(_FLOOR, [row[0], name])
        return removed

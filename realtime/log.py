"""The log: numbered events per stream, without gaps, in commit order. PostgreSQL is the truth; Valkey only
wakes.

Why there are no gaps and no skips: the number comes from an UPDATE of the stream's row, whose lock is held
until the commit. The next writer waits for that lock, so it gets its number after the earlier one is visible
(trust.md REL-7). A PostgreSQL sequence gives out numbers before the commit, and a reader at "> last" then
skips a slower writer's row.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction

from realtime import valkey
from realtime.conf import live
from realtime.events import ACCESS, Event, stamp, to_wire

__all__ = ["ACCESS", "Entry", "Page", "Reset", "append_many", "latest", "read", "redact"]


class Entry(Protocol):
    """What to append: a stream name (`thread.5`), a kind (`post`), and a JSON-safe payload."""

    @property
    def stream(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def payload(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """Events in order, without a hole, and `seq`, the newest number the log had when they were read."""

    events: list[Event]
    seq: int


@dataclass(frozen=True, slots=True)
class Reset:
    """The log no longer has (or never had) what follows the asked number: reload, then go on from `seq`."""

    seq: int


# One round trip, so that the stream's row is locked for the time of one statement and the commit. It locks the rows in
# the order of their names: two commits that share streams cannot wait for each other in a circle. The time is taken
# under the lock, so that it follows the numbers. The entries travel as one JSON text: an array of texts is quoted by
# psycopg in Python, letter by letter.
_APPEND = """
WITH wanted AS (
    SELECT name, n, place FROM unnest(%s::text[], %s::bigint[]) WITH ORDINALITY AS w (name, n, place)
), advanced AS (
    INSERT INTO realtime_stream AS s (name, seq)
    SELECT name, n FROM wanted ORDER BY place
    ON CONFLICT (name) DO UPDATE SET seq = s.seq + excluded.seq
    RETURNING s.name, s.seq
)
INSERT INTO realtime_streamevent (stream, seq, kind, payload, at)
SELECT advanced.name, advanced.seq - e.later, e.kind, e.payload, clock_timestamp()
FROM json_to_recordset(%s) AS e (stream text, later bigint, kind text, payload jsonb)
JOIN advanced ON advanced.name = e.stream
RETURNING stream, seq, at
"""

# One statement, hence one snapshot: a trim between two reads could otherwise look like a hole.
_READ = """
SELECT s.seq, s.floor, e.seq, e.kind, e.payload, e.at
FROM realtime_stream s
LEFT JOIN LATERAL (
    SELECT seq, kind, payload, at FROM realtime_streamevent
    WHERE stream = s.name AND seq > %s ORDER BY seq LIMIT %s
) e ON true
WHERE s.name = %s
ORDER BY e.seq
"""


def append_many(entries: Iterable[Entry], before: Sequence[tuple[str, Sequence[Any]]] = ()) -> list[Event]:
    """Number and store `entries`, and publish them once the transaction has committed.

    Call it as the last statements of the transaction, once: the stream rows stay locked until the commit. `before` are
    statements (SQL and values) that are sent along and run first; what they answer is not looked at.
    Raises RuntimeError outside `transaction.atomic()`, TypeError for a payload that is not JSON.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("realtime.log.append_many() must run inside transaction.atomic()")
    by_stream: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_stream[entry.stream].append(entry)
    if not by_stream:
        return []
    events = _store({name: by_stream[name] for name in sorted(by_stream)}, before)
    wire = to_wire(events, hint_above=live().hint_above)

    def wake() -> None:
        valkey.publish(wire)

    transaction.on_commit(wake, robust=True)
    return events


def _store(groups: dict[str, list[Entry]], before: Sequence[tuple[str, Sequence[Any]]]) -> list[Event]:
    """Write the entries; `later` says how many of the same stream follow an entry in this commit."""
    rows = [(name, len(group) - place, entry) for name, group in groups.items() for place, entry in enumerate(group, 1)]
    sent = [
        {"stream": name, "later": later, "kind": entry.kind, "payload": entry.payload} for name, later, entry in rows
    ]
    with connection.cursor() as cursor:
        counts = [len(group) for group in groups.values()]
        values: list[Any] = [value for _sql, given in before for value in given]
        values += [list(groups), counts, json.dumps(sent, ensure_ascii=False)]
        text = ";".join([*(sql for sql, _values in before), _APPEND])
        cursor.execute(text, values)
        for _skipped in before:
            cursor.nextset()
        written = sorted(cursor.fetchall())  # by stream and number: the order of `rows`
    return [
        Event(stream, seq, entry.kind, entry.payload, stamp(at))
        for (stream, seq, at), (_name, _later, entry) in zip(written, rows, strict=True)
    ]


def read(name: str, after: int, limit: int = 500) -> Page | Reset:
    """The events that follow number `after`, at most `limit`, oldest first; `Reset` when they are not to be
    had.

    An `after` above the newest number is a `Reset` too: the reader's numbers come from another database.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ, [after, limit, name])
        rows = cursor.fetchall()
    if not rows:
        return Page([], 0) if after <= 0 else Reset(0)
    seq, floor = rows[0][:2]
    if after < floor or after > seq:
        return Reset(seq)
    events = [_event(name, *row[2:]) for row in rows if row[2] is not None]
    if any(event.seq != after + i for i, event in enumerate(events, start=1)):
        return Reset(seq)  # only a hand that deleted rows can cause this; a reload is the honest answer
    return Page(events, seq)


def _event(name: str, seq: int, kind: str, payload: str | dict[str, Any], at: Any) -> Event:
    # Django's psycopg adapter leaves jsonb as text for its own field to decode.
    return Event(name, seq, kind, json.loads(payload) if isinstance(payload, str) else payload, stamp(at))


LATEST = "SELECT seq FROM realtime_stream WHERE name = {stream}"
"""The newest number of one stream, for those who read it together with rows of their own; no row: no event yet."""


def latest(names: Sequence[str]) -> dict[str, int]:
    """The newest number of each stream; 0 for one that has no event yet."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM realtime_stream WHERE name = ANY(%s)", [list(names)])
        known = dict(cursor.fetchall())
    return {name: known.get(name, 0) for name in names}


def redact(names: Sequence[str], *, key: str, values: Sequence[int], since: datetime | None = None) -> int:
    """Take the rendered text (`html`) out of the stored events of these streams whose payload has one of `values`
    under `key`; returns how many. `since` is a moment before which there can be none, and spares reading them.

    For a post that was hidden, changed or erased: the numbers stay whole, and a late reader gets the ids without the
    text.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE realtime_streamevent SET payload = payload - 'html'"
            " WHERE stream = ANY(%s) AND at >= coalesce(%s::timestamptz, '-infinity')"
            " AND payload ->> %s::text = ANY(%s) AND payload ? 'html'",
            [list(names), since, key, [str(value) for value in values]],
        )
        return cursor.rowcount

"""How common each word is, from what PostgreSQL knows anyway.

`ANALYZE` (autovacuum runs it) keeps the share of documents that have each of the commonest lexemes. A word that is not
among them is rarer than all that are. So nothing is counted when somebody posts, and nothing when somebody asks.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log
from threading import Lock

from django.db import connection

FRESH_SECONDS = 300
WEEK = "@week:"

_SQL = """
SELECT greatest((SELECT reltuples FROM pg_class WHERE oid = 'search_document'::regclass), 0),
  (SELECT most_common_elems::text::text[] FROM pg_stats WHERE schemaname = current_schema()
    AND tablename = 'search_document' AND attname = 'words'),
  (SELECT most_common_elem_freqs FROM pg_stats WHERE schemaname = current_schema()
    AND tablename = 'search_document' AND attname = 'words')
"""


@dataclass(frozen=True, slots=True)
class Statistics:
    """`total` documents; the share of them that have each common lexeme; `rare` is a share above all others."""

    total: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)
    rare: float = 0.0
    weeks: tuple[tuple[int, float], ...] = ()  # newest first, with their shares

    def share(self, lexemes: Iterable[str]) -> float:
        """About how large a part of all documents has one of these."""
        return min(1.0, sum(self.shares.get(one, self.rare) for one in lexemes))

    def weight(self, lexemes: Iterable[str]) -> float:
        """How much it tells that a document has one of these: the logarithm of how rare that is."""
        total = max(self.total, 1)
        documents = self.share(lexemes) * total
        return log(1 + (total - documents + 0.5) / (documents + 0.5))


_kept: tuple[float, Statistics] | None = None
_lock = Lock()


def statistics() -> Statistics:
    """As of the last few minutes, in this process."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > FRESH_SECONDS:
            _kept = (time.monotonic(), read())
        return _kept[1]


def forget() -> None:
    """Read anew at the next question."""
    global _kept
    _kept = None


def read() -> Statistics:
    """What PostgreSQL knows now."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        total, lexemes, shares = cursor.fetchone()
    if not lexemes:
        return Statistics(total=int(total))
    # Behind the shares stand the smallest and the largest of them.
    known = dict(zip(lexemes, shares, strict=False))
    rare = min(known.values()) / 2
    weeks = sorted(((int(one[len(WEEK) :]), known[one]) for one in known if one.startswith(WEEK)), reverse=True)
    return Statistics(total=int(total), shares=known, rare=rare, weeks=tuple(weeks))

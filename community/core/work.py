"""The unit of work: one transaction per command, however many actions call each other inside it.

`@unit` stands on every action. The outermost one opens the transaction and, as its very last statements, gives
the live log what the recorded facts have to say. Inner ones are savepoints of it, or simply parts of it where the
outermost says that it stands or falls as a whole.

Two things wait for the end, so that nobody waits for them longer than one round trip: the rows that everybody wants
(counts, see `tally`; the streams of the live log) and statements whose answer nobody asks for (`at_the_end`).
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from community.core.facts import Live, live_entries

P = ParamSpec("P")
R = TypeVar("R")
Statement = tuple[str, Sequence[Any]]
"""SQL, and what stands in the place of each `%s`."""
Sink = Callable[[Sequence[Live], Sequence[Statement]], object]
Merge = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Tally:
    """Something to add to a row at the end. `sql` has a place for the value and one for the row's id."""

    place: int
    pk: int
    sql: str
    value: Any
    merge: Merge


@dataclass(slots=True)
class Unit:
    """The facts of the open transaction that still wait for the live log, and the statements that go along with it.

    `wrote` is the row that the last of them is about, where the one who recorded it handed it over (`facts.written`).
    `entries` are what was told of earlier facts already (`settle`). `whole`: what fails inside takes everything back.
    """

    facts: list[Any] = field(default_factory=list)
    entries: list[Live] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    wrote: Any = None
    whole: bool = False

    def settle(self) -> None:
        """Make the live entries of what was recorded so far, while the row that it is about is at hand."""
        self.entries += live_entries(self.facts)
        self.facts.clear()


_current: ContextVar[Unit | None] = ContextVar("unit_of_work", default=None)
_sink: Sink | None = None


def use_sink(sink: Sink) -> None:
    """Say where live entries and last statements go (`community.config` passes the live log's `append_many`)."""
    global _sink
    _sink = sink


def at_the_end(sql: str, values: Sequence[Any]) -> None:
    """Run a statement whose answer nobody asks for, in the round trip of the live log at the end of the open unit."""
    mine = _current.get()
    if mine is None:
        raise RuntimeError("work.at_the_end() needs an open unit of work")
    mine.statements.append((sql, values))


def tally(place: int, pk: int, sql: str, value: Any, *, merge: Merge = operator.add) -> None:
    """Add `value` to row `pk` at the end of the open unit, by `sql`; what is tallied twice for one row is merged.

    Rows are written in the order of (`place`, `pk`), whatever the order of the calls: that is their order of locks.
    """
    mine = _current.get()
    if mine is None:
        raise RuntimeError("work.tally() needs an open unit of work")
    mine.tallies.append(Tally(place, pk, sql, value, merge))


def current() -> Unit | None:
    """The open unit of work of this thread or task, if any."""
    return _current.get()


@contextmanager
def open_unit(*, whole: bool = False) -> Iterator[Unit]:
    """Open a unit, or join the one that is open; on an error nothing of the block remains.

    An outermost unit that is `whole` never goes on after a part of it failed. That spares every action inside of it
    a savepoint, which is two round trips.
    """
    outer = _current.get()
    if outer is None:
        with _outermost(whole) as mine:
            yield mine
        return
    marks = len(outer.facts), len(outer.tallies), len(outer.statements)
    try:
        with transaction.atomic(savepoint=not outer.whole):
            yield outer
    except BaseException:
        # The savepoint took the rows back; what it recorded must not be told either.
        del outer.facts[marks[0] :], outer.tallies[marks[1] :], outer.statements[marks[2] :]
        outer.wrote = None
        raise


def unit(action: Callable[P, R]) -> Callable[P, R]:
    """Decorate an action: its writes commit together or not at all."""

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with open_unit():
            return action(*args, **kwargs)

    return run


@contextmanager
def _outermost(whole: bool) -> Iterator[Unit]:
    mine = Unit(whole=whole)
    token = _current.set(mine)
    try:
        with transaction.atomic():
            yield mine
            _flush(mine)
    finally:
        _current.reset(token)


def _flush(mine: Unit) -> None:
    mine.settle()
    statements = [*_merged(mine.tallies), *mine.statements]
    if mine.entries and _sink is not None:
        _sink(mine.entries, statements)
    elif statements:
        with connection.cursor() as cursor:
            cursor.execute(
                ";".join(sql for sql, _values in statements), [v for _sql, given in statements for v in given]
            )


def _merged(tallies: Iterable[Tally]) -> Iterator[Statement]:
    found: dict[tuple[int, int, str], Any] = {}
    for one in tallies:
        key = one.place, one.pk, one.sql
        found[key] = one.merge(found[key], one.value) if key in found else one.value
    for (_place, pk, sql), value in sorted(found.items(), key=lambda item: item[0]):
        yield sql, (value, pk)

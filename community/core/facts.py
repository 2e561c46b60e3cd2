"""What happened, told once, heard by many.

An action records a fact (a frozen dataclass of ids). Handlers come in three times:

`within`  in the same transaction, at once: what must be true together with the write.
`last`    in the same transaction, as its last statements: entries of the live log. A handler returns them and
          `community.core.work` hands all of a transaction to the log in one go, sorted by stream, so that two
          transactions that touch the same streams can never wait for each other in a circle.
`after`   after commit, each on its own and allowed to fail: one failure stops no other handler and no request.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction

log = logging.getLogger(__name__)

Handler = Callable[[Any], None]
LastHandler = Callable[[Any], "Iterable[Live]"]
H = TypeVar("H", bound=Callable[..., Any])
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Live:
    """One entry for the live log: `payload` is JSON-safe."""

    stream: str
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)


_within: dict[type, list[Handler]] = defaultdict(list)
_last: dict[type, list[LastHandler]] = defaultdict(list)
_after: dict[type, list[Handler]] = defaultdict(list)


def within(*kinds: type) -> Callable[[H], H]:
    """Register a handler for the same transaction."""
    return _register(_within, kinds)


def last(*kinds: type) -> Callable[[H], H]:
    """Register a handler that returns `Live` entries for the end of the transaction."""
    return _register(_last, kinds)


def after(*kinds: type) -> Callable[[H], H]:
    """Register a handler for after the commit."""
    return _register(_after, kinds)


def record(fact: Any, *, wrote: Any = None) -> None:
    """Tell everybody that `fact` happened.

    `wrote` is the row it is about, as it stands now and with all that hangs on it: handlers of the transaction find it
    with `written` and need not read again what was written a moment ago (ADR 0011). It is at hand until the next fact,
    since whoever records another one may have changed it.

    Raises `RuntimeError` outside of `community.core.work.unit`: a fact without a transaction could be heard
    although it was never true.
    """
    from community.core import work  # work needs the handlers of this module

    current = work.current()
    if current is None:
        raise RuntimeError("facts.record() needs an open unit of work: decorate the action with @unit")
    current.wrote = wrote
    for handler in _within[type(fact)]:
        handler(fact)
    if _last[type(fact)]:
        current.facts.append(fact)
    for handler in _after[type(fact)]:
        transaction.on_commit(_later(handler, fact), robust=True)


def written(kind: type[R], pk: int) -> R | None:
    """The row of this kind and id, if it is what the last fact of the open unit of work is about."""
    from community.core import work

    current = work.current()
    row = current.wrote if current is not None else None
    return row if isinstance(row, kind) and getattr(row, "pk", None) == pk else None


def live_entries(recorded: Iterable[Any]) -> list[Live]:
    """What the `last` handlers make of the facts of one transaction, in the order they were recorded."""
    return [entry for fact in recorded for handler in _last[type(fact)] for entry in handler(fact)]


def _register(table: dict[type, list[Any]], kinds: tuple[type, ...]) -> Callable[[H], H]:
    def add(handler: H) -> H:
        for kind in kinds:
            if handler not in table[kind]:
                table[kind].append(handler)
        return handler

    return add


def _later(handler: Handler, fact: Any) -> Callable[[], None]:
    # A nested function, not functools.partial: a robust on_commit callback that fails is reported by its
    # __qualname__, which a partial lacks, and the report itself would then fail the request.
    def call() -> None:
        handler(fact)

    return call

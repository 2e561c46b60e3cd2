"""The only clock. Rules ask `now()`, so tests and imports can hold time still."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_held: ContextVar[datetime | None] = ContextVar("held_clock", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _held.get() or timezone.now()


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Make `now()` answer `moment` inside the block (this thread or task only)."""
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)

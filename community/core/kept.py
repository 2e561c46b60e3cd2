"""Ready pieces of pages, kept in the process.

A piece is kept under a key that holds all it shows, so it is never wrong and nothing ever has to be thrown away because
something changed: what changed has another key. The least used pieces make room for new ones.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

T = TypeVar("T")


class Table(Generic[T]):
    """Values by their keys, `budget` units of size in all. Safe to use from many threads."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._size = 0
        self._rows: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def size(self) -> int:
        """Of all that is held."""
        return self._size

    def find(self, key: Hashable) -> T | None:
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                return None
            self._rows.move_to_end(key)
            return row[0]

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Keep it, in the place of an older one. Under `DEBUG` nothing is kept: templates change then."""
        if settings.DEBUG:
            return
        with self._lock:
            _old, before = self._rows.pop(key, (None, 0))
            self._rows[key] = value, size
            self._size += size - before
            while self._size > self._budget and len(self._rows) > 1:
                _key, (_value, left) = self._rows.popitem(last=False)
                self._size -= left

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._size = 0


class Kept(Table[SafeString]):
    """At most `budget` characters of HTML. Two threads may make the same piece at once."""

    def get(self, key: Hashable, make: Callable[[], SafeString]) -> SafeString:
        """The piece under `key`, made now if it is not there."""
        piece = self.find(key)
        if piece is None:
            piece = make()
            self.put(key, piece, len(piece))
        return piece


def speech() -> tuple[str | None, str]:
    """The language and the time zone that words and times are being written in: part of every key."""
    return get_language(), str(get_current_timezone())

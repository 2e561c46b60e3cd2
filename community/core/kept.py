"""Ready pieces of pages, kept in the process.

A piece is kept under a key that holds all it shows, so it is never wrong and nothing ever has to be thrown away because
something changed: what changed has another key. The least used pieces make room for new ones.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language


class Kept:
    """At most `budget` characters of HTML. Safe to use from many threads; two may make the same piece at once."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._size = 0
        self._pieces: OrderedDict[Hashable, SafeString] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def size(self) -> int:
        """Characters held."""
        return self._size

    def get(self, key: Hashable, make: Callable[[], SafeString]) -> SafeString:
        """The piece under `key`, made now if it is not there."""
        with self._lock:
            piece = self._pieces.get(key)
            if piece is not None:
                self._pieces.move_to_end(key)
                return piece
        piece = make()
        if not settings.DEBUG:  # whoever works on a template sees it at once
            self._put(key, piece)
        return piece

    def clear(self) -> None:
        with self._lock:
            self._pieces.clear()
            self._size = 0

    def _put(self, key: Hashable, piece: SafeString) -> None:
        with self._lock:
            self._size += len(piece) - len(self._pieces.get(key, ""))
            self._pieces[key] = piece
            while self._size > self._budget and len(self._pieces) > 1:
                _key, oldest = self._pieces.popitem(last=False)
                self._size -= len(oldest)


def speech() -> tuple[str | None, str]:
    """The language and the time zone that words and times are being written in: part of every key."""
    return get_language(), str(get_current_timezone())

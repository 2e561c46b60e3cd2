"""Kept pages: their bytes, what they show, and how long at most. Bounded in bytes; what nobody asks for goes first."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from community.config.compression import brotlied, gzipped
from community.config.pagecache.asked import Asked, Key
from community.core import clock

Headers = list[tuple[bytes, bytes]]

VARY = b"Accept-Encoding, Accept-Language, Cookie"
OVERHEAD = 4_000  # bytes that a kept page costs besides its bodies: names, headers, the entry itself
NOT_IN_304 = frozenset({b"content-type", b"content-language", b"content-length", b"content-encoding"})


class Said(NamedTuple):
    """An answer but for the number of the request: `lines` are its `headers` as they go over the line."""

    status: int
    headers: Headers
    lines: bytes
    body: bytes


def said(status: int, headers: Headers, body: bytes) -> Said:
    return Said(status, headers, b"".join([b"%b: %b\r\n" % header for header in headers]), body)


@dataclass(slots=True)
class Kept:
    """One page in one language. `numbers` say what had happened in `streams` before the page was made; None: it was
    not known of all of them, and only their names are worth keeping.
    """

    streams: tuple[str, ...]
    numbers: tuple[int, ...] | None
    until: float  # a Unix time, seconds
    headers: Headers
    body: bytes
    etag: bytes
    forms: dict[str, tuple[Said, Said]] = field(default_factory=dict)  # by encoding: the page, and that it is known

    @property
    def size(self) -> int:
        return OVERHEAD + len(self.body) + sum(len(page.body) for encoding, (page, _) in self.forms.items() if encoding)

    def is_still(self, numbers: tuple[int, ...] | None) -> bool:
        """Whether nothing has happened since, and no time has passed that shows."""
        return numbers is not None and numbers == self.numbers and clock.now().timestamp() < self.until

    def prepare(self, encoding: str) -> None:
        """Make the page ready in this form. Takes a millisecond, so do it in a thread."""
        body = self.body
        if encoding:
            body = (brotlied if encoding == "br" else gzipped)(body)
        form = [(b"content-encoding", encoding.encode())] if encoding else []
        headers = [
            *((b"etag", self.etag), (b"vary", VARY)),
            *self.headers,
            *form,
            (b"content-length", b"%d" % len(body)),
        ]
        known = [header for header in headers if header[0] not in NOT_IN_304]
        self.forms[encoding] = said(200, headers, body), said(304, known, b"")

    def answer(self, asked: Asked) -> Said | None:
        """What to say to this request; None when that form is not ready."""
        if (form := self.forms.get(asked.encoding)) is None:
            return None
        page, known = form
        if asked.known and (self.etag[2:] in asked.known or asked.known == b"*"):
            return known
        return page._replace(body=b"") if asked.is_head else page


def kept(*, read: Mapping[str, int], shows: set[str], until: datetime, headers: Headers, body: bytes) -> Kept:
    """A page that was just made. `read` are the numbers known from before."""
    streams = tuple(sorted(shows))
    numbers = tuple(read[name] for name in streams) if shows <= read.keys() else None
    return Kept(
        streams=streams,
        numbers=numbers,
        until=until.timestamp(),
        headers=headers,
        body=body,
        # Weak: the same for each encoding.
        etag=b'W/"%s"' % blake2b(body, digest_size=12).hexdigest().encode(),
    )


class Shelf:
    """At most `budget` bytes of kept pages."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.size = 0
        self._pages: OrderedDict[Key, tuple[Kept, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Key) -> Kept | None:
        found = self._pages.get(key)
        if found is None:
            return None
        self._pages.move_to_end(key)
        return found[0]

    def put(self, key: Key, page: Kept) -> None:
        """Keep it, in the place of an older one; also to be called when a page has grown by another encoding."""
        _old, size = self._pages.pop(key, (None, 0))
        self._pages[key] = page, page.size
        self.size += page.size - size
        while self.size > self.budget:
            _key, (_page, size) = self._pages.popitem(last=False)
            self.size -= size

    def clear(self) -> None:
        self._pages.clear()
        self.size = 0

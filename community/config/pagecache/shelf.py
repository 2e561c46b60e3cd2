"""Kept pages: their bytes, what they show, and how long at most. Bounded in bytes; what nobody asks for goes first."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from django.utils import timezone

from community.config.compression import brotlied, gzipped
from community.config.pagecache.asked import Key

Headers = list[tuple[bytes, bytes]]

VARY = b"Accept-Encoding, Accept-Language, Cookie"
OVERHEAD = 4_000  # bytes that a kept page costs besides its bodies: names, headers, the entry itself
RELATIVE = re.compile(rb'<time datetime="([^"]{19,40})"[^>]* data-relative>')
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(slots=True)
class Kept:
    """One page in one language. `numbers` say what had happened in `streams` before the page was made; None: it was
    not known of all of them, and only their names are worth keeping.
    """

    streams: tuple[str, ...]
    numbers: tuple[int, ...] | None
    until: float  # a Unix time, seconds
    headers: Headers = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)  # by encoding; "" is as it was written
    etag: bytes = b""
    heads: dict[str, Headers] = field(default_factory=dict)  # by encoding: what stands above its body

    @property
    def size(self) -> int:
        return OVERHEAD + sum(map(len, self.bodies.values()))

    def prepare(self, encoding: str) -> None:
        """Make the page ready in this form. Takes a millisecond, so do it in a thread."""
        if encoding:
            self.bodies[encoding] = (brotlied if encoding == "br" else gzipped)(self.bodies[""])
        form = [(b"content-encoding", encoding.encode())] if encoding else []
        self.heads[encoding] = [
            *((b"etag", self.etag), (b"vary", VARY)),
            *self.headers,
            *form,
            (b"content-length", b"%d" % len(self.bodies[encoding])),
        ]


def kept(*, read: Mapping[str, int], shows: set[str], until: datetime, headers: Headers, body: bytes) -> Kept:
    """A page that was just made. `read` are the numbers known from before."""
    streams = tuple(sorted(shows))
    numbers = tuple(read[name] for name in streams) if shows <= read.keys() else None
    return Kept(
        streams=streams,
        numbers=numbers,
        until=until.timestamp(),
        headers=headers,
        bodies={"": body},
        # Weak: the same for each encoding.
        etag=b'W/"%s"' % blake2b(body, digest_size=12).hexdigest().encode(),
    )


def lasts_until(body: bytes, made: datetime, given: datetime | None) -> datetime:
    """When time alone makes a page untrue that began to be made at `made`: a "3 min ago" of its own changes, a period
    ends (`given`), or the site's day does, because of years in dates and years of craft.
    """
    tomorrow = timezone.localtime(made).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    ends = [tomorrow] if given is None else [tomorrow, given]
    for moment in set(RELATIVE.findall(body)):
        at = datetime.fromisoformat(moment.decode())
        if (age := next_age((made - at).total_seconds())) is not None:
            ends.append(at + timedelta(seconds=age))
    return min(ends)


def next_age(seconds: float) -> int | None:
    """The age at which the words for something `seconds` old change next (see `core.templatetags.ui.relative`); None
    for what stands there as a date.

    Pages tell moments in whole seconds, so a change comes up to a second later than it seems: until that is over, the
    answer is the change itself, and a page of that second is not kept.
    """
    age = int(max(0.0, seconds - 1))
    for unit, end in ((MINUTE, HOUR), (HOUR, DAY), (DAY, 7 * DAY)):
        if age < end:
            return (age // unit + 1) * unit
    return None


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

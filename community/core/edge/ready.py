"""Pages of members, ready: drawn once for a member who has nothing of their own on them, and given to everybody like
that, with each reader's own words put in.

A page says which live streams it shows (`core.pages` has them, and `config.freshness` moves them). It is kept with the
numbers these streams had before its rows were read, and given only while they are still the same, read from PostgreSQL
after the request arrived: as exact as the pages of visitors, and as never in need of being thrown away.

What is kept is drawn with a request of nobody: neither the reader nor their request is in the templates' reach, so no
page can keep what belongs to one of them. That is in `{% fresh %}` and drawn for each reader, or in the *places* that
the view fills itself. Who may be given such a page at all is the view's to say.
"""

import zlib
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.context import make_context
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from community.core import live
from community.core.ages import lasts_until
from community.core.clock import now
from community.core.kept import Table
from community.core.templatetags.kept import PAGE_MARK, FreshNode, page_to_keep

A = TypeVar("A")
_PLACE = "\0:{}\0"
QUICK = 1  # zlib's level, as `config.compression` has it


class Block:
    """A long piece that many answers have in common; what it is compressed is made once, at its first use."""

    def __init__(self, plain: bytes | memoryview) -> None:
        self.plain = plain

    @cached_property
    def deflated(self) -> bytes:
        """Whole bytes of a deflate stream that refer to nothing before them and may stand anywhere in one."""
        press = zlib.compressobj(QUICK, zlib.DEFLATED, -15)
        return press.compress(self.plain) + press.flush(zlib.Z_FULL_FLUSH)


Piece = bytes | Block


class Assembled(HttpResponse):
    """A page that was put together from pieces, which `config.compression` compresses one by one."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        super().__init__(b"".join([piece.plain if isinstance(piece, Block) else piece for piece in pieces]))


@dataclass(frozen=True, slots=True)
class Ready(Generic[A]):
    """A page with places in it; `about` is what the view wants to know of it when it gives it."""

    numbers: Mapping[str, int]
    until: datetime
    parts: tuple[bytes | str | FreshNode, ...]
    template: str
    about: A
    serial: int = field(default_factory=count().__next__)  # no other page of this process has it

    def is_still(self) -> bool:
        """Whether nothing that it shows has changed since. 1 query."""
        return now() < self.until and live.positions(list(self.numbers)) == self.numbers

    def answer(
        self, request: HttpRequest, own: Mapping[str, Any], places: Mapping[str, Sequence[Piece]] | None = None
    ) -> Assembled:
        """The page for one reader. `own` is what `{% fresh %}` knows besides the request, `places` fills the rest."""
        template = get_template(self.template).template  # type: ignore[attr-defined]
        context = make_context(dict(own), request)
        pieces: list[Piece] = []
        with context.render_context.push_state(template), context.bind_template(template):
            for part in self.parts:
                if isinstance(part, bytes):
                    pieces.append(part)
                elif isinstance(part, str):
                    pieces += (places or {})[part]
                else:
                    pieces.append(part.words(context).encode())
        return Assembled(pieces)


_all: list["Pages[Any]"] = []


def forget_all() -> None:
    """Keep no page any longer: another database begins its numbers anew."""
    for kept in _all:
        kept.clear()


class Pages(Generic[A]):
    """The pages of one view, by what their address asks for; `budget` bounds their bytes in this process."""

    def __init__(self, budget: int) -> None:
        self._table: Table[Ready[A]] = Table(budget)
        self.clear = self._table.clear
        _all.append(self)

    def find(self, key: Hashable) -> Ready[A] | None:
        """The page as it was drawn; whether that `is_still` how it looks is to be asked before it is given."""
        return self._table.find(key)

    def put(self, key: Hashable, page: Ready[A], *, extra: int = 0) -> None:
        """`extra` is how many bytes `page.about` holds."""
        self._table.put(key, page, extra + sum(len(part) for part in page.parts if not isinstance(part, FreshNode)))


def drawn(
    template: str,
    context: Mapping[str, Any],
    request: HttpRequest,
    *,
    places: Collection[str] = (),
) -> tuple[bytes | str | FreshNode, ...]:
    """The parts of a page, drawn with a request of nobody (`nobodys`). In the context, `places` come out as marks."""
    names = list(places)
    with page_to_keep() as fresh:
        # The marks of places have numbers that no fresh words get.
        marks = {name: mark_safe(_PLACE.format(10**6 + at)) for at, name in enumerate(names)}  # noqa: S308
        html: str = get_template(template).render({**context, **marks, "csrf_token": ""}, request)
    words = PAGE_MARK.split(html)  # words, number, words, number, …
    parts: list[bytes | str | FreshNode] = []
    for text, mark in zip(words[::2], [*words[1::2], None], strict=True):
        parts.append(text.encode())
        if mark is not None:
            parts.append(names[int(mark) - 10**6] if int(mark) >= 10**6 else fresh[int(mark)])
    return tuple(part for part in parts if part != b"")


def nobodys(request: HttpRequest, reader: Any, query: QueryDict | None = None) -> HttpRequest:
    """A request for the same page by `reader`, who stands for all: no cookie, no session, nothing that was sent."""
    bare = HttpRequest()
    bare.method = "GET"
    bare.path = bare.path_info = request.path
    bare.resolver_match = request.resolver_match
    bare.user = reader
    if query is not None:
        bare.GET = query  # type: ignore[assignment]
    return bare


def lasts(parts: Sequence[object], others: bytes, made: datetime, changes: Sequence[datetime | None] = ()) -> datetime:
    """When time alone makes a page untrue that began to be made at `made` (`core.ages`); `changes` are moments at which
    something on it begins or ends.
    """
    given = min([moment for moment in changes if moment is not None and moment > made], default=None)
    return lasts_until(b"".join([*(part for part in parts if isinstance(part, bytes)), others]), made, given)

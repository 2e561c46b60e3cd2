"""What plugs in: each app says in its `documents.py` what of it can be found, and how that looks when it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

PUBLIC = "public"
"""The place of what everybody may read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document to be written. `title`, `aside` (names, tags) and `body` count in this order.

    `place` is one of those that the source's `places` tells of. `marks` are what operators ask for: "by:m5" (a member),
    "in:c3" (a category), "tag:<key>", "is:question", "has:picture". What is `timeless` is never too old to be found.
    """

    kind: str
    object_id: int
    created_at: datetime
    title: str = ""
    aside: str = ""
    body: str = ""
    place: str = PUBLIC
    author_id: int | None = None
    thread_id: int | None = None
    price: Decimal | None = None
    timeless: bool = False
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """How a found thing looks. `text` is plain; the words that were asked for are marked in it and in the title."""

    url: str
    title: str
    text: str = ""
    label: str = ""  # what it is: "Question", "Item"
    facts: tuple[str, ...] = ()  # short words below: author, category, creator
    at: datetime | None = None
    picture: str = ""
    seed: str = ""  # of the pattern that stands for a picture
    price_minor: int | None = None
    currency: str = ""
    icon: str = "chat"


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of document.

    `entries(ids)`: those of the rows that can be found at all; the others leave the index.
    `ids(after, size)`: the next ids in order, for a rebuild. `cards(ids, viewer)`: by id, of what the viewer may see.
    `places(viewer)`: the places of this kind that the viewer may read; asked at every search, so a right that was
    taken away is gone at once. `pasted(path)`: the id of the row an address on this site leads to.
    """

    kind: str
    name: Any  # lazy words for a filter: "Items"
    entries: Callable[[Sequence[int]], Iterable[Entry]]
    ids: Callable[[int, int], list[int]]
    cards: Callable[[Sequence[int], Any], Mapping[int, Card]]
    places: Callable[[Any], Iterable[str]]
    pasted: Callable[[str], int | None] = field(default=lambda _path: None)
    position: int = 100


Resolver = Callable[[str], Iterable[str]]
"""The marks that the value of an operator stands for: "kobo" -> "by:m5", "by:k9"."""

_sources: dict[str, Source] = {}
_resolvers: dict[str, list[Resolver]] = {}
_examples: dict[str, Callable[[], str]] = {}

Namer = Callable[[Sequence[str]], Mapping[str, str]]
"""What the ends of marks are called: ["3", "4"] of "in:c3" and "in:c4" -> {"3": "Questions", …}."""

_namers: dict[str, Namer] = {}


def register(source: Source) -> None:
    """Make a kind of document findable; called once, when the app is ready."""
    _sources[source.kind] = source


def resolves(operator: str, resolver: Resolver) -> None:
    """Say what a value of `by` or `in` can mean in this app."""
    known = _resolvers.setdefault(operator, [])
    if resolver not in known:
        known.append(resolver)


def shows(operator: str, example: Callable[[], str]) -> None:
    """Say what the help may show behind an operator ("words": behind none): what finds something, or ""."""
    _examples[operator] = example


def example_of(operator: str) -> str:
    example = _examples.get(operator)
    return example() if example is not None else ""


def names(prefix: str, namer: Namer) -> None:
    """Say what marks that begin so ("in:c") are called, so that results can be narrowed by them."""
    _namers[prefix] = namer


def namers() -> Mapping[str, Namer]:
    return _namers


def sources() -> list[Source]:
    """All kinds, in the order in which they are shown."""
    return sorted(_sources.values(), key=lambda one: (one.position, one.kind))


def source(kind: str) -> Source | None:
    return _sources.get(kind)


def marks_for(operator: str, value: str) -> list[str]:
    return [mark for resolver in _resolvers.get(operator, ()) for mark in resolver(value)]


def quoted(lexeme: str) -> str:
    """A lexeme as tsvector and tsquery read it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"

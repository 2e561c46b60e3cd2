"""What notices can be about. Apps above (their `notices` files) say it here; this app knows none of them.

A **kind** is a line of the preferences page: a reply to me, a reaction. A **source** looks at what happened as it
stands now and says who is to be told of it; it is asked again whenever something changed, so it never has to say what
changed. A **target** is what a line leads to: it draws lines for a viewer, and leaves out what that viewer may not see.
A **place** is what a member can follow.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from community.members.models import Member
from community.members.permissions import Viewer

Spot = tuple[str, int]
"""The kind and the id of a place: ("thread", 5)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice. `words(who, notice)` is the sentence; `who` is the people behind it, ready for a sentence.

    `mail` and `push` hold for members who chose nothing. A kind that `stays` cannot be switched off in the inbox.
    """

    name: str
    label: str | Promise
    icon: str
    words: Callable[[str, Any], str]
    mail: bool = True
    push: bool = True
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """How somebody is told: the kind of line, what it is gathered under, and where it leads."""

    kind: str
    subject: str
    target: str
    target_id: int
    number: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened and still stands, and who is to be told.

    `persons` are spoken to by it, `followers` is for those who follow one of `places`. Of `own` (the thread itself)
    the level goes before that of any place it lies in. Something new that `opens` is told to all who follow; what goes
    on in it to those who watch. `readers` are those of some members who may see it.
    """

    source: str
    source_id: int
    actor_id: int
    at: datetime
    readers: Callable[[Sequence[Member]], Collection[int]]
    persons: Mapping[int, Told]
    followers: Told | None = None
    places: tuple[Spot, ...] = ()
    own: Spot | None = None
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """A line as it is shown: what it is about, some words of it, and where it leads."""

    title: str
    url: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be followed, as one viewer sees it."""

    name: str
    url: str


Source = Callable[[int, int | None], Iterable[Happening]]
Faces = Callable[[Viewer, Sequence[Any]], Mapping[int, Face]]
Places = Callable[[Viewer, Sequence[int]], Mapping[int, Place]]

_kinds: dict[str, Kind] = {}
_sources: dict[str, Source] = {}
_faces: dict[str, Faces] = {}
_places: dict[str, Places] = {}


def add_kinds(*kinds: Kind) -> None:
    """Add kinds, in the order of the preferences page."""
    for kind in kinds:
        _kinds[kind.name] = kind


def kinds() -> list[Kind]:
    return list(_kinds.values())


def kind_of(name: str) -> Kind | None:
    """The kind of this name; None for one whose app is gone."""
    return _kinds.get(name)


def source(name: str) -> Callable[[Source], Source]:
    """Register a source: `(id, actor_id or None for all)` gives what still stands of it."""
    return _adder(_sources, name)


def source_of(name: str) -> Source | None:
    return _sources.get(name)


def target(name: str) -> Callable[[Faces], Faces]:
    """Register what draws lines that lead to `name`: `(viewer, notices)` gives faces by the id of the notice."""
    return _adder(_faces, name)


def faces_of(name: str) -> Faces | None:
    return _faces.get(name)


def place(name: str) -> Callable[[Places], Places]:
    """Register what knows places of a kind: `(viewer, ids)` gives those there are and the viewer may see."""
    return _adder(_places, name)


def places_of(name: str) -> Places | None:
    return _places.get(name)


def _adder(table: dict[str, Any], name: str) -> Callable[[Any], Any]:
    def add(one: Any) -> Any:
        table[name] = one
        return one

    return add

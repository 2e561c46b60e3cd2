"""What a member takes home."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a personal archive: a JSON file with every key of `rows`, and pages to read with those in `labels`.

    `rows` are of plain values and datetimes, and may be read while they are written: never all at once. `of` says which
    columns make the rows somebody's ("threads.Post.author"). Under the key `file` a row names a stored file that goes
    along ("pictures/ab/….webp").
    """

    name: str
    title: str | Promise
    rows: Iterable[Mapping[str, Any]]
    labels: Mapping[str, str | Promise]
    of: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """What one app adds to archives. `sections` is asked for the member with this id."""

    name: str
    title: str | Promise
    sections: Callable[[int], Iterator[Section]] = field(repr=False)


S = TypeVar("S", bound=Callable[[int], Iterator[Section]])
_areas: dict[str, Area] = {}


def archive(name: str, title: str | Promise) -> Callable[[S], S]:
    """Register what an app knows of a member, for their archive. Decorator. `name` is a folder in it."""

    def add(function: S) -> S:
        _areas[name] = Area(name, title, function)
        return function

    return add


def areas() -> list[Area]:
    """All of them, the account itself first."""
    return sorted(_areas.values(), key=lambda area: (area.name != "account", area.name))

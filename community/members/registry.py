"""What other apps plug in here: names that belong to somebody, how a leaver goes, what an archive holds, what levels
rest on, and pages of settings.

A guard answers whether a name that looks like `skeleton` (core.text.skeleton) belongs to somebody other than the
member `member_id` (None: somebody who is just signing up).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from html import escape
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise

NameGuard = Callable[[str, int | None], bool]

_guards: list[NameGuard] = []


def guard_names(guard: NameGuard) -> NameGuard:
    """Add a guard; usable as a decorator. Adding it twice counts once."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def belongs_to_another(skeleton: str, member_id: int | None) -> bool:
    """Whether any guard claims the name."""
    return any(guard(skeleton, member_id) for guard in _guards)


@dataclass(frozen=True, slots=True)
class Leaver:
    """A member who is being erased, as they were until now. `stand_in` is the handle that takes the place of theirs."""

    member_id: int
    handles: tuple[str, ...]
    email: str
    display_name: str
    bio: str
    with_posts: bool
    stand_in: str

    @property
    def mention(self) -> re.Pattern[str]:
        """Where a text names them: "@handle", not as a part of a longer one."""
        names = "|".join(re.escape(handle) for handle in self.handles)
        return re.compile(rf"(?<![a-z0-9_@/])([@\uff20])(?:{names})(?![a-z0-9_])", re.IGNORECASE)

    @property
    def signs(self) -> list[str]:
        """Strings that no rendered text, log entry or kept answer may still hold: in HTML, in JSON, in an address.

        The name stands between its marks, since a name like "A" is also in every other word.
        """
        marks = [mark for handle in self.handles for mark in (f"@{handle}", f"/{handle}/", f'"{handle}"')]
        name = [f">{escape(self.display_name)}<", f'"{self.display_name}"', json.dumps(self.display_name)]
        return [*marks, *name, *([self.email] if self.email else [])]


E = TypeVar("E", bound=Callable[[Leaver], object])
_erasers: dict[str, Callable[[Leaver], object]] = {}


def eraser(name: str) -> Callable[[E], E]:
    """Register what takes a member out of one place; runs in the transaction of the erasure. Decorator.

    What cannot be rolled back (files) is left to a job of the same transaction.
    """

    def add(function: E) -> E:
        _erasers[name] = function
        return function

    return add


def erasers() -> dict[str, Callable[[Leaver], object]]:
    """By name. Those of members come last: the others may still ask who it was."""
    return dict(sorted(_erasers.items(), key=lambda entry: entry[0].startswith("members")))


# --- What a member takes home ---------------------------------------------------------------------------------


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


# --- What a community level rests on ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of the site's time zone, the last one not included."""

    since: date
    until: date

    @property
    def begins(self) -> datetime:
        return _midnight(self.since)

    @property
    def ends(self) -> datetime:
        return _midnight(self.until)

    @property
    def days(self) -> int:
        return (self.until - self.since).days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))


Count = Callable[[Sequence[int], Span], Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that a community level may ask for. `label` is for members; `count` is in `measure`."""

    name: str
    label: str | Promise
    count: Count


_measures: dict[str, Measure] = {}


def measure(name: str, label: str | Promise) -> Callable[[Count], Count]:
    """Register a measure: `(member ids, span)` gives how much each of them has of it; who is not there has none.

    It is asked for thousands of members at once, so it is one statement over a range. Decorator.
    """

    def add(count: Count) -> Count:
        _measures[name] = Measure(name, label, count)
        return count

    return add


def measure_of(name: str) -> Measure | None:
    """None while no app plugs it in; then nobody is asked for it."""
    return _measures.get(name)


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A page of settings of another app: its tab stands on the pages of those members for whom `shown` is true."""

    view_name: str
    label: Promise
    shown: Callable[[Any], bool]  # of a `Member`; the registry stands below the models


_settings_pages: dict[str, SettingsPage] = {}


def settings_page(page: SettingsPage) -> None:
    """Add a tab after "Profile"; adding it twice counts once."""
    _settings_pages[page.view_name] = page


def settings_pages(member: Any) -> list[SettingsPage]:
    """Those that this member has, in the order of their addresses' names."""
    return [page for _name, page in sorted(_settings_pages.items()) if page.shown(member)]

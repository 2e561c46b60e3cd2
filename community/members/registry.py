"""What apps above members (shops and makers live in catalog) add to them: names that belong to somebody, erasers of
those who leave, and pages of settings.

A guard answers whether a name that looks like `skeleton` (core.text.skeleton) belongs to somebody other than the
member `member_id` (None: somebody who is just signing up).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar

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

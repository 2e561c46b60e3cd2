"""How somebody who leaves is taken out of each place."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TypeVar


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

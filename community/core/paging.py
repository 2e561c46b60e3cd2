"""Pages by position. Never OFFSET, never COUNT: page 400 costs what page 1 costs.

Two shapes: `NumberPage` for rows with a dense number in their parent (posts of a thread), and `Slice` for lists
walked by a key (threads by last activity, items by id).
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from community.core.errors import Invalid

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class NumberPage:
    """A page of densely numbered rows: numbers `first` to `last`, both included (last < first when empty)."""

    page: int
    pages: int
    size: int
    first: int
    last: int
    total: int

    @classmethod
    def of(cls, *, page: int, size: int, total: int) -> "NumberPage":
        """The page numbered `page` (1-based) of `total` rows; a page beyond the ends is the nearest one."""
        pages = max(1, -(-total // size))
        page = min(max(1, page), pages)
        first = (page - 1) * size + 1
        return cls(page=page, pages=pages, size=size, first=first, last=min(first + size - 1, total), total=total)

    @classmethod
    def holding(cls, *, number: int, size: int, total: int) -> "NumberPage":
        """The page on which row `number` stands."""
        return cls.of(page=(max(1, number) - 1) // size + 1, size=size, total=total)

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None

    @property
    def is_last(self) -> bool:
        return self.page == self.pages

    def window(self, reach: int = 2) -> list[int | None]:
        """Page numbers worth a link: the ends and `reach` around here; None marks a gap."""
        near = range(max(1, self.page - reach), min(self.pages, self.page + reach) + 1)
        numbers = sorted({1, self.pages, *near})
        shown: list[int | None] = []
        for number in numbers:
            if shown and shown[-1] is not None and number - shown[-1] > 1:
                shown.append(None)
            shown.append(number)
        return shown


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """Some rows of a list and the cursors of its neighbours (None at an end)."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None


def encode_cursor(values: Sequence[Any], *, back: bool = False) -> str:
    """A position in a list as text for a URL. It is no secret and carries no right."""
    raw = json.dumps([back, *[_plain(value) for value in values]], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode_cursor(text: str, *, length: int) -> tuple[bool, list[Any]]:
    """`(back, values)` of a cursor; raises `Invalid` for anything we did not make."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        back, *values = raw
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise bad_cursor() from error
    if len(values) != length or not isinstance(back, bool) or not all(map(_is_key, values)):
        raise bad_cursor()
    return back, values


def cut(rows: "QuerySet[Row]", *, by: Sequence[str], size: int, cursor: str = "") -> "Slice[Row]":
    """Cut one slice out of `rows`, ordered by the fields `by` ("-last_post_at", "-id").

    All fields must point the same way and together be unique, or rows between two slices could be lost.
    Raises `Invalid` for a foreign cursor.
    """
    descending = by[0].startswith("-")
    names = [name.lstrip("-") for name in by]
    back, values = decode_cursor(cursor, length=len(names)) if cursor else (False, [])
    order = [f"-{name}" if descending != back else name for name in names]
    try:
        if values:
            rows = rows.filter(_beyond(names, values, "lt" if descending != back else "gt"))
        found = list(rows.order_by(*order)[: size + 1])
    except (ValueError, TypeError, OverflowError, ValidationError, DataError) as error:
        raise bad_cursor() from error
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    return _slice(found, names, more_ahead=more if not back else True, more_behind=more if back else bool(values))


def _slice(rows: list[Row], names: list[str], *, more_ahead: bool, more_behind: bool) -> "Slice[Row]":
    if not rows:
        return Slice(rows=rows, next=None, previous=None)
    ahead = encode_cursor([getattr(rows[-1], name) for name in names]) if more_ahead else None
    behind = encode_cursor([getattr(rows[0], name) for name in names], back=True) if more_behind else None
    return Slice(rows=rows, next=ahead, previous=behind)


def _beyond(names: list[str], values: list[Any], way: str) -> Q:
    """(a, b) beyond (x, y), spelled so that an index on (a, b) serves it: a past x, or a = x and b past y."""
    condition = Q()
    for depth in range(len(names)):
        equal = {names[i]: values[i] for i in range(depth)}
        condition |= Q(**equal, **{f"{names[depth]}__{way}": values[depth]})
    return condition & Q(**{f"{names[0]}__{way}e": values[0]})


def _is_key(value: object) -> bool:
    """Whether a row could have this value: JSON also spells what is no number."""
    return isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value))


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, float, str)) else value.isoformat()


def bad_cursor() -> Invalid:
    return Invalid(
        _("This link to a page of the list is not complete. Start from the first page."),
        code="cursor_invalid",
    )

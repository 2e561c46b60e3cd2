"""What somebody asks for, out of what they typed: words, "phrases", and operators like by: or tag:.

Everything may be typed as a Japanese keyboard gives it: full-width marks and spaces, and Japanese names of operators.
What cannot be understood is left out with a friendly hint; there is no wrong question.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from community.core.text import tag_key
from community.core.text.fold import fold
from community.search.registry import marks_for, source

LIMIT = 200
"""Characters of a question; what is longer is cut."""
_MARKS = str.maketrans("“”„‟＂〝〞：　＃", '"""""""' + ": #")
_MINUS = "-−－‐–"
_PIECE = re.compile(r'([-−－‐–]?)(?:([^\s":]{1,12}):)?(?:"([^"]*)"?|([^\s"]+))')
_NAMES = {
    "by": ("by", "author", "投稿者", "作者", "作家", "書いた人"),
    "in": ("in", "場所", "カテゴリ", "カテゴリー"),
    "tag": ("tag", "タグ"),
    "has": ("has", "写真", "画像"),
    "is": ("is", "種類"),
    "before": ("before", "以前", "まで"),
    "after": ("after", "以降", "から"),
    "price": ("price", "価格", "値段"),
}
_OPERATORS = {fold(name): operator for operator, names in _NAMES.items() for name in names}
_PICTURE = {fold(name) for name in ("picture", "pictures", "photo", "image", "写真", "画像", "あり")}
_IS = {
    "question": ("question", "questions", "質問"),
    "answered": ("answered", "解決済み", "回答済み"),
    "unanswered": ("unanswered", "未回答", "未解決"),
    "answer": ("answer", "回答"),
}
_STATES = {fold(name): state for state, names in _IS.items() for name in names}
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?")
_RANGE = re.compile(r"[¥￥]?(\d{1,12}(?:\.\d{1,3})?)?円?\s*(\.\.|~|〜|～|-)?\s*[¥￥]?(\d{1,12}(?:\.\d{1,3})?)?円?")


@dataclass(frozen=True, slots=True)
class Filter:
    """An operator as it was typed, the marks it stands for, and the question without it."""

    text: str
    marks: tuple[str, ...]
    rest: str


@dataclass(slots=True)
class Asked:
    """`marks`: of each group at least one has to be there. `without`: of these marks none. Prices in main units."""

    words: str = ""
    phrases: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)  # words and phrases that must not be there
    marks: list[list[str]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    hints: list[str] = field(default_factory=list)
    filters: list["Filter"] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phrases or self.marks or self.has_range)

    @property
    def has_range(self) -> bool:
        bounds = (self.since, self.until, self.lowest, self.highest)
        return any(bound is not None for bound in bounds)


def understood(text: str, kind: str = "") -> Asked:
    """Read a question. `kind` is the filter that was pressed, if any."""
    asked, words = Asked(), []
    text = text[:LIMIT]
    for piece in _PIECE.finditer(text.translate(_MARKS)):
        minus, name, phrase, plain = (part or "" for part in piece.groups())
        operator, value = _OPERATORS.get(fold(name)), phrase or plain
        known = len(asked.marks)
        if operator:
            _OPERATE[operator](asked, value, bool(minus))
            _keep(asked, text, piece, known)
            continue
        value = f"{name}:{value}" if name else value
        if value.startswith("#") and len(value) > 1:
            _tag(asked, value.lstrip("#"), bool(minus))
            _keep(asked, text, piece, known)
        elif value.endswith(":") and fold(value[:-1]) in _OPERATORS:
            asked.hints.append(_("After “%(operator)s” stands what you mean by it.") % {"operator": value})
        elif minus:
            asked.unwanted.append(value)
        elif phrase:
            asked.phrases.append(value)
        else:
            words.append(value)
    asked.words = " ".join(words)
    if kind and source(kind) is not None:
        asked.marks.append([f"kind:{kind}"])
    return asked


def _keep(asked: Asked, text: str, piece: "re.Match[str]", known: int) -> None:
    """Note what an operator has asked for, if it has."""
    rest = " ".join((text[: piece.start()] + " " + text[piece.end() :]).split())
    for marks in asked.marks[known:]:
        asked.filters.append(Filter(piece[0], tuple(marks), rest))


def _want(asked: Asked, marks: list[str], minus: bool) -> None:
    if minus:
        asked.without += marks
    else:
        asked.marks.append(marks)


def _by(asked: Asked, value: str, minus: bool) -> None:
    marks = marks_for("by", value.lstrip("@＠"))
    if marks:
        _want(asked, marks, minus)
    else:
        asked.hints.append(_("Nobody here is called “%(name)s”.") % {"name": value})


def _in(asked: Asked, value: str, minus: bool) -> None:
    marks = marks_for("in", value)
    if marks:
        _want(asked, marks, minus)
    else:
        asked.hints.append(_("There is no category or kind of work called “%(name)s”.") % {"name": value})


def _tag(asked: Asked, value: str, minus: bool) -> None:
    if key := tag_key(value):
        _want(asked, [f"tag:{key}"], minus)
    else:
        asked.hints.append(_("Write a word after tag:, as in tag:leather."))


def _has(asked: Asked, value: str, minus: bool) -> None:
    if fold(value) in _PICTURE:
        _want(asked, ["has:picture"], minus)
    else:
        asked.hints.append(_("After has: stands picture, as in has:picture."))


def _is(asked: Asked, value: str, minus: bool) -> None:
    if state := _STATES.get(fold(value)):
        _want(asked, [f"is:{state}"], minus)
    else:
        asked.hints.append(_("After is: stands question, answered, unanswered or answer."))


def _before(asked: Asked, value: str, minus: bool) -> None:
    moment = _moment(asked, value)
    if moment is not None:
        asked.until = moment


def _after(asked: Asked, value: str, minus: bool) -> None:
    moment = _moment(asked, value)
    if moment is not None:
        asked.since = moment


def _moment(asked: Asked, value: str) -> datetime | None:
    """The beginning of the day, month or year."""
    found = _DAY.fullmatch(fold(value))
    try:
        if found is None:
            raise ValueError
        day = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        return datetime.combine(day, time(), get_current_timezone())
    except (ValueError, OverflowError):
        hint = _("“%(value)s” is no day. Write it like after:2026-04-01 or before:2026-05.")
        asked.hints.append(hint % {"value": value})
        return None


def _price(asked: Asked, value: str, minus: bool) -> None:
    """1000..3000, 1000.., ..3000, or one price."""
    found = _RANGE.fullmatch(fold(value).replace(",", ""))
    if found is None or not (found[1] or found[3]):
        asked.hints.append(_("Write a price like price:1000..3000, price:1000.. or price:..3000."))
        return
    asked.lowest = Decimal(found[1]) if found[1] else None
    asked.highest = Decimal(found[3]) if found[3] else (None if found[2] else asked.lowest)
    if asked.lowest is not None and asked.highest is not None and asked.lowest > asked.highest:
        asked.lowest, asked.highest = asked.highest, asked.lowest


_OPERATE: dict[str, Callable[[Asked, str, bool], None]] = {
    "by": _by,
    "in": _in,
    "tag": _tag,
    "has": _has,
    "is": _is,
    "before": _before,
    "after": _after,
    "price": _price,
}

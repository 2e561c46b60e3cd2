"""Where in a text the words of a question stand, safely marked.

The text is plain and escaped here, piece by piece; the marks are the only HTML. Words are looked for in the folded
text, letter by letter, so that a mark covers さいふ and ｻｲﾌ as they were written.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from community.core.text.fold import fold
from community.search.queries.terms import Term

WIDTH = 150  # characters of an excerpt
LEAD = 30  # of them before the first mark
Span = tuple[int, int]


def marked(text: str, terms: Sequence[Term]) -> SafeString:
    """The whole text with marks."""
    return _drawn(text, _spans(text, _pattern(terms)))


def excerpt(text: str, terms: Sequence[Term]) -> SafeString:
    """The part of the text that has the most of the words; its beginning where it has none."""
    text = " ".join(text.split())
    spans = _spans(text, _pattern(terms))
    start = max(0, _best(text, spans) - LEAD)
    end = min(len(text), start + WIDTH)
    start = max(0, end - WIDTH)
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if b > start and a < end]
    drawn = _drawn(text[start:end], inside)
    return mark_safe(("…" if start else "") + drawn + ("…" if end < len(text) else ""))  # noqa: S308  escaped in _drawn


def _pattern(terms: Sequence[Term]) -> "re.Pattern[str] | None":
    """What to look for in folded text: longest first, so that a compound is one mark."""
    written = {one for term in terms for leaf in term.leaves() for one in leaf.spellings if _tells(one)}
    if not written:
        return None
    pieces = [
        rf"(?<![a-z0-9]){re.escape(one)}[a-z]*" if one.isascii() else re.escape(one)
        for one in sorted(written, key=lambda one: (-len(one), one))
    ]
    return re.compile("|".join(pieces))


def _tells(spelling: str) -> bool:
    """A single kana or Latin letter stands everywhere."""
    return len(spelling) > 1 or spelling > "ヿ" or spelling.isdigit()


def _spans(text: str, pattern: "re.Pattern[str] | None") -> list[Span]:
    if pattern is None:
        return []
    folded, at = [], []
    for index, letter in enumerate(text):
        piece = _folded(letter)
        folded.append(piece)
        at += [index] * len(piece)
    found: list[Span] = []
    for match in pattern.finditer("".join(folded)):
        first, last = at[match.start()], at[match.end() - 1] + 1
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


@lru_cache(maxsize=20_000)
def _folded(letter: str) -> str:
    return fold(letter)


def _best(text: str, spans: Sequence[Span]) -> int:
    """Where the part begins that has the most different words."""

    def different(start: int) -> int:
        return len({fold(text[a:b]) for a, b in spans if start <= a and b <= start + WIDTH - LEAD})

    return max((start for start, _end in spans[:50]), key=lambda start: (different(start), -start), default=0)


def _drawn(text: str, spans: Sequence[Span]) -> SafeString:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return mark_safe("".join([*pieces, escape(text[last:])]))  # noqa: S308  every piece is escaped

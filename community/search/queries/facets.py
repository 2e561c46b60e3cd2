"""What results can be narrowed by: each choice is the question with one operator more, so it can be read and undone.

Counted are the best results (`find.COUNTED`) in the statement that finds them; the names of what was counted are one
question for each kind of mark. Numbers are told where they are those of all results.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from community.search.queries.find import COUNTED, Found
from community.search.queries.language import LIMIT, Asked
from community.search.registry import namers

SHOWN = 6  # choices of a facet
_STATES = {"answered": _("Answered"), "unanswered": _("Unanswered")}
_TITLES = {"in:c": _("Category"), "tag:": _("Tag"), "by:k": _("Maker")}


@dataclass(frozen=True, slots=True)
class Choice:
    """`question` asks for what it leaves; `count` is None where it is not known."""

    name: Any
    question: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Facet:
    title: Any
    choices: Sequence[Choice]


def facets_of(*, found: Found, asked: Asked, text: str, kind: str) -> list[Facet]:
    """Those with a choice to make: what all results have in common, or was asked for, narrows nothing."""
    total = found.kinds.get(kind, 0) if kind else found.total
    whole = total <= COUNTED and not found.more
    counts = {mark[1:]: number for mark, number in found.marks.items() if number < total or not whole}
    asked_for = {one for group in asked.marks for one in group}
    facets = []
    for prefix, title in _TITLES.items():
        if not any(one.startswith(prefix) for one in asked_for):
            facets.append(Facet(title, _named(prefix, counts, text, exact=whole)))
    if not any(one.startswith("is:") for one in asked_for):
        states = [(name, f"is:{one}", counts.get(f"is:{one}", 0)) for one, name in _STATES.items()]
        facets.append(Facet(_("Question"), _choices([one for one in states if one[2]], text, exact=whole)))
    if asked.lowest is None and asked.highest is None:
        facets.append(Facet(_("Price"), _choices(_spans(found.prices), text, exact=whole)))
    return [one for one in facets if one.choices]


def _named(prefix: str, counts: Mapping[str, int], text: str, *, exact: bool) -> list[Choice]:
    namer = namers().get(prefix)
    ends = {one[len(prefix) :]: number for one, number in counts.items() if one.startswith(prefix)}
    best = sorted(ends, key=lambda end: (-ends[end], end))[:SHOWN]
    if namer is None or not best:
        return []
    names = namer(best)
    operator = prefix.partition(":")[0]
    known = [(names[end], f"{operator}:{_quoted(names[end])}", ends[end]) for end in best if end in names]
    return _choices(known, text, exact=exact)


def _choices(rows: Sequence[tuple[Any, str, int]], text: str, *, exact: bool) -> list[Choice]:
    asked = [(name, f"{text} {operator}", count) for name, operator, count in rows]
    return [Choice(name, one, count if exact else None) for name, one, count in asked if len(one) <= LIMIT]


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), " ")}"' if any(letter.isspace() or letter in '":' for letter in name) else name


def _spans(prices: Sequence[float]) -> list[tuple[str, str, int]]:
    """Cheap, in between, dear: about a third each, between round numbers."""
    if len(prices) < 3:
        return []
    low, high = (_round(float(prices[len(prices) * third // 3])) for third in (1, 2))
    if not prices[0] <= low < high <= prices[-1]:
        return []
    spans = [(f"– {low:,}", f"price:..{low}", [one for one in prices if one <= low])]
    spans.append((f"{low:,} – {high:,}", f"price:{low}..{high}", [one for one in prices if low <= one <= high]))
    spans.append((f"{high:,} –", f"price:{high}..", [one for one in prices if one >= high]))
    return [(name, operator, len(inside)) for name, operator, inside in spans if inside]


def _round(price: float) -> int:
    """To its first two figures."""
    step = 10 ** max(0, len(str(int(price))) - 2)
    return int(price) // step * step

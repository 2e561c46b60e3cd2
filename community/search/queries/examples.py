"""Questions that the help shows. Each is made of what is here, so that it finds something when it is followed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.timezone import localdate
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from community.core.clock import now
from community.search.registry import example_of

FRESH_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Example:
    """`questions` can be asked as they are; `words` say what they ask for."""

    questions: tuple[str, ...]
    words: str


_kept: dict[str, tuple[float, Sequence[Example]]] = {}


def examples() -> Sequence[Example]:
    """In the reader's language; as of the last ten minutes, in this process."""
    language = get_language() or ""
    kept = _kept.get(language)
    if kept is None or time.monotonic() - kept[0] > FRESH_SECONDS:
        kept = _kept[language] = (time.monotonic(), _made())
    return kept[1]


def forget() -> None:
    """Read anew at the next look."""
    _kept.clear()


def _made() -> list[Example]:
    work, tag = example_of("words").replace('"', " "), example_of("tag")
    unwanted = pgettext("search", "question")
    month = localdate(now()) - timedelta(days=31)
    rows = [
        ([f'"{work}"' if work else ""], _("these words side by side")),
        ([tag and f"{tag} -{unwanted}"], _("without the word after the minus")),
        ([_with(pgettext("search", "by:"), example_of("by"))], _("written or made by this person")),
        ([_with(pgettext("search", "in:"), example_of("in"))], _("in this category, or this kind of work")),
        ([_with(pgettext("search", "tag:"), tag), f"#{tag}" if tag else ""], _("with this tag")),
        ([pgettext("search", "has:picture")], _("with a picture")),
        (
            [
                pgettext("search", "is:question"),
                pgettext("search", "is:answered"),
                pgettext("search", "is:unanswered"),
                pgettext("search", "is:answer"),
            ],
            _("questions, with or without an accepted answer, or those answers"),
        ),
        (
            [pgettext("search", "after:") + f"{month:%Y-%m}", pgettext("search", "before:") + f"{now():%Y-%m-%d}"],
            _("from that day on, or before it"),
        ),
        ([_with(pgettext("search", "price:"), example_of("price"))], _("items at that price")),
    ]
    made = [Example(tuple(one for one in questions if one), words) for questions, words in rows]
    return [one for one in made if one.questions]


def _with(operator: str, value: str) -> str:
    quoted = f'"{value}"' if " " in value or "　" in value else value
    return operator + quoted if value else ""

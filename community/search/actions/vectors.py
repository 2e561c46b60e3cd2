"""From a text to what PostgreSQL keeps of it.

The vector is made here and not by `to_tsvector`, since its words come from our dictionary. A title weighs A, names and
tags B, the text D; a word that is only heard (the reading of a kanji word) begins with "~", the tail of a long name
with "^", a mark with "@": none of them can meet a word that is written. Words of a title stand once more behind a "=",
because an index does not know weights: so common words are found in titles first, and titles complete what is being
typed.
"""

from collections import defaultdict
from collections.abc import Iterable

from community.core.text.words import Shape, Word, tails_of, words_of
from community.search.registry import Entry, quoted

LAST_PLACE = 16_383  # PostgreSQL's
PLACES = 64  # of one word: what is said more often is not said more loudly
ALWAYS = 999_999
GAP = 8  # between title, names and text, so that no phrase spans them
BODY_LIMIT = 20_000  # characters; further words of a longer text are not found


def vector(entry: Entry) -> tuple[str, int]:
    """The text form of the tsvector, and the number of words."""
    places: dict[str, list[str]] = defaultdict(list)
    count = start = 0
    for text, weight in ((entry.title, "A"), (entry.aside, "B"), (entry.body[:BODY_LIMIT], "")):
        if not text:
            continue
        words = words_of(text)
        count += len(words)
        start = _place(places, words, start, weight) + GAP
        for tail in tails_of(text):
            places.setdefault("^" + tail, [])
        if weight == "A":
            for lexeme in [one for one in places if not one.startswith("^")]:
                places["=" + lexeme] = []
    for mark in (f"kind:{entry.kind}", f"week:{_week_of(entry)}", *entry.marks):
        places.setdefault("@" + mark, [])
    return " ".join(_spelled(lexeme, at) for lexeme, at in places.items()), count


def _week_of(entry: Entry) -> int:
    """Weeks since 1970, so that the newest part of the index can be asked alone; what is timeless is always in it."""
    return ALWAYS if entry.timeless else int(entry.created_at.timestamp()) // 604_800


def _place(places: dict[str, list[str]], words: Iterable[Word], start: int, weight: str) -> int:
    """Note the words from the place `start` on; returns the last place taken."""
    at = start
    for word in words:
        at = start + word.place + 1
        _note(places, word.shape, at, weight)
        for offset, part in enumerate(word.shape.parts):
            _note(places, part, at + offset, weight)
    return at


def _note(places: dict[str, list[str]], shape: Shape, at: int, weight: str) -> None:
    spelled = f"{min(at, LAST_PLACE)}{weight}"
    for form in shape.forms:
        places[form].append(spelled)
    if shape.sound:
        places["~" + shape.sound].append(spelled)


def _spelled(lexeme: str, at: list[str]) -> str:
    return f"{quoted(lexeme)}:{','.join(at[:PLACES])}" if at else quoted(lexeme)

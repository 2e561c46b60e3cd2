"""What somebody typed in kana may be one word where the dictionary sees several: てぬぐい is て and ぬぐい to it.

The index knows 手ぬぐい by its sound, whole. So a run of kana is offered whole as well, beside its words; and in pieces
that stand side by side, since 一輪挿し is three words in a text, whose last is さし alone and ざし behind another.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from community.core.text.fold import fold
from community.core.text.words import Word

SHORTEST = 3  # letters of a run that is looked up whole
LONGEST = 12
MOST_SPLIT = 8  # letters of a run that is looked up in pieces
_RUN = re.compile(r"[ぁ-ゖー]+|[ァ-ヺー]+|[ｦ-ﾟ]+")
_BETWEEN = frozenset("のをがはにへとでもやノヲガハニヘトデモヤ")  # letters that are words between words
_PLAIN = str.maketrans(
    "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽ", "かきくけこさしすせそたちつてとはひふへほはひふへほ"
)


@dataclass(frozen=True, slots=True)
class Run:
    """`whole`, folded, is what the `units` may be together; `alone`: nothing stands beside it in the question."""

    whole: str
    units: Sequence["Run | Word"]
    alone: bool = False

    def words(self) -> Iterator[Word]:
        """The words of the dictionary that it is made of."""
        for unit in self.units:
            yield from unit.words() if isinstance(unit, Run) else (unit,)


Piece = tuple[int, tuple[str, ...]]
"""How far it stands behind the one before, and how it may sound."""


def units_of(text: str, words: Sequence[Word]) -> list[Run | Word]:
    """The words in order; those that may be one, as a run. A word of the dictionary stays what it is."""
    found: list[Run | Word] = []
    done = 0
    for run in _RUN.finditer(text):
        start, end = run.span()
        found += [word for word in words if done <= word.start < start]
        inside = [word for word in words if start <= word.start < end]
        torn = any(word.start < start < word.end or word.start < end < word.end for word in words)
        alone = not text[max(0, start - 1) : start].strip() and not text[end : end + 1].strip()
        found += inside if torn else _of_run(text, start, end, inside, alone=alone)
        done = end
    return found + [word for word in words if word.start >= done]


def _of_run(text: str, start: int, end: int, words: Sequence[Word], *, alone: bool) -> Sequence[Run | Word]:
    """Cut at the particles; what stands alone may be one word with them: あさのは."""
    taken = {place for word in words for place in range(word.start, word.end)}
    cuts = [place for place in range(start, end) if text[place] in _BETWEEN and place not in taken]
    bounds = [start - 1, *cuts, end]
    units = [unit for one, two in pairwise(bounds) for unit in _of_piece(text, one + 1, two, words, alone=alone)]
    return _of_piece(text, start, end, units, alone=True) if cuts and alone else units


def _of_piece(text: str, start: int, end: int, units: Sequence[Run | Word], *, alone: bool) -> Sequence[Run | Word]:
    inside = [unit for unit in units if not isinstance(unit, Word) or start <= unit.start < end]
    whole = fold(text[start:end])
    is_word = len(inside) == 1 and isinstance(inside[0], Word) and inside[0].written == whole
    if not inside or is_word or not SHORTEST <= len(whole) <= LONGEST:
        return inside
    return [Run(whole, tuple(inside), alone)]


def splits_of(run: str) -> list[list[Piece]]:
    """Two or three pieces of two letters or more that make up the run; or two around の, which takes a place itself."""
    if len(run) > MOST_SPLIT:
        return []
    found: list[list[Piece]] = []
    for count in (1, 2):
        for cuts in combinations(range(2, len(run) - 1), count):
            pieces = [run[one:two] for one, two in pairwise((0, *cuts, len(run)))]
            if min(map(len, pieces)) > 1:
                found.append([(1, _sounds(piece, first=not at)) for at, piece in enumerate(pieces)])
    inner = [at for at in range(1, len(run) - 1) if run[at] == "の"]
    return found + [[(1, (run[:at],)), (2, (run[at + 1 :],))] for at in inner]


def _sounds(piece: str, *, first: bool) -> tuple[str, ...]:
    """Behind another word the first letter may have become a voiced one."""
    plain = piece[0].translate(_PLAIN) + piece[1:]
    return (piece,) if first or plain == piece else (piece, plain)

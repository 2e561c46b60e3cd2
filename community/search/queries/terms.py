"""From words to what is asked of the index (a tsquery)."""

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.text.fold import fold
from community.core.text.words import Shape, Word, long_marks, words_of
from community.search.queries.kana import Run, splits_of, units_of
from community.search.registry import quoted

TERMS = 24
"""Words of a question that are looked up; more do not make it clearer."""
SENTENCE = 4
"""Words; a question with more of them is a sentence, of which not every word has to be there."""
_SHORTEST_TAIL = 2


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question: any of `lexemes` is it. A compound is there too if all of its `parts` are.

    `spellings` are how it may be written in a text, for the marks in an excerpt. `ways`: tsquery text of what it is,
    too. Of what is `joined` nobody knows whether it is one word: its parts are words on their own.
    """

    lexemes: tuple[str, ...]
    parts: tuple["Term", ...] = ()
    spellings: tuple[str, ...] = ()
    place: int = 0
    span: int = 1
    ways: tuple[str, ...] = ()
    joined: bool = False

    @property
    def condition(self) -> str:
        """As tsquery text."""
        one = " | ".join([_any(self.lexemes), *self.ways])
        return f"({one} | {_all(self.parts)})" if self.parts else one

    @property
    def in_title(self) -> str:
        one = _any(tuple("=" + lexeme for lexeme in self.lexemes))
        whole = " & ".join(part.in_title for part in self.parts)
        return f"({one} | ({whole}))" if self.parts else one

    @property
    def tail(self) -> str:
        """The same inside of a long name: キヤノンセミコンダクター has it from some letter on."""
        tails = [f"{quoted('^' + one)}:*" for one in self.spellings if len(one) >= _SHORTEST_TAIL and not one.isascii()]
        return f"({' | '.join([self.condition, *tails])})"

    def leaves(self) -> list["Term"]:
        """What can be counted on its own: the word, and the parts of a compound."""
        return [self, *(leaf for part in self.parts for leaf in part.leaves())]


def terms_of(text: str) -> list[Term]:
    """The words of a question, each once. In a sentence of many words kana are what the dictionary says they are."""
    found: dict[tuple[str, ...], Term] = {}
    words = words_of(text, asked=True)
    for unit in units_of(text, words):
        whole = isinstance(unit, Run) and (unit.alone or len(words) <= SENTENCE)
        for term in [_of_unit(unit)] if whole else _apart(unit):
            found.setdefault(term.lexemes, term)
    return list(found.values())[:TERMS]


def _apart(unit: Run | Word) -> list[Term]:
    return [_term(word) for word in (unit.words() if isinstance(unit, Run) else (unit,))]


def _of_unit(unit: Run | Word) -> Term:
    return _joined(unit) if isinstance(unit, Run) else _term(unit)


def _joined(run: Run) -> Term:
    """Kana that may be one word, or stand for words side by side."""
    whole = long_marks(run.whole)
    return Term(
        lexemes=(whole, "~" + whole),
        parts=tuple(_of_unit(unit) for unit in run.units),
        spellings=(run.whole,),
        ways=tuple(_side_by_side(pieces) for pieces in splits_of(run.whole)),
        joined=True,
    )


def _side_by_side(pieces: Sequence[tuple[int, Sequence[str]]]) -> str:
    (_first, sounds), *rest = pieces
    return "(" + _heard(sounds) + "".join(f" <{gap}> {_heard(more)}" for gap, more in rest) + ")"


def _heard(sounds: Sequence[str]) -> str:
    return _any([sign + long_marks(one) for one in sounds for sign in ("", "~")])


def phrase(text: str) -> str:
    """Words that stand side by side, as tsquery text; "" without a word."""
    units = [unit for word in words_of(text, asked=True) for unit in _units(word)]
    if not units:
        return ""
    condition, last = _any(units[0].lexemes), units[0].place
    for unit in units[1:]:
        condition += f" <{max(0, unit.place - last)}> {_any(unit.lexemes)}"
        last = unit.place
    return f"({condition})"


def mark(name: str) -> str:
    return quoted("@" + name)


def _units(word: Word) -> list[Term]:
    parts = word.shape.parts
    if not parts:
        return [_term(word)]
    return [_of_shape(part, place=word.place + offset) for offset, part in enumerate(parts) if part.forms]


def _term(word: Word) -> Term:
    shape = word.shape
    parts = tuple(_of_shape(part) for part in shape.parts if part.forms)
    heard = () if any(not _is_kana(one) for one in word.written) else ("~" + long_marks(word.written),)
    spellings = dict.fromkeys((word.written, long_marks(word.written), *shape.forms, shape.sound))
    return Term(
        lexemes=tuple(dict.fromkeys((*shape.forms, *heard))),
        parts=parts,
        spellings=tuple(one for one in spellings if one),
        place=word.place,
        span=shape.span,
    )


def _of_shape(shape: Shape, place: int = 0) -> Term:
    return Term(lexemes=shape.forms, spellings=tuple(one for one in (*shape.forms, shape.sound) if one), place=place)


def _is_kana(letter: str) -> bool:
    return "ぁ" <= letter <= "ゖ" or letter == "ー"


def _any(lexemes: Sequence[str]) -> str:
    return f"({' | '.join(quoted(one) for one in lexemes)})" if len(lexemes) > 1 else quoted(lexemes[0])


def _all(parts: Sequence[Term]) -> str:
    return f"({' & '.join(part.condition for part in parts)})"


def unwanted(text: str) -> str:
    """A word or phrase that must not be there; "" without a word. In kana it may be one word for several."""
    if not fold(text).strip() or not (condition := phrase(text)):
        return ""
    units = units_of(text, words_of(text, asked=True))
    if len(units) > 1 or not isinstance(units[0], Run):
        return condition
    one = _joined(units[0])
    return f"({' | '.join([condition, _any(one.lexemes), *one.ways])})"

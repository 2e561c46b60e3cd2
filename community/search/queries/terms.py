"""From words to what is asked of the index (a tsquery)."""

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.text.fold import fold
from community.core.text.words import Shape, Word, long_marks, words_of
from community.search.registry import quoted

TERMS = 24
"""Words of a question that are looked up; more do not make it clearer."""
_SHORTEST_TAIL = 2


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question: any of `lexemes` is it. A compound is there too if all of its `parts` are.

    `spellings` are how it may be written in a text, for the marks in an excerpt.
    """

    lexemes: tuple[str, ...]
    parts: tuple["Term", ...] = ()
    spellings: tuple[str, ...] = ()
    place: int = 0
    span: int = 1

    @property
    def condition(self) -> str:
        """As tsquery text."""
        one = _any(self.lexemes)
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
        return [self, *self.parts]


def terms_of(text: str) -> list[Term]:
    """The words of a question, each once."""
    found: dict[tuple[str, ...], Term] = {}
    for word in words_of(text, asked=True):
        term = _term(word)
        found.setdefault(term.lexemes, term)
    return list(found.values())[:TERMS]


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
    """A word or phrase that must not be there; "" without a word."""
    return phrase(text) if fold(text).strip() else ""

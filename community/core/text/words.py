"""The words of a text, as an index and a question both need them: the one door to SudachiPy.

Japanese has no spaces, so a dictionary finds the words. Each word is told by its normalised form (引越し is 引っ越し,
サーバ is サーバー), folded in width, case, kana and long marks, so that 財布, さいふ, ｻｲﾌ and サイフ are one; what is
written with kanji is told by its sound as well, for those who type kana. A compound (関西国際空港) is told whole and in
its parts. English words are told by their stems. The index and the question come here both: what one finds, the other
has.
"""

import re
import threading
from dataclasses import dataclass
from functools import cache, lru_cache

from snowballstemmer import stemmer
from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from community.core.text.fold import fold

LEXEME = 120
"""Characters of a lexeme; what is longer is no word but an address or a joke."""
_PIECE = 8_000  # characters given to the tokenizer at once; it refuses more than 49,149 bytes
_SKIPPED = frozenset({"助詞", "助動詞", "補助記号", "空白"})
_LATIN = re.compile(r"[0-9a-z]+(?:['’][a-z]+)?")
_ASCII = re.compile(r"[0-9A-Za-z]+(?:['’][A-Za-z]+)?", re.ASCII)
_LETTERS = re.compile(r"\w", re.UNICODE)
_KANA = re.compile(r"[ぁ-ゖー]+")
_here = threading.local()


@dataclass(frozen=True, slots=True)
class Shape:
    """What is said of a word wherever it stands: `forms` are its lexemes, `sound` its reading in hiragana ("" where the
    first form is that already), `span` how many places it takes: one for each of its `parts`, at least one.
    """

    forms: tuple[str, ...]
    sound: str = ""
    parts: tuple["Shape", ...] = ()
    span: int = 1


@dataclass(frozen=True, slots=True)
class Word:
    """A word at its place in the text. Of a question also: `written` is how it stands there, folded; `start` and `end`
    are the letters it takes.
    """

    place: int
    shape: Shape
    written: str
    start: int = 0
    end: int = 0


_NOTHING = Shape((), span=1)
_KATAKANA_RUN = re.compile(r"[ァ-ヺー]{8,}|[ｦ-ﾟ]{8,}")
_RUN_LIMIT = 40


def words_of(text: str, *, asked: bool = False) -> list[Word]:
    """The words of `text` in order; places of what is no word (particles, signs) are left free.

    A text of ASCII alone is English and needs no dictionary. `asked`: it is a question, whose English words are looked
    up all the same, since leather is also レザー.
    """
    if text.isascii() and not asked:
        return _english(text)
    found: list[Word] = []
    place = 0
    tokenizer = _tokenizer()
    for start in range(0, len(text), _PIECE):
        for morpheme in tokenizer.tokenize(text[start : start + _PIECE], SplitMode.C):
            shape = _shape_of(morpheme)
            if shape.forms:
                found.append(_asked(place, shape, morpheme, start) if asked else Word(place, shape, ""))
            place += shape.span
    return found


def _asked(place: int, shape: Shape, morpheme: Morpheme, start: int) -> Word:
    return Word(place, shape, fold(morpheme.surface()), start + morpheme.begin(), start + morpheme.end())


def tails_of(text: str) -> list[str]:
    """Long runs of katakana from each of their letters on (キヤノンセミコンダクター, ヤノンセミ…, ノンセミ…), folded.

    Names of this kind stand in the dictionary as one word or not at all. A part of one begins one of these.
    """
    runs = {fold(run)[:_RUN_LIMIT] for run in _KATAKANA_RUN.findall(text)}
    return [run[start:] for run in sorted(runs) for start in range(len(run) - 1)]


def has_letters(text: str) -> bool:
    """Whether there is anything in it that could be a word."""
    return bool(_LETTERS.search(text))


def _english(text: str) -> list[Word]:
    return [Word(place, _stemmed(found[0].lower()), "") for place, found in enumerate(_ASCII.finditer(text))]


def _tokenizer() -> Tokenizer:
    """One for each thread: it keeps the lattice of the sentence it is at. The dictionary is one for all."""
    mine: Tokenizer | None = getattr(_here, "tokenizer", None)
    if mine is None:
        mine = _here.tokenizer = _dictionary().tokenizer()
    return mine


@cache
def _dictionary() -> Dictionary:
    return Dictionary()


_known: dict[int, Shape] = {}
_KNOWN_LIMIT = 200_000


def _shape_of(morpheme: Morpheme) -> Shape:
    """Words of the dictionary are remembered by their number; others are made each time."""
    if morpheme.is_oov():
        return _made(morpheme)
    number = morpheme.word_id()
    shape = _known.get(number)
    if shape is None:
        shape = _made(morpheme)
        if len(_known) < _KNOWN_LIMIT:
            _known[number] = shape
    return shape


def _made(morpheme: Morpheme, *, whole: bool = True) -> Shape:
    if morpheme.part_of_speech()[0] in _SKIPPED:
        return _NOTHING
    written = fold(morpheme.surface())
    forms = dict.fromkeys(_lexemes(morpheme.normalized_form()))
    if latin := _LATIN.fullmatch(written):
        forms = dict.fromkeys((*_stemmed(latin[0]).forms, *forms))
    parts = _parts(morpheme) if whole else ()
    sound = long_marks(fold(morpheme.reading_form()))[:LEXEME]
    if not forms or sound in forms or not _KANA.fullmatch(sound):
        sound = ""
    return Shape(tuple(forms), sound, parts, max(1, len(parts)))


def _parts(morpheme: Morpheme) -> tuple[Shape, ...]:
    pieces = morpheme.split(SplitMode.A)
    return tuple(_made(piece, whole=False) for piece in pieces) if len(pieces) > 1 else ()


def _lexemes(form: str) -> tuple[str, ...]:
    text = long_marks(fold(form))[:LEXEME]
    return (text,) if _LETTERS.search(text) else ()


def long_marks(text: str) -> str:
    """Without the long mark at the end of a longer word: サーバー and サーバ, メーカー and メーカ."""
    return text.rstrip("ー") if len(text) > 3 else text


@lru_cache(maxsize=50_000)
def _stemmed(word: str) -> Shape:
    """Looked up: the stemmer is written in Python and takes 20 µs a word."""
    return Shape((_stem(word.partition("'")[0].partition("’")[0])[:LEXEME],))


def _stem(word: str) -> str:
    if word.isdigit():
        return word  # no number has a stem, and hardly any is met again
    if not hasattr(_here, "stemmer"):
        _here.stemmer = stemmer("english")
    return str(_here.stemmer.stemWord(word))

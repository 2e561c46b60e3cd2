"""Find documents, best first, at a cost that does not grow with the index.

1. Which documents can be results at all is bounded before anything is weighed: words that few documents have are asked
   for as they are; what is common is asked for in titles and in the newest weeks only, so many of them as `ENOUGH`
   candidates need (`statistics` knows the shares).
2. Candidates are weighed: each word by how rare it is, by how often and where it stands (a title counts most), against
   the length of the text; then a little for being new, and for being an item or an accepted answer.

A few words must all be there. Of a whole sentence ("what is the season of rain called?") as many as possible, above all
the rare ones. Where nothing has all words, what has some of them is shown, and the page says so.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from community.core.errors import Invalid
from community.core.paging import decode_cursor, encode_cursor
from community.members.permissions import Viewer
from community.search.permissions import readable_places, shunned_by
from community.search.queries.language import Asked
from community.search.queries.statistics import Statistics, statistics
from community.search.queries.terms import SENTENCE, Term, mark, phrase, terms_of, unwanted
from community.search.registry import quoted, sources

SIZE = 20
ENOUGH = 600
"""Candidates that are looked for."""
MOST = 1_000
"""Candidates that are weighed."""
COUNTED = 200
"""Of so many of the best results marks are counted: taking a vector apart takes a while."""
WEEKS = 200  # asked for one by one; past them the whole index is asked
TAIL = 0.3  # of a sentence's best result: what is weaker is none
HALF_LIFE_DAYS = 365

# How much a word counts in D (text), C, B (names, tags), A (title).
_PLACES = "{0.5, 0.6, 0.8, 1.0}"
# ts_rank of one word is 0.61 for one occurrence and comes near 1 with more, times its place: a curve like that of BM25.
_WEIGHT = f"%s * ts_rank('{_PLACES}', words, %s::tsquery)"
# A long text has more words by chance; 80 are usual.
_LENGTH = "(0.7 + 0.3 * least(length, 800) / 80.0)"
_FRESH = "(0.85 + 0.15 * exp(-greatest(%s - extract(epoch FROM created_at), 0) / (86400.0 * {days})))"
_KIND = "CASE kind WHEN 'item' THEN 1.5 WHEN 'creator' THEN 1.5 WHEN 'thread' THEN 1.1 ELSE 1 END"
_ANSWER = "CASE WHEN words @@ '''@is:answer'''::tsquery THEN 1.15 ELSE 1 END"


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that fits, and how well."""

    pk: int
    kind: str
    object_id: int
    thread_id: int | None
    score: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results. `kinds` counts the candidates by kind; `more` is said where there may be more of them.

    `loose`: nothing has all the words. `marks` counts those that results can be narrowed by, and `prices` are those of
    the items, both of the best `COUNTED` results of a first page.
    """

    hits: Sequence[Hit] = ()
    next: str | None = None
    kinds: dict[str, int] = field(default_factory=dict)
    more: bool = False
    loose: bool = False
    terms: Sequence[Term] = ()
    marks: dict[str, int] = field(default_factory=dict)
    prices: Sequence[float] = ()

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked of the index: each of `conditions` gives candidates; `terms` are weighed."""

    conditions: tuple[str, ...]
    terms: tuple[Term, ...]
    loose: bool = False
    sentence: bool = False


def find(
    *, asked: Asked, viewer: Viewer, cursor: str = "", size: int = SIZE, kind: str = "", newest: bool = False
) -> Found:
    """Search. `kind` narrows the results, not the counts; `newest`: the newest first of what would be found anyway.

    Raises `Invalid` for a foreign cursor.
    """
    at, beyond = _position(cursor)
    known = statistics()
    terms = tuple(terms_of(" ".join([asked.words, *asked.phrases])))
    room = _Room.of(asked, viewer, at)
    found = Found(terms=terms)
    if not terms and not room.filters and not asked.has_range:
        return found
    for step in _steps(asked, terms, known, room.filters):
        found = _ask(step(), room, known, beyond, size, kind, newest)
        if found.kinds:
            break
    return replace(found, terms=terms)


@dataclass(frozen=True, slots=True)
class _Room:
    """What has to hold whatever the words are."""

    places: list[str]
    shunned: list[int]
    asked: Asked
    at: float
    filters: str  # tsquery text that every condition is joined with, or ""

    @classmethod
    def of(cls, asked: Asked, viewer: Viewer, at: float) -> "_Room":
        wanted = [" | ".join(mark(one) for one in group) for group in asked.marks]
        parts = [f"({one})" for one in wanted] + [f"!{mark(one)}" for one in asked.without]
        parts += [one for text in asked.phrases if (one := phrase(text))]
        parts += [f"!{one}" for text in asked.unwanted if (one := unwanted(text))]
        return cls(readable_places(viewer), sorted(shunned_by(viewer)), asked, at, " & ".join(parts))

    def where(self) -> tuple[str, list[Any]]:
        sql = ["place = ANY(%s)"]
        values: list[Any] = [self.places]
        if self.shunned:
            sql.append("(author_id IS NULL OR author_id <> ALL(%s))")
            values.append(self.shunned)
        bounds = (
            ("created_at >= %s", self.asked.since),
            ("created_at < %s", self.asked.until),
            ("price >= %s", self.asked.lowest),
            ("price <= %s", self.asked.highest),
        )
        for condition, bound in bounds:
            if bound is not None:
                sql.append(condition)
                values.append(bound)
        return " AND ".join(sql), values


def finds_nothing(marks: Sequence[str], viewer: Viewer) -> bool:
    """Whether nothing the viewer may find has one of these marks. Stops at the first."""
    condition = " | ".join(mark(one) for one in marks)
    sql = "SELECT 1 FROM search_document WHERE words @@ %s::tsquery AND place = ANY(%s) LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(sql, [condition, readable_places(viewer)])
        return cursor.fetchone() is None


# --- Candidates ----------------------------------------------------------------------------------------------


def _steps(asked: Asked, terms: tuple[Term, ...], known: Statistics, filters: str) -> list[Callable[[], _Plan]]:
    """Ways to ask, the strictest first; the next is gone if one finds nothing."""
    if not terms:
        share = min((known.share([f"@{one}" for one in group]) for group in asked.marks), default=1.0)
        return [lambda: _Plan(tuple(_bounded("", share, known)), ()), lambda: _Plan(("",), ())]
    strict = [term.condition for term in terms]
    share = min(_share(term, known) for term in terms)
    if len(terms) > SENTENCE and not asked.phrases:
        return [lambda: _sentence(terms, known)]

    def narrow() -> _Plan:
        whole = " & ".join(strict)
        titles = " & ".join(term.in_title for term in terms)
        newest = _bounded(whole, share, known)
        if newest == [whole]:
            return _Plan((whole,), terms)
        title_share = min(known.share("=" + one for one in term.lexemes) for term in terms)
        return _Plan((*newest, *_bounded(titles, title_share, known)), terms)

    steps: list[Callable[[], _Plan]] = [narrow, lambda: _Plan((" & ".join(strict),), terms)]
    tails = " & ".join(term.tail for term in terms)
    steps.append(lambda: _Plan((tails,), terms))
    if (len(terms) > 1 or terms[0].joined) and not asked.phrases:
        steps.append(lambda: replace(_sentence(terms, known), loose=True))
    return steps


def _sentence(terms: tuple[Term, ...], known: Statistics) -> _Plan:
    """The rarest words, as many as `ENOUGH` candidates allow; the first of all in the newest weeks if need be."""
    leaves = sorted({leaf.lexemes: leaf for term in terms for leaf in term.leaves()}.values(),
                    key=lambda leaf: known.share(leaf.lexemes))  # fmt: skip
    chosen, expected = [leaves[0]], known.share(leaves[0].lexemes) * known.total
    for leaf in leaves[1:]:
        expected += known.share(leaf.lexemes) * known.total
        if expected > ENOUGH:
            break
        chosen.append(leaf)
    if len(chosen) == 1:
        conditions = _bounded(chosen[0].condition, known.share(chosen[0].lexemes), known)
    else:
        conditions = [" | ".join(leaf.condition for leaf in chosen)]
    # Two of the next rarest together are rare again.
    rest = leaves[len(chosen) : len(chosen) + 4]
    pairs = [f"({one.condition} & {two.condition})" for index, one in enumerate(rest) for two in rest[index + 1 :]]
    if pairs and expected < 20 * ENOUGH:
        conditions.append(" | ".join(pairs))
    return _Plan(tuple(conditions), terms, sentence=True)


def _bounded(condition: str, share: float, known: Statistics) -> list[str]:
    """The condition, in so many of the newest weeks as are needed; as it is where it is rare."""
    if share * known.total <= ENOUGH * 2 or not known.weeks:
        return [condition]
    weeks, expected = [], 0.0
    for week, part in known.weeks:
        weeks.append(mark(f"week:{week}"))
        expected += part * share * known.total
        if expected >= ENOUGH:
            break
    if len(weeks) > WEEKS:
        return [condition]
    newest = f"({' | '.join(weeks)})"
    return [f"{condition} & {newest}" if condition else newest]


def _share(term: Term, known: Statistics) -> float:
    """Of a compound also what has all its parts."""
    whole = known.share(term.lexemes)
    return max(whole, min(known.share(part.lexemes) for part in term.parts)) if term.parts else whole


# What the best results can be narrowed by: a scalar of one row, so that it comes with the results.
_COUNTED = """
WITH best AS (SELECT id FROM kept WHERE {of_kind} ORDER BY score DESC, id DESC LIMIT {most}),
  told AS (SELECT one, count(*) n FROM best JOIN found USING (id), unnest(tsvector_to_array(words)) one
    WHERE one ~ '^@(in:c|by:k|tag:|is:)' GROUP BY one)
SELECT json_build_object('marks', (SELECT json_object_agg(one, n) FROM told),
  'prices', (SELECT json_agg(price ORDER BY price) FROM best JOIN search_document USING (id) WHERE price IS NOT NULL))
"""


# --- Weighing ------------------------------------------------------------------------------------------------


def _ask(
    plan: _Plan, room: _Room, known: Statistics, beyond: tuple[int, int] | None, size: int, kind: str, newest: bool
) -> Found:
    candidates, values = _candidates(plan, room)
    weight, weights = _weight(plan.terms, known, room.at)
    cut = f"WHERE score >= {TAIL} * (SELECT max(score) FROM weighed)" if plan.sentence else ""  # noqa: S608
    wanted = ["TRUE"]
    more_values: list[Any] = []
    if kind:
        wanted.append("kind = %s")
        more_values.append(kind)
    of_kind = " AND ".join(wanted)
    counted = "NULL" if beyond else f"({_COUNTED.format(of_kind=of_kind, most=COUNTED)})"
    if beyond:
        wanted.append("(score, id) < (%s, %s)")
        more_values += beyond
    score = "extract(epoch FROM created_at)::bigint" if newest else "score"
    sql = (
        f"WITH found AS MATERIALIZED ({candidates}), "  # noqa: S608  no values, but as parameters
        f"weighed AS MATERIALIZED (SELECT id, kind, object_id, thread_id, created_at, ({weight}) AS score FROM found), "
        f"kept AS MATERIALIZED (SELECT id, kind, object_id, thread_id, {score} AS score FROM weighed {cut}) "
        "SELECT id, kind, object_id, thread_id, score, "
        "(SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) n FROM kept GROUP BY kind) k), "
        f"{counted} FROM kept WHERE {' AND '.join(wanted)} ORDER BY score DESC, id DESC LIMIT {size + 1}"
    )
    if not beyond:
        more_values *= 2
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *weights, *more_values])
        rows = cursor.fetchall()
    hits = [Hit(*row[:5]) for row in rows[:size]]
    kinds = rows[0][5] if rows else {}
    order = [one.kind for one in sources()]
    kinds = {one: kinds[one] for one in sorted(kinds, key=lambda name: order.index(name) if name in order else 99)}
    after = encode_cursor([room.at, hits[-1].score, hits[-1].pk]) if len(rows) > size else None
    counts = (rows[0][6] or {}) if rows else {}
    return Found(
        hits=hits,
        next=after,
        kinds=kinds,
        more=sum(kinds.values()) >= ENOUGH,
        loose=plan.loose,
        marks=counts.get("marks") or {},
        prices=counts.get("prices") or (),
    )


def _candidates(plan: _Plan, room: _Room) -> tuple[str, list[Any]]:
    """Rows with their vectors taken out of storage once: each weight would do it again."""
    where, bounds = room.where()
    columns = "id, kind, object_id, thread_id, created_at, length"
    parts, values = [], []
    for condition in plan.conditions:
        whole = " & ".join(f"({one})" for one in (condition, room.filters) if one)
        asked = "words @@ %s::tsquery AND " if whole else ""
        parts.append(f"(SELECT {columns}, words FROM search_document WHERE {asked}{where} LIMIT {MOST})")  # noqa: S608
        values += [*([whole] if whole else []), *bounds]
    if len(parts) == 1:
        return f"SELECT {columns}, words || ''::tsvector AS words FROM {parts[0]} AS alone", values  # noqa: S608
    union = " UNION ALL ".join(parts)
    return f"SELECT DISTINCT ON (id) {columns}, words || ''::tsvector AS words FROM ({union}) AS together", values  # noqa: S608


def _weight(terms: Sequence[Term], known: Statistics, at: float) -> tuple[str, list[Any]]:
    """SQL of a whole number. Without words, newest first."""
    if not terms:
        return "extract(epoch FROM created_at)::bigint", []
    sums, values = [], []
    for term in _weighed(terms):
        own = known.weight(term.lexemes)
        if term.ways:
            sums.append("%s * (words @@ %s::tsquery)::int")
            values += [own / 2, " | ".join(term.ways)]
        parts = [(known.weight(part.lexemes), part) for part in term.parts]
        # A compound tells no more than its parts do; half for it as a whole, half for them.
        shared = 0.5 if parts else 1.0
        pairs = [(own * shared, one) for one in term.lexemes[:2]]
        pairs += [(weight * 0.5, one) for weight, part in parts for one in part.lexemes[:1]]
        for weight, lexeme in pairs:
            sums.append(_WEIGHT)
            values += [weight, quoted(lexeme)]
    sql = f"1e6 * ({' + '.join(sums)}) / {_LENGTH} * {_FRESH.format(days=HALF_LIFE_DAYS)} * {_KIND} * {_ANSWER}"
    return f"({sql})::bigint", [*values, at]


def _weighed(terms: Sequence[Term]) -> list[Term]:
    """Words that are only perhaps one count as one, and each on its own."""
    found = []
    for term in terms:
        if term.joined:
            found += [replace(term, parts=()), *_weighed(term.parts)]
        else:
            found.append(term)
    return found


def _position(cursor: str) -> tuple[float, tuple[int, int] | None]:
    """The moment that freshness is counted from, and the last result before this page."""
    if not cursor:
        return float(int(time.time())), None
    _back, (at, score, pk) = decode_cursor(cursor, length=3)
    whole = all(isinstance(one, int) and abs(one) < 2**62 for one in (score, pk))
    if not isinstance(at, (int, float)) or not 0 < at < 1e11 or not whole:
        raise Invalid("cursor", code="cursor_invalid")
    return float(at), (score, pk)

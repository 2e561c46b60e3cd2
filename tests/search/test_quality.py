"""Questions of real people find the paragraph that answers them: beside a plain substring search and beside bigrams."""

import csv
import gzip
import time
from collections import defaultdict
from collections.abc import Callable
from math import log

import pytest

from community.core.clock import now
from community.core.text.fold import fold
from community.members.permissions import VISITOR
from community.search import queries
from community.search.actions.index import put
from community.search.actions.rebuild import settle
from community.search.registry import Entry
from tests.data import data_file

pytestmark = pytest.mark.django_db


def rows_of(name: str) -> list[dict[str, str]]:
    with gzip.open(data_file(f"ja/{name}.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lay_out(paragraphs: list[dict[str, str]]) -> dict[int, str]:
    """Index the paragraphs as replies; gives the ids of paragraphs by number."""
    at = now()
    entries = [
        Entry(kind="reply", object_id=number, created_at=at, body=row["text"].partition("[SEP]")[2])
        for number, row in enumerate(paragraphs, start=1)
    ]
    for start in range(0, len(entries), 200):
        put(entries[start : start + 200])
    settle()
    queries.forget()
    return {number: row["paragraph_id"] for number, row in enumerate(paragraphs, start=1)}


class Measured:
    def __init__(self) -> None:
        self.ranks: list[int] = []
        self.times: list[float] = []

    def line(self, name: str) -> str:
        count = len(self.ranks)
        first = sum(rank == 1 for rank in self.ranks) / count
        ten = sum(0 < rank <= 10 for rank in self.ranks) / count
        mrr = sum(1 / rank for rank in self.ranks if rank) / count
        times = sorted(self.times)
        p95 = times[int(len(times) * 0.95)] * 1e3
        return f"{name:12} recall@1 {first:.3f}  recall@10 {ten:.3f}  MRR {mrr:.3f}  p95 {p95:.1f} ms"

    @property
    def ten(self) -> float:
        return sum(0 < rank <= 10 for rank in self.ranks) / len(self.ranks)


def rank_of(wanted: str, found: list[str]) -> int:
    return found.index(wanted) + 1 if wanted in found else 0


def ours(question: str, ids: dict[int, str]) -> list[str]:
    found = queries.find(asked=queries.understood(question), viewer=VISITOR, size=10)
    return [ids[hit.object_id] for hit in found.hits]


class Substring:
    """The question, folded, as a part of the text: what `LIKE` does."""

    def __init__(self, paragraphs: list[dict[str, str]]) -> None:
        self.texts = [(row["paragraph_id"], fold(row["text"])) for row in paragraphs]

    def find(self, question: str) -> list[str]:
        wanted = fold(question).rstrip("?。 ")
        return [pk for pk, text in self.texts if wanted in text][:10]


class Bigrams:
    """Pairs of letters, weighed by how rare they are (BM25 with its usual constants)."""

    def __init__(self, paragraphs: list[dict[str, str]]) -> None:
        self.postings: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.lengths: dict[str, int] = {}
        for row in paragraphs:
            pairs = self.pairs(row["text"].partition("[SEP]")[2])
            self.lengths[row["paragraph_id"]] = len(pairs)
            for pair in pairs:
                self.postings[pair][row["paragraph_id"]] += 1
        self.usual = sum(self.lengths.values()) / len(self.lengths)

    @staticmethod
    def pairs(text: str) -> list[str]:
        text = fold(text)
        return [text[at : at + 2] for at in range(len(text) - 1)]

    def find(self, question: str) -> list[str]:
        scores: dict[str, float] = defaultdict(float)
        total = len(self.lengths)
        for pair in sorted(set(self.pairs(question))):
            found = self.postings.get(pair, {})
            weight = log(1 + (total - len(found) + 0.5) / (len(found) + 0.5))
            for pk, times in found.items():
                long = 0.25 + 0.75 * self.lengths[pk] / self.usual
                scores[pk] += weight * times * 2.2 / (times + 1.2 * long)
        return sorted(scores, key=lambda pk: -scores[pk])[:10]


def measured_by(find: Callable[[str], list[str]], questions: list[dict[str, str]]) -> Measured:
    measured = Measured()
    for row in questions:
        began = time.perf_counter()
        found = find(row["question"])
        measured.times.append(time.perf_counter() - began)
        measured.ranks.append(rank_of(row["paragraph_id"], found))
    return measured


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_questions_find_their_paragraph_among_the_first_ten() -> None:
    paragraphs, questions = rows_of("jsquad_paragraphs"), rows_of("jsquad_questions")
    ids = lay_out(paragraphs)
    found = {
        "substring": measured_by(Substring(paragraphs).find, questions),
        "bigrams": measured_by(Bigrams(paragraphs).find, questions),
        "Hiroba": measured_by(lambda question: ours(question, ids), questions),
    }
    print("", *(one.line(name) for name, one in found.items()), sep="\n")
    assert found["Hiroba"].ten >= 0.95
    assert found["Hiroba"].ten > found["substring"].ten


def test_most_of_a_few_questions_find_their_paragraph() -> None:
    """The same with 150 paragraphs and 60 questions."""
    paragraphs = rows_of("jsquad_paragraphs")[:150]
    known = {row["paragraph_id"] for row in paragraphs}
    questions = [row for row in rows_of("jsquad_questions") if row["paragraph_id"] in known][::10][:60]
    ids = lay_out(paragraphs)
    assert measured_by(lambda question: ours(question, ids), questions).ten >= 0.95

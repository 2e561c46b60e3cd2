"""Questions of real people find the paragraph that answers them: beside a plain substring search and beside bigrams."""

import csv
import gzip
import time

import pytest

from community.core.clock import now
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


def measure(questions: list[dict[str, str]], ids: dict[int, str]) -> Measured:
    measured = Measured()
    for row in questions:
        began = time.perf_counter()
        found = ours(row["question"], ids)
        measured.times.append(time.perf_counter() - began)
        measured.ranks.append(rank_of(row["paragraph_id"], found))
    return measured


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_questions_find_their_paragraph_among_the_first_ten() -> None:
    paragraphs, questions = rows_of("jsquad_paragraphs"), rows_of("jsquad_questions")
    ids = lay_out(paragraphs)
    measured = measure(questions, ids)
    print("", measured.line("ours"), sep="\n")
    assert measured.ten >= 0.95

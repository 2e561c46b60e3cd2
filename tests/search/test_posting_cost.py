"""What the index adds to a reply: no statement, and a little time of the same round trip."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from community.core.stack import with_room
from community.members.models import Member
from community.search import actions
from community.threads.models import Category, Thread
from tests.factories import threads as make
from tests.support import cpu

BODY = """わたしは年に二回、**蜜蝋クリーム**を薄く塗っています。塗ったあとは一晩おいて、乾いた布でよく拭きます。

水に濡れたときは、すぐに陰干しするのがいちばんです。財布の角は傷みやすいので、指で少しだけ多めに。"""
ROUNDS = 80


@pytest.fixture
def talk(ana: Member, square: Category) -> Thread:
    return make.open_thread(ana, square, title="財布の手入れ", body="教えてください。")


@pytest.fixture
def as_ben(ben: Member) -> Client:
    client = Client(headers={"accept": "application/json"})
    client.force_login(ben)
    return client


@contextmanager
def without_index(patch: pytest.MonkeyPatch) -> Iterator[None]:
    with patch.context() as inside:
        inside.setattr(actions, "put_at_the_end", lambda entry: None)
        yield


def post(client: Client, thread: Thread) -> None:
    sent = {"body": BODY, "idempotency_key": str(uuid4())}
    answer = client.post(reverse("threads:reply", args=[thread.pk]), sent)
    assert answer.status_code == 201


@pytest.mark.django_db
def test_a_reply_asks_nothing_more_of_the_database(
    as_ben: Client, talk: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(as_ben, talk)
    with CaptureQueriesContext(connection) as found:
        post(as_ben, talk)
    with without_index(monkeypatch), CaptureQueriesContext(connection) as alone:
        post(as_ben, talk)
    assert len(found) == len(alone)
    assert any("search_document" in query["sql"] for query in found.captured_queries)


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_reply_costs_little_more_with_the_index(
    as_ben: Client, talk: Thread, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    """CPU of the web process and of PostgreSQL together, in turns, so that both meet the same moments."""
    settings.LIMITS = {}  # type: ignore[attr-defined]
    pid = cpu.server_process()
    spent: dict[str, list[float]] = {"with": [], "without": []}

    def in_turns() -> None:
        for turn in range(2 * ROUNDS):
            way = ("with", "without")[turn % 2]
            began = cpu.spent(pid)
            if way == "with":
                post(as_ben, talk)
            else:
                with without_index(monkeypatch):
                    post(as_ben, talk)
            spent[way].append(cpu.spent(pid) - began)

    with_room(in_turns)  # as a worker of the site has it
    found = {way: median(times[5:]) * 1e3 for way, times in spent.items()}
    least = {way: min(times) * 1e3 for way, times in spent.items()}
    print(f"\nCPU of a reply: {found['without']:.2f} ms without the index, {found['with']:.2f} ms with it")
    print(f"least of all: {least['without']:.2f} and {least['with']:.2f} ms")
    assert found["with"] <= 1.15 * found["without"]

"""Commands that wait for each other are committed together, and each is what it is alone."""

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from community.core import facts, together, work
from community.core.errors import Conflict, Invalid, NotAllowed
from community.core.facts import Live
from community.core.idempotency import Answer, Command
from community.core.models import IdempotencyKey
from community.core.together import once
from community.core.work import unit
from realtime.models import StreamEvent
from tests.core.support import PATIENCE, until

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Said:
    word: str


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log hears of a word, and of the row that was handed over with it."""
    monkeypatch.setitem(facts._last, Said, [lambda fact: [Live("thread.1", "said", {"word": fact.word})]])


def command(key: str, body: bytes = b"x") -> Command:
    return Command.of(owner="test", operation="say", key=f"key-{key:0>8}", body=body)


@unit
def say(word: str) -> Answer:
    """What a command does: a row of its own transaction, a fact, an answer in the language of who asked."""
    facts.record(Said(word))
    with connection.cursor() as cursor:
        cursor.execute("SELECT txid_current()")
        transaction = cursor.fetchone()[0]
    return Answer(201, f"{word} {transaction} {translation.get_language()}".encode(), {})


def together_with(works: dict[str, Callable[[], Answer]], *, meanwhile: Callable[[], None] = lambda: None) -> Any:
    """Their outcomes: answer or exception. They wait in one line behind a first one until all of them are there."""
    there, go_on = Event(), Event()

    def first() -> Answer:
        there.set()
        assert go_on.wait(PATIENCE)
        return say("first")

    def join(key: str, do: Callable[[], Answer]) -> Answer:
        try:
            with translation.override("ja" if key.startswith("j") else "en"):
                return once(command(key.partition("#")[0]), do, line="a")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works) + 1) as pool:
        ahead = pool.submit(join, "first", first)
        assert there.wait(PATIENCE)
        coming: dict[str, Future[Answer]] = {}
        for number, (key, do) in enumerate(works.items(), start=1):
            coming[key] = pool.submit(join, key, do)
            until(lambda n=number: len(together._LINES._waiting["a"]) == n)  # type: ignore[misc]
        meanwhile()
        go_on.set()
        ahead.result(PATIENCE)
        return {key: one.exception(PATIENCE) or one.result() for key, one in coming.items()}


def refuse() -> Answer:
    say("refused")
    raise NotAllowed("No.", code="no")


def words() -> list[str]:
    return [event.payload["word"] for event in StreamEvent.objects.filter(stream="thread.1").order_by("seq")]


def test_those_who_wait_share_one_transaction_and_nothing_else() -> None:
    answers = together_with({key: lambda key=key: say(key) for key in ("a", "jb", "c")})  # type: ignore[misc]
    word, transaction, language = zip(*(answer.body.decode().split() for answer in answers.values()), strict=True)
    assert (word, language) == (("a", "jb", "c"), ("en", "ja", "en"))
    assert len(set(transaction)) == 1
    assert words() == ["first", "a", "jb", "c"]
    assert list(StreamEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert IdempotencyKey.objects.filter(state="done").count() == 4


def test_a_refused_one_takes_nobody_with_it() -> None:
    answers = together_with({"a": lambda: say("a"), "b": refuse, "c": lambda: say("c")})
    assert isinstance(answers["b"], NotAllowed)
    transactions = {answers[key].body.split()[1] for key in ("a", "c")}
    assert len(transactions) == 2  # each alone
    assert sorted(words()) == ["a", "c", "first"]
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {
        command(key).key for key in ("first", "a", "c")
    }


def test_the_same_command_twice_in_a_line_is_done_once() -> None:
    answers = together_with({"a": lambda: say("a"), "a#again": lambda: say("a"), "b": lambda: say("b")})
    assert answers["a"] == answers["a#again"]
    assert words() == ["first", "a", "b"]


def test_what_was_answered_before_is_answered_again_and_not_done() -> None:
    before = once(command("a"), lambda: say("a"))
    answers = together_with({"a": refuse, "b": lambda: say("b")})
    assert answers["a"] == before
    assert words() == ["a", "first", "b"]


def test_a_key_that_came_with_another_body_is_refused_and_the_others_are_not() -> None:
    once(command("a", b"another"), lambda: say("a"))
    answers = together_with({"a": lambda: say("a"), "b": lambda: say("b")})
    assert isinstance(answers["a"], Invalid)
    assert words() == ["a", "first", "b"]


def test_a_key_that_another_process_works_on_is_busy_and_the_others_are_not() -> None:
    def meanwhile() -> None:
        with connection.cursor() as cursor:  # a session of its own, as another process has
            cursor.execute(
                "SELECT pg_advisory_lock(hashtextextended(%s, 0))", ["\n".join(["idempotency", *command("a").name])]
            )

    try:
        answers = together_with({"a": lambda: say("a"), "b": lambda: say("b")}, meanwhile=meanwhile)
    finally:
        with connection.cursor() as cursor:  # closing gives the session back to the pool, lock and all
            cursor.execute("SELECT pg_advisory_unlock_all()")
        connection.close()
    assert isinstance(answers["a"], Conflict)
    assert words() == ["first", "b"]


def test_each_part_tells_what_it_was_when_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that was handed over with a fact is at hand when that part is told, and not only that of the last one."""
    row = IdempotencyKey(pk=7)
    at_hand: list[bool] = []

    def listen(fact: Said) -> list[Live]:
        at_hand.append(facts.written(IdempotencyKey, 7) is row)
        return []

    monkeypatch.setitem(facts._last, Said, [listen])

    @unit
    def hand_over() -> Answer:
        facts.record(Said("x"), wrote=row)
        return Answer(201, b"", {})

    answers = together_with({"a": hand_over, "b": hand_over})
    assert [answer.status for answer in answers.values()] == [201, 201]
    assert at_hand == [False, True, True]  # the first one hands nothing over


def test_tallies_of_a_unit_are_merged_and_written_in_the_order_of_locks() -> None:
    add = "UPDATE core_idempotencykey SET status = coalesce(status, 0) + %s WHERE id = %s"
    with CaptureQueriesContext(connection) as asked, work.open_unit():
        work.tally(2, 1, add, 1)
        work.tally(1, 9, add, 1)
        work.tally(1, 3, add, 1)
        work.tally(2, 1, add, 4)
        with pytest.raises(ValueError), work.open_unit():
            work.tally(1, 1, add, 100)
            raise ValueError
    rows = re.findall(r"\+ (\d+) WHERE id = (\d+)", "\n".join(query["sql"] for query in asked.captured_queries))
    assert rows == [("1", "3"), ("1", "9"), ("5", "1")]


def test_a_tally_outside_of_a_unit_is_refused() -> None:
    with pytest.raises(RuntimeError, match="unit of work"):
        work.tally(1, 1, "UPDATE nothing", 1)

"""One transaction per command, and facts that are heard only if they came true."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from community.core import facts, work
from community.core.facts import Live
from community.core.models import IdempotencyKey
from community.core.work import open_unit, unit
from realtime.models import StreamEvent
from tests.core.support import note


@dataclass(frozen=True)
class Noted:
    stream: str


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the handlers of `Noted` heard, in order."""
    calls: list[str] = []
    monkeypatch.setitem(facts._within, Noted, [lambda fact: calls.append(f"within {fact.stream}")])
    monkeypatch.setitem(facts._last, Noted, [lambda fact: [Live(fact.stream, "noted", {"n": 1})]])
    monkeypatch.setitem(facts._after, Noted, [_failing, lambda fact: calls.append(f"after {fact.stream}")])
    yield calls


def _failing(fact: Any) -> None:
    raise RuntimeError("a handler that fails stops no other")


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fact_outside_of_a_unit_is_refused(heard: list[str]) -> None:
    with pytest.raises(RuntimeError, match="unit of work"):
        facts.record(Noted("thread.1"))
    assert heard == []


def test_a_unit_commits_the_write_the_log_entry_and_then_tells_the_rest(heard: list[str]) -> None:
    with open_unit():
        note("a")
        facts.record(Noted("thread.1"))
        assert heard == ["within thread.1"]
    assert heard == ["within thread.1", "after thread.1"]
    assert IdempotencyKey.objects.count() == 1
    assert list(StreamEvent.objects.values_list("stream", "seq", "kind")) == [("thread.1", 1, "noted")]


def test_a_unit_that_fails_leaves_nothing_and_is_not_heard(heard: list[str]) -> None:
    @unit
    def act() -> None:
        note("a")
        facts.record(Noted("thread.1"))
        raise ValueError

    with pytest.raises(ValueError):
        act()
    assert heard == ["within thread.1"]  # in the transaction that is gone
    assert IdempotencyKey.objects.count() == 0
    assert StreamEvent.objects.count() == 0
    assert work.current() is None


def test_an_inner_unit_that_fails_takes_back_its_own_part_only(heard: list[str]) -> None:
    with open_unit():
        facts.record(Noted("thread.1"))
        with pytest.raises(ValueError), open_unit():
            note("inner")
            facts.record(Noted("thread.2"))
            raise ValueError
    assert IdempotencyKey.objects.count() == 0
    assert set(StreamEvent.objects.values_list("stream", flat=True)) == {"thread.1"}
    assert "after thread.2" not in heard


KEEP = "INSERT INTO core_idempotencykey (owner, operation, key, body_hash, state, headers, created_at)"
KEEP += " VALUES ('test', 'note', %s, '', 'done', '{}', now())"


def kept() -> set[str]:
    return set(IdempotencyKey.objects.values_list("key", flat=True))


def test_last_statements_run_with_the_live_entries_and_without_any(heard: list[str]) -> None:
    with open_unit():
        work.at_the_end(KEEP, ["alone"])
        assert kept() == set()
    with CaptureQueriesContext(connection) as asked, open_unit():
        work.at_the_end(KEEP, ["100 %"])
        facts.record(Noted("thread.1"))
    assert kept() == {"alone", "100 %"}
    assert StreamEvent.objects.count() == 1
    assert len([query for query in asked.captured_queries if "INSERT" in query["sql"]]) == 1


def test_last_statements_of_an_inner_unit_that_fails_do_not_run(heard: list[str]) -> None:
    with open_unit():
        work.at_the_end(KEEP, ["outer"])
        with pytest.raises(ValueError), open_unit():
            work.at_the_end(KEEP, ["inner"])
            raise ValueError
    assert kept() == {"outer"}


def test_a_last_statement_outside_of_a_unit_is_refused() -> None:
    with pytest.raises(RuntimeError, match="unit of work"):
        work.at_the_end(KEEP, ["nobody"])


def test_a_whole_unit_does_not_go_on_after_a_part_of_it_failed(heard: list[str]) -> None:
    with pytest.raises(TransactionManagementError), open_unit(whole=True):
        note("outer")
        with pytest.raises(ValueError), open_unit():
            note("inner")
            raise ValueError
        note("after")
    assert kept() == set()


def _append_crosswise(first: str, second: str, meet: threading.Barrier, errors: list[Exception]) -> None:
    try:
        for _round in range(20):
            with open_unit():
                facts.record(Noted(first))
                facts.record(Noted(second))
                meet.wait(timeout=10)
    except Exception as error:
        errors.append(error)
    finally:
        connection.close()


def test_units_that_touch_the_same_streams_crosswise_never_deadlock(heard: list[str]) -> None:
    meet, errors = threading.Barrier(2), list[Exception]()
    crossing = [("thread.1", "item.1"), ("item.1", "thread.1")]
    threads = [threading.Thread(target=_append_crosswise, args=(*pair, meet, errors)) for pair in crossing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert StreamEvent.objects.count() == 80


def test_the_control_without_the_unit_s_order_does_deadlock(heard: list[str]) -> None:
    """The negative control: each fact appended at once, in the order it was recorded."""
    from realtime import log

    meet, errors = threading.Barrier(2), list[Exception]()

    def cross(first: str, second: str) -> None:
        try:
            with transaction.atomic():
                log.append_many([Live(first, "noted", {})])
                meet.wait(timeout=10)
                log.append_many([Live(second, "noted", {})])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=cross, args=pair) for pair in [("thread.1", "item.1"), ("item.1", "thread.1")]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(errors) == 1 and "deadlock" in str(errors[0])

"""The log's own promises, without any socket."""

from datetime import timedelta
from threading import Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from realtime import log, valkey
from realtime.models import Stream, StreamEvent
from realtime.retention import trim
from tests.realtime.harness import Note, append

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.usefixtures("live_tables")


def numbers(name: str, after: int) -> list[int]:
    page = log.read(name, after)
    assert isinstance(page, log.Page)
    return [event.seq for event in page.events]


def test_appending_outside_a_transaction_is_refused_and_writes_nothing() -> None:
    with pytest.raises(RuntimeError):
        log.append_many([Note("probe.1")])
    assert not StreamEvent.objects.exists()


def test_a_rolled_back_transaction_leaves_no_number_behind() -> None:
    append("probe.1")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        log.append_many([Note("probe.1")])
        raise ZeroDivisionError
    assert append("probe.1") == 2
    assert numbers("probe.1", 0) == [1, 2]


def test_a_payload_that_is_not_json_is_refused_and_writes_nothing() -> None:
    with pytest.raises(TypeError), transaction.atomic():
        log.append_many([Note("probe.1", payload={"at": timezone.now()})])
    assert not StreamEvent.objects.exists()


def test_one_commit_numbers_several_streams_each_in_the_order_given() -> None:
    with transaction.atomic():
        events = log.append_many([Note("probe.2", "b"), Note("probe.1", "a"), Note("probe.2", "c")])
    assert [(e.stream, e.seq, e.kind) for e in events] == [
        ("probe.1", 1, "a"),
        ("probe.2", 1, "b"),
        ("probe.2", 2, "c"),
    ]
    page = log.read("probe.2", 0)
    assert isinstance(page, log.Page)
    assert [(e.seq, e.kind) for e in page.events] == [(1, "b"), (2, "c")]


def test_appending_takes_one_statement_whatever_the_number_of_events(django_assert_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_num_queries(1):
        log.append_many([Note(f"probe.{n % 5}") for n in range(100)])


def test_what_is_published_is_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(valkey, "publish", sent.append)
    with transaction.atomic():
        log.append_many([Note("probe.1", "note", {"html": {"ja": "財布"}})])
        assert sent == []
    assert len(sent) == 1
    assert "財布" in sent[0].decode()


def test_a_batch_too_large_to_publish_is_announced_by_number(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LIVE = {"hint_above": 500}
    sent: list[bytes] = []
    monkeypatch.setattr(valkey, "publish", sent.append)
    with transaction.atomic():
        log.append_many([Note("probe.1", "note", {"text": "x" * 400}), Note("probe.1", "note", {"text": "y" * 400})])
    assert sent == [b'{"n":{"probe.1":2}}']


def test_a_number_from_another_database_is_answered_with_a_reset() -> None:
    append("probe.1")
    assert log.read("probe.1", 7) == log.Reset(1)
    assert log.read("probe.404", 7) == log.Reset(0)
    assert log.read("probe.404", 0) == log.Page([], 0)


def test_latest_knows_streams_that_have_no_event_yet() -> None:
    append("probe.1")
    assert log.latest(["probe.1", "probe.2"]) == {"probe.1": 1, "probe.2": 0}


def test_trimming_keeps_the_newest_events_and_says_reset_below_them(settings: Any) -> None:
    settings.LIVE = {"keep_events": 10}
    with transaction.atomic():
        log.append_many([Note("probe.1") for _ in range(25)])
    trimmed = trim(batch=4)
    assert (trimmed.events, trimmed.streams) == (15, 1)
    assert log.read("probe.1", 14) == log.Reset(25)
    assert numbers("probe.1", 15) == list(range(16, 26))
    assert append("probe.1") == 26


def test_trimming_drops_events_older_than_the_kept_days_and_never_restarts_the_numbers() -> None:
    with transaction.atomic():
        log.append_many([Note("probe.1") for _ in range(3)])
    StreamEvent.objects.update(at=timezone.now() - timedelta(days=8))
    trim()
    assert not StreamEvent.objects.exists()
    assert Stream.objects.get().floor == 3
    assert append("probe.1") == 4


def test_trimming_stops_at_its_budget(settings: Any) -> None:
    settings.LIVE = {"keep_events": 0}
    with transaction.atomic():
        log.append_many([Note("probe.1") for _ in range(50)])
    assert trim(batch=10, budget=20).events == 20


def test_a_hole_that_a_hand_made_in_the_table_is_never_passed_over_in_silence() -> None:
    with transaction.atomic():
        log.append_many([Note("probe.1") for _ in range(3)])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM realtime_streamevent WHERE seq = 2")
    assert log.read("probe.1", 0) == log.Reset(3)


def test_redacting_takes_the_text_of_one_post_out_and_leaves_its_number() -> None:
    append("probe.1", "post", post=1, html={"ja": "消したい"})
    append("probe.1", "post", post=2, html={"ja": "残す"})
    assert log.redact(["probe.1"], key="post", values=[1]) == 1
    page = log.read("probe.1", 0)
    assert isinstance(page, log.Page)
    assert [event.payload for event in page.events] == [{"post": 1}, {"post": 2, "html": {"ja": "残す"}}]


def test_trimming_and_a_writer_who_redacts_never_wait_for_each_other_in_a_circle(settings: Any) -> None:
    settings.LIVE = {"keep_events": 0}
    append("probe.1", "post", post=1, html={"ja": "消したい"})
    removed: list[int] = []

    def trim_now() -> None:
        try:
            removed.append(trim().events)
        finally:
            connection.close()

    trimmer = Thread(target=trim_now)
    with transaction.atomic():
        log.redact(["probe.1"], key="post", values=[1])
        trimmer.start()
        _until_somebody_waits()
        # Were the trimmer to hold the stream while it waits for the event, this would be a deadlock.
        log.append_many([Note("probe.1")])
    trimmer.join(10)
    assert removed == [1]
    assert Stream.objects.get().floor == 1
    assert numbers("probe.1", 1) == [2]


def _until_somebody_waits() -> None:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _look in range(200):
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            if cursor.fetchone():
                return
        sleep(0.02)
    raise AssertionError("nobody waits for the row")

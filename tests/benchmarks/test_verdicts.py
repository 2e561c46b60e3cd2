"""A promise is kept, broken, or not measured; nothing else, and never by accident."""

from typing import Any

import pytest

from benchmarks.verdicts import Verdict, verdicts


def fanout_row(server: str, **figures: Any) -> dict[str, Any]:
    given = {"server": server, "readers": 1000, "p50": 5, "p99": 10, "last_p99": 12, "flat_rate": 100_000}
    return given | {"lost": 0, "flat_lost": 0, "kib_each": 20} | figures


@pytest.fixture
def good_run() -> dict[str, list[dict[str, Any]]]:
    return {
        "fanout": [
            fanout_row("hiroba", flat_rate=150_000),
            fanout_row("coalesced", flat_rate=900_000),
            fanout_row("socketio", last_p99=15),
            fanout_row("one_send", flat_rate=200_000),
            fanout_row("channels", flat_rate=4_000),
        ]
    }


def by_name(found: list[Verdict], part: str) -> Verdict:
    [verdict] = [each for each in found if part in each.what]
    return verdict


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    found = verdicts({})
    assert len(found) > 20
    assert {each.reached for each in found} == {None}


def test_a_run_that_keeps_every_promise_of_the_fan_out(good_run: dict[str, list[dict[str, Any]]]) -> None:
    found = [each for each in verdicts(good_run) if each.group in "12"]
    assert [each.what for each in found if not each.reached] == []
    assert by_name(found, "÷ Channels").got == 37.5


@pytest.mark.parametrize("key", ["lost", "flat_lost"])
def test_one_lost_message_breaks_the_promise(good_run: dict[str, list[dict[str, Any]]], key: str) -> None:
    good_run["fanout"].append(fanout_row("hiroba", flat_rate=150_000, **{key: 1}))
    assert by_name(verdicts(good_run), "messages lost").reached is False


def test_the_slower_of_both_ways_of_sending_counts(good_run: dict[str, list[dict[str, Any]]]) -> None:
    good_run["fanout"][1]["last_p99"] = 40
    assert by_name(verdicts(good_run), "last of 1,000 ÷ socket.io").got == pytest.approx(40 / 15)


def test_a_reader_that_is_dear_only_when_there_are_many_is_found(good_run: dict[str, list[dict[str, Any]]]) -> None:
    good_run["fanout"].append(fanout_row("hiroba", readers=2000, kib_each=33))
    assert by_name(verdicts(good_run), "idle reader").reached is False


def test_a_stale_page_and_a_refused_reply_break_the_same_promise() -> None:
    for fault in ({"stale": 1, "bad": 0}, {"stale": 0, "bad": 1}):
        found = verdicts({"writes": [{"kind": "fresh", "looked": 1000, **fault}]})
        assert by_name(found, "next request").reached is False


def test_at_the_limit_is_reached() -> None:
    assert Verdict("1", "at least", 1.3, True, 1.3).reached is True
    assert Verdict("1", "at most", 1.5, False, 1.5).reached is True
    assert Verdict("1", "at least", 1.3, True, 1.29).reached is False

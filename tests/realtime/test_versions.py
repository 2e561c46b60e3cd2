"""What a kept page is compared with: the newest numbers, never older than the question."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from community.core.facts import Live
from realtime import log, versions
from realtime.offload import in_thread

pytest_plugins = ["tests.realtime.servers"]


@pytest.fixture
async def numbers(live_tables: None) -> AsyncIterator[Any]:
    yield versions.of
    await versions.close()


@pytest.fixture
def told() -> Iterator[list[bytes]]:
    """The questions that were sent to PostgreSQL."""
    seen: list[bytes] = []
    real = versions.Reader._send

    def send(self: versions.Reader) -> None:
        before = dict(self._names)
        real(self)
        if self._now and before and not self._names:
            seen.append(",".join(before).encode())

    versions.Reader._send = send  # type: ignore[method-assign]
    yield seen
    versions.Reader._send = real  # type: ignore[method-assign]


def write(*names: str) -> None:
    with transaction.atomic():
        log.append_many([Live(name, "changed") for name in names])


async def test_the_numbers_come_in_the_order_asked_and_start_at_nought(numbers: Any) -> None:
    await in_thread(write, "thread.1", "thread.1", "home.1")
    assert await numbers(["home.1", "thread.2", "thread.1"]) == (1, 0, 2)
    assert await numbers([]) == ()


@pytest.mark.parametrize("name", ["", "thread", "thread.1,home.1", "thread.-1", 'a"b.1', "thread.1\n"])
async def test_what_is_no_stream_is_not_asked_for(numbers: Any, name: str) -> None:
    with pytest.raises(ValueError, match="no stream"):
        await numbers([name])


async def test_whoever_waits_shares_one_question(numbers: Any, told: list[bytes]) -> None:
    await numbers(["home.1"])
    told.clear()
    answers = await asyncio.gather(*(numbers([f"thread.{n}", "home.1"]) for n in range(50)))
    assert answers == [(0, 0)] * 50
    assert len(told) == 1


async def test_who_asks_while_a_question_is_under_way_gets_a_younger_answer(numbers: Any, told: list[bytes]) -> None:
    await numbers(["home.1"])
    told.clear()
    first = asyncio.ensure_future(numbers(["home.1"]))
    while not told:
        await asyncio.sleep(0)
    await asyncio.to_thread(_write_and_close, "home.1")  # the first answer is read only after this
    assert await numbers(["home.1"]) == (1,)
    assert await first in {(0,), (1,)}
    assert len(told) == 2


async def test_a_commit_is_always_in_the_next_answer(numbers: Any) -> None:
    for n in range(1, 101):
        await in_thread(write, "thread.7")
        assert await numbers(["thread.7"]) == (n,)


async def test_one_who_hangs_up_takes_the_answer_from_nobody(numbers: Any) -> None:
    gone, stays = asyncio.ensure_future(numbers(["home.1"])), asyncio.ensure_future(numbers(["home.1"]))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == (0,)


async def test_a_lost_connection_is_no_answer_and_then_a_new_connection(
    numbers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "PAUSE", 0.05)
    assert await numbers(["home.1"]) == (0,)
    await in_thread(_end_connections)
    with pytest.raises(versions.Unknown):
        for _try in range(100):
            await numbers(["home.1"])
            await asyncio.sleep(0.01)
    with pytest.raises(versions.Unknown):
        await numbers(["home.1"])
    await asyncio.sleep(0.06)
    assert await numbers(["home.1"]) == (0,)


async def test_without_a_database_the_caller_hears_so_at_once(numbers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there = versions._parameters()
    monkeypatch.setattr(versions, "_parameters", lambda: there | {"dbname": "there_is_no_such_database"})
    with pytest.raises(versions.Unknown):
        await numbers(["home.1"])
    began = asyncio.get_running_loop().time()
    with pytest.raises(versions.Unknown):
        await numbers(["home.1"])
    assert asyncio.get_running_loop().time() - began < 0.05


def _write_and_close(name: str) -> None:
    try:
        write(name)
    finally:
        connection.close()


def _end_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'hiroba-versions' AND datname = current_database()"
        )

"""Questions that are put at the same time are asked once; an answer is never older than its question."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from realtime.batch import Batch
from realtime.pace import BURST, Pace


class Database:
    """Answers `key → [how often it was asked]`; a round waits while the gate is shut."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()

    def ask(self, keys: list[str]) -> dict[str, int]:
        self.rounds.append(keys)
        number = len(self.rounds)
        self.gate.wait(5)
        if "broken" in keys:
            raise LookupError("the database is away")
        return dict.fromkeys(keys, number)


@pytest.fixture
def database() -> Database:
    return Database()


async def rounds_begun(database: Database, count: int) -> None:
    while len(database.rounds) < count:
        await asyncio.sleep(0.005)


async def test_a_thousand_equal_questions_of_one_moment_are_asked_at_most_twice(database: Database) -> None:
    batch: Batch[str, int] = Batch(database.ask, rounds=1)
    await asyncio.gather(*(batch.get("thread.5") for _ in range(1_000)))
    assert database.rounds == [["thread.5"]] * len(database.rounds)
    assert len(database.rounds) <= 2


async def test_a_question_is_never_answered_by_a_round_that_had_begun_before_it(database: Database) -> None:
    batch: Batch[str, int] = Batch(database.ask, rounds=1)
    database.gate.clear()
    first = asyncio.create_task(batch.get("a"))
    await rounds_begun(database, 1)
    second = asyncio.create_task(batch.get("a"))
    await asyncio.sleep(0.02)
    database.gate.set()
    assert (await first, await second) == (1, 2)


async def test_a_slow_round_does_not_hold_up_the_others(database: Database) -> None:
    def ask(keys: list[str]) -> dict[str, int]:
        time.sleep(0.5 if "slow" in keys else 0)
        return dict.fromkeys(keys, 1)

    batch: Batch[str, int] = Batch(ask)
    slow = asyncio.create_task(batch.get("slow"))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    assert await batch.get("quick") == 1
    assert time.monotonic() - started < 0.4
    assert not slow.done()
    await slow


async def test_a_round_is_bounded(database: Database) -> None:
    batch: Batch[str, int] = Batch(database.ask, rounds=1, most=10)
    await asyncio.gather(*(batch.get(str(n)) for n in range(25)))
    assert [len(keys) for keys in database.rounds] == [1, 10, 10, 4]


async def test_a_failure_reaches_all_who_asked_in_that_round_and_nobody_else(database: Database) -> None:
    batch: Batch[str, int] = Batch(database.ask, rounds=1)
    answers = await asyncio.gather(*(batch.get(key) for key in ("fine", "broken", "alike")), return_exceptions=True)
    assert answers[0] == 1
    assert [type(answer) for answer in answers[1:]] == [LookupError, LookupError]
    assert await batch.get("fine") == 3


async def test_one_who_goes_away_does_not_take_the_answer_from_the_others(database: Database) -> None:
    batch: Batch[str, int] = Batch(database.ask, rounds=1)
    database.gate.clear()
    before, leaving, staying = (asyncio.create_task(batch.get(key)) for key in "baa")
    await rounds_begun(database, 1)
    leaving.cancel()
    await asyncio.sleep(0)
    database.gate.set()
    assert (await before, await staying) == (1, 2)
    assert leaving.cancelled()


@pytest.fixture
async def clock() -> Callable[[], float]:
    return asyncio.get_running_loop().time


async def test_sockets_beyond_the_pace_wait_for_their_turn(clock: Callable[[], float]) -> None:
    pace = Pace(per_second=200, longest=5)
    started = clock()
    assert all(await asyncio.gather(*(pace.turn() for _ in range(BURST + 40))))
    assert 0.15 < clock() - started < 1.5


async def test_a_wait_that_would_be_too_long_is_refused_at_once(clock: Callable[[], float]) -> None:
    pace = Pace(per_second=100, longest=0.1)
    started = clock()
    taken = await asyncio.gather(*(pace.turn() for _ in range(BURST + 100)))
    assert taken.count(True) in range(BURST + 8, BURST + 15)
    assert clock() - started < 1
    await asyncio.sleep(0.5)
    assert await pace.turn()

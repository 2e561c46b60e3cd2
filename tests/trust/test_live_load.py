"""REL-10, REL-15, REL-19: bursts, readers who do not read, and everybody coming back at once."""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psutil
import pytest
from django.db import transaction

from realtime import log
from tests.realtime.crowd import Tap, p95
from tests.realtime.harness import ROOT, Note, Web, append, in_thread, running, until

pytest_plugins = ["tests.realtime.servers"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

STREAM = "probe.9"
ROOMY = {"sockets_per_address": 5_000, "idle": 600}  # the listeners of these tests never say anything
MEGABYTE = 1024 * 1024
SYSTEM_BUFFERS = 6  # MB, at most, that the kernel and our queue take before anybody is slow


def deep(*values: Any) -> Any:
    """A parameter of the long run."""
    return pytest.param(*values, marks=pytest.mark.deep)


@asynccontextmanager
async def listening(taps: list[Tap]) -> AsyncIterator[None]:
    async with running(taps):
        await until(lambda: all(tap.subscribed for tap in taps), 60)
        yield


async def number(web: Web, name: str) -> float:
    """A number of the web process, 0 when it has not counted that yet."""
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"{web.origin}/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def append_together(count: int, *, each: int, text: str = "") -> None:
    """`count` events, `each` to a commit."""
    for start in range(0, count, each):
        with transaction.atomic():
            log.append_many([Note(STREAM, "note", {"n": n, "text": text}) for n in range(start, start + each)])


# --- REL-10: a burst above what may queue --------------------------------------------------------------------------


@pytest.mark.parametrize(("server_kind", "sockets"), [("hardened", 20), ("uvicorn", 20), deep("hardened", 200)])
async def test_a_burst_of_1000_events_reaches_every_socket_within_5_s_although_only_100_may_queue(
    web: Callable[..., Web], server_kind: str, sockets: int
) -> None:
    process = web(**ROOMY, outbox_frames=100, opens_per_second=1_000)
    taps = [Tap(process, STREAM) for _ in range(sockets)]
    for tap in taps[: sockets // 4]:
        tap.little_buffer = True
    async with listening(taps):
        for tap in taps[: sockets // 4]:
            tap.reading.clear()  # a quarter is busy with something else while the burst goes by
        await in_thread(lambda: append_together(1_000, each=100, text="x" * 1_000))
        for tap in taps:
            tap.reading.set()
        took = await until(lambda: all(tap.last >= 1_000 for tap in taps), 5)
        dropped, cut = await counted_drops(process)
    print(f"\nREL-10 ({server_kind}): {sockets} sockets whole after {took:.2f} s; {dropped:.0f} dropped, {cut:.0f} cut")
    assert all(tap.seen == list(range(1, 1_001)) for tap in taps)
    assert (dropped > 0) == (cut > 0)
    assert sum(tap.closed.count(4408) for tap in taps) <= cut


async def counted_drops(process: Web) -> tuple[float, float]:
    cut = await number(process, 'hiroba_live_closed_total{code="4408"}')
    return await number(process, "hiroba_live_dropped_total"), cut


# --- REL-15: a reader who does not read ----------------------------------------------------------------------------


class Watched:
    """The memory of a process above what it had; `most` as it was at its worst."""

    def __init__(self, process: Web) -> None:
        assert process.process is not None
        self._process = psutil.Process(process.process.pid)
        self._before = self._process.memory_info().rss
        self.most = 0.0

    async def run(self) -> None:
        while True:
            self.most = max(self.most, (self._process.memory_info().rss - self._before) / MEGABYTE)
            await asyncio.sleep(0.02)


async def due(megabytes: int, *, rate: float = 400) -> None:
    """Events of 20 KB, until so much was due to every reader."""
    text = "x" * 20_000
    for n in range(megabytes * 50):
        started = time.monotonic()
        await in_thread(lambda n=n: append(STREAM, "note", n=n, sent=time.time(), text=text))
        await asyncio.sleep(max(0.0, 1 / rate - (time.monotonic() - started)))


@pytest.mark.parametrize("megabytes", [20, deep(200)])
async def test_a_reader_who_does_not_read_is_cut_off_costs_little_and_comes_back_to_all_of_it(
    web: Callable[..., Web], megabytes: int
) -> None:
    process = web(**ROOMY, replay_batch=20)  # the events are large
    slow, others = Tap(process, STREAM, little_buffer=True), [Tap(process, STREAM) for _ in range(4)]
    before = max(10, megabytes // 4)
    async with listening([slow, *others]):
        cutting = asyncio.create_task(cut_off(process, others))
        await due(before, rate=150)  # the same without anybody in the way
        await asyncio.gather(*(number(process, "hiroba_live_sockets") for _ in range(20)))
        # Whatever pages and events need, the process has now.
        alone = [lag for tap in others for lag in tap.lags]
        for tap in others:
            tap.lags.clear()
        slow.reading.clear()
        watched = Watched(process)
        watching = asyncio.create_task(watched.run())
        await due(SYSTEM_BUFFERS, rate=150)
        started = time.monotonic()  # whatever the machine's pace, from now on something waits for the reader
        await due(megabytes - SYSTEM_BUFFERS, rate=150)
        await asyncio.wait_for(cutting, 15)
        watching.cancel()
        slow.reading.set()
        total = (before + megabytes) * 50
        await until(lambda: all(tap.last == total for tap in (slow, *others)), 60)
    moment, together = cutting.result()
    took = moment - started
    print(f"\nREL-15: cut after {took:.1f} s ({slow.closed}), + {watched.most:.1f} MB of {megabytes}")
    print(f"  p95 of the others {p95(together):.4f} s, without it {p95(alone):.4f} s")
    assert took <= 10
    assert watched.most <= 20
    # The machine's own unrest: over few posts a p95 is nearly the worst of them. The long version is measured closely.
    assert p95(together) <= 1.1 * p95(alone) + (0.03 if megabytes >= 200 else 0.15)
    assert slow.seen == list(range(1, total + 1))
    assert all(tap.closed == [] for tap in others)


async def cut_off(process: Web, others: list[Tap]) -> tuple[float, list[float]]:
    """When the process gave a reader up, and the lags of the others until then."""
    while not await number(process, 'hiroba_live_closed_total{code="4408"}'):
        await asyncio.sleep(0.1)
    return time.monotonic(), [lag for tap in others for lag in tap.lags]


async def test_control_without_the_budget_a_reader_who_does_not_read_fills_the_memory(web: Callable[..., Web]) -> None:
    process = web(**ROOMY, outbox_bytes=1 << 30, outbox_frames=1_000_000, outbox_wait=600)
    slow = Tap(process, STREAM, little_buffer=True)
    async with listening([slow]):
        slow.reading.clear()
        watched = Watched(process)
        watching = asyncio.create_task(watched.run())
        await due(40)
        watching.cancel()
    assert watched.most > 20


# --- REL-19: everybody comes back at once --------------------------------------------------------------------------


class Posting:
    """5 posts a second to a process; afterwards, how long they `took` and what the `answers` were."""

    def __init__(self, process: Web) -> None:
        self.process = process
        self.took: list[float] = []
        self.answers: list[int] = []

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        command = [sys.executable, "-m", "tests.realtime.posting", f"{self.process.origin}/post", "5"]
        poster = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        assert poster.stdout is not None
        await poster.stdout.readline()
        try:
            yield
        finally:
            poster.terminate()
            told, _errors = await poster.communicate()
        self.took, self.answers = (list(column) for column in zip(*json.loads(told), strict=True))


@pytest.fixture
def storm(web: Callable[..., Web]) -> Iterator[Callable[..., Any]]:
    """`await storm(n)`: a process dies with n sockets, all of which go to another that takes posts. Returns the p95 of
    a post before and in the storm, the seconds until all are back, and the answers to the posts.
    """

    async def run(sockets: int, *, jitter: bool = True, **live: Any) -> tuple[float, float, float, list[int]]:
        dying, staying = web(**ROOMY, opens_per_second=1_000), web(**ROOMY, **live)
        taps = [Tap(dying, STREAM, jitter=jitter) for _ in range(sockets)]
        posting = Posting(staying)
        async with listening(taps):
            async with posting.going_on():
                await asyncio.sleep(8)
            usual = p95(posting.took)
            for tap in taps:
                tap.web = staying
            async with posting.going_on():
                await in_thread(dying.kill)
                await until(lambda: not any(tap.subscribed for tap in taps), 10)
                back = await until(lambda: all(tap.subscribed for tap in taps), 60)
        return usual, p95(posting.took), back, posting.answers

    yield run


@pytest.mark.parametrize("sockets", [150, deep(1_000)])
async def test_all_sockets_dropped_at_once_are_back_soon_and_posts_hardly_notice(
    storm: Callable[..., Any], sockets: int
) -> None:
    usual, stormy, back, answers = await storm(sockets)
    print(f"\nREL-19: {sockets} back after {back:.1f} s; p95 of a post {usual:.3f} s, in the storm {stormy:.3f} s")
    assert back <= 60
    assert set(answers) == {200}
    assert stormy <= 2 * usual + 0.05  # the machine's own unrest


@pytest.mark.deep
async def test_control_without_jitter_and_pace_posts_wait_for_the_storm(storm: Callable[..., Any]) -> None:
    usual, stormy, _back, _answers = await storm(1_000, jitter=False, opens_per_second=1_000_000)
    assert stormy > 2 * usual + 0.05


async def test_a_thousand_questions_of_a_storm_are_a_handful_of_queries(web: Callable[..., Web]) -> None:
    process = web(**ROOMY, opens_per_second=10_000)
    taps = [Tap(process, STREAM) for _ in range(200)]
    async with listening(taps):
        assert await number(process, "hiroba_live_wires") == 200
        rounds = await number(process, "hiroba_live_question_rounds_total")
        asked = await number(process, "hiroba_live_questions_total")
    print(f"\n{asked:.0f} questions in {rounds:.0f} rounds")
    assert asked >= 400
    assert rounds < asked / 2

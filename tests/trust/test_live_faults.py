"""REL-6, REL-8, REL-11: nothing that was committed is lost to a reader, whoever dies on the way."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import redis.asyncio
from django.conf import settings
from django.db import connection, transaction

from realtime import log, valkey
from tests.realtime.harness import Note, OwnValkey, Reader, Web, append, both_servers, in_thread, running, until

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.django_db(transaction=True)

STREAM = "probe.6"
QUICK = {"poll": 2.0, "poll_when_down": 1.0, "beat": 2.0}


async def post_at(rate: float, count: int, took: list[float]) -> None:
    """`count` posts, `rate` a second, each a transaction that ends with the log; `took` gets their seconds."""
    for n in range(count):
        start = time.monotonic()
        await in_thread(lambda n=n: append(STREAM, n=n))
        took.append(time.monotonic() - start)
        await asyncio.sleep(max(0.0, 1 / rate - (time.monotonic() - start)))


async def kill_things(web: Web, server: OwnValkey) -> None:
    """Three kills of the web process and two of Valkey, spread over the posting."""
    for victim in ("web", "valkey", "web", "valkey", "web"):
        await asyncio.sleep(1.0)
        if victim == "web":
            await in_thread(web.kill)
            await asyncio.sleep(0.2)
            await in_thread(web.start)
        else:
            await in_thread(server.kill)
            await asyncio.sleep(0.5)
            await in_thread(server.start)


async def test_1000_events_through_3_web_kills_and_2_valkey_kills_reach_10_readers_once_in_order(
    web: Callable[..., Web], own_valkey: OwnValkey
) -> None:
    process = web(**QUICK)
    readers = [Reader(process, STREAM) for _ in range(10)]
    took: list[float] = []
    async with running(readers):
        await until(lambda: all(r.subscribed.is_set() for r in readers), 10)
        await asyncio.gather(post_at(80, 1_000, took), kill_things(process, own_valkey))
        healed = await until(lambda: all(len(r.shown) >= 1_000 for r in readers), 15)
    print(f"\nREL-6: all 10 readers whole {healed:.2f} s after the last post; slowest post {max(took) * 1e3:.0f} ms")
    for reader in readers:
        assert reader.shown == list(range(1, 1_001))


class HopefulReader:
    """The control: what most live pages do. It listens to the push, reconnects when cut, and has no log to ask."""

    def __init__(self) -> None:
        self.shown: list[int] = []

    async def run(self) -> None:
        while True:
            try:
                async with (
                    redis.asyncio.Redis.from_url(settings.REDIS_URL, protocol=2) as client,
                    client.pubsub() as sub,
                ):
                    await sub.subscribe("control")
                    async for message in sub.listen():
                        if message["type"] == "message":
                            self.shown.append(int(message["data"]))
            except (redis.RedisError, OSError):
                await asyncio.sleep(0.1)


def push_without_a_log(number: int) -> None:
    with suppress(valkey.ValkeyError):  # the post went through, the push did not
        valkey.client().publish("control", str(number))


async def test_control_a_push_without_the_log_loses_events(own_valkey: OwnValkey) -> None:
    reader = HopefulReader()
    task = asyncio.create_task(reader.run())
    await asyncio.sleep(0.3)
    for number in range(1, 201):
        if number in (50, 120):
            await in_thread(own_valkey.kill)
            asyncio.get_running_loop().call_later(0.3, own_valkey.start)
        await in_thread(push_without_a_log, number)
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert 0 < len(reader.shown) < 200


@both_servers
async def test_1000_events_missed_offline_arrive_within_a_second_of_coming_back(web: Callable[..., Web]) -> None:
    process = web()
    reader = Reader(process, STREAM, last=0)
    await in_thread(append_in_hundreds, 1_000)
    start = time.monotonic()
    async with running([reader]):
        await until(lambda: len(reader.shown) >= 1_000, 10)
        took = time.monotonic() - start
    print(f"\nREL-8: 1,000 missed events in {took:.2f} s")
    assert reader.shown == list(range(1, 1_001))
    assert took <= 1


def append_in_hundreds(count: int) -> None:
    text = {"ja": "布の色は三つあります。" * 8, "en": "The cloth comes in three colours. " * 6}
    for start in range(0, count, 100):
        with transaction.atomic():
            log.append_many([Note(STREAM, "note", {"n": n, "html": text}) for n in range(start, start + 100)])


async def test_a_reader_from_before_retention_is_told_to_reload_and_goes_on_live(
    web: Callable[..., Web], settings: Any
) -> None:
    from realtime.retention import trim

    settings.LIVE = {"keep_events": 100}
    process = web()
    await in_thread(append_in_hundreds, 1_000)
    await in_thread(trim)
    reader = Reader(process, STREAM, last=0)
    async with running([reader]):
        await until(lambda: reader.got("reset"), 5)
        await in_thread(append, STREAM)
        await until(lambda: reader.shown, 5)
    assert reader.got("reset") == [{"type": "reset", "stream": STREAM, "seq": 1_000}]
    assert reader.shown == [1_001]


def post_with_a_row(n: int) -> int:
    """A post as an app makes it: its own row, then the log, in one transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_session VALUES (%s, '', now())", [f"post-{n}"])
        return log.append_many([Note(STREAM, "note", {"n": n})])[0].seq


class Poster:
    """20 posts a second; remembers when each number was committed and how long its post took."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.posted: dict[int, float] = {}

    async def post(self, count: int) -> None:
        for _ in range(count):
            start = time.monotonic()
            seq = await in_thread(post_with_a_row, len(self.took))
            self.posted[seq] = time.time()
            self.took.append(time.monotonic() - start)
            await asyncio.sleep(max(0.0, 0.05 - (time.monotonic() - start)))

    def instant(self, reader: Reader, latest: int = 10) -> bool:
        """Whether the newest posts all reached the reader within 0.25 s: pushed, not polled."""
        newest = sorted(self.posted)[-latest:]
        return all(reader.arrived.get(seq, 1e12) - self.posted[seq] < 0.25 for seq in newest)


@pytest.mark.parametrize(("how", "seconds"), [("killed", 30), ("frozen", 8)])
async def test_valkey_away_during_20_posts_a_second_fails_none_and_live_is_back_within_10_s(
    web: Callable[..., Web], own_valkey: OwnValkey, how: str, seconds: int
) -> None:
    reader, poster = Reader(web(), STREAM), Poster()
    away, back = (
        (own_valkey.kill, own_valkey.start)
        if how == "killed"
        else (lambda: own_valkey.freeze(True), lambda: own_valkey.freeze(False))
    )
    async with running([reader]):
        await until(reader.subscribed.is_set, 10)
        await in_thread(away)
        await poster.post(20 * seconds)
        shown_meanwhile = len(reader.shown)
        await in_thread(back)
        returned = time.monotonic()
        await poster.post(10)
        while not poster.instant(reader) and time.monotonic() - returned < 10:
            await poster.post(2)
        live_again = time.monotonic() - returned
        await until(lambda: len(reader.shown) == len(poster.took), 10)
    took = sorted(poster.took)
    p99, worst = took[int(len(took) * 0.99)] * 1e3, took[-1] * 1e3
    print(f"\nREL-11 ({how}): {len(took)} posts, p99 {p99:.0f} ms, worst {worst:.0f} ms")
    print(f"  {shown_meanwhile} shown while it was away, pushed at once again after {live_again:.1f} s")
    assert reader.shown == list(range(1, len(took) + 1))
    assert shown_meanwhile > 20 * seconds * 0.7  # the log was polled meanwhile
    assert live_again < 10
    assert p99 < 250

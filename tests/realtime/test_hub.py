"""The hub with its races forced: whatever order things happen in, a reader gets each event once, in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from realtime import log, questions, registry
from realtime.auth import Viewer
from realtime.conf import LiveSettings
from realtime.connection import Connection
from realtime.events import Event, Frame
from realtime.hub import Hub
from tests.realtime.harness import Note, append, in_thread, until

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.usefixtures("live_tables")

STREAM = "probe.1"
closed_to: set[int | None] = set()


@pytest.fixture(autouse=True)
def probes() -> Iterator[None]:
    """`probe.<n>` may be watched by everybody but the members in `closed_to`."""
    closed_to.clear()
    registry.register("probe", may_subscribe=lambda user, _pk: user.pk not in closed_to)
    yield
    registry._topics.pop("probe")


class FakeDoor:
    """A server's socket whose reader takes frames, or (`stuck`) does not."""

    wire = None

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self.code: int | None = None
        self.stuck = False

    def try_send(self, frame: Frame) -> bool:
        return False

    async def send_text(self, frame: Frame) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.texts.append(frame.text)
        self.frames.append(json.loads(frame.text))

    async def close(self, code: int) -> None:
        self.code = code


class Reader:
    def __init__(self, hub: Hub, user_id: int | None = None) -> None:
        user = AnonymousUser()
        user.pk = user_id
        self.door = FakeDoor()
        viewer = Viewer(user, user_id, None, 0, "", "ja", "192.0.2.1")
        self.connection = Connection(viewer, self.door, hub.conf)
        assert hub.admit(self.connection) is None

    @property
    def seen(self) -> list[int]:
        return [frame["seq"] for frame in self.door.frames if frame["type"] == "event"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.door.frames if frame["type"] == kind]


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub(LiveSettings(outbox_frames=50, outbox_wait=0.2, replay_batch=10))
    yield hub
    hub.drain()
    await asyncio.gather(*[c._closer for c in hub.connections if c._closer is not None])
    await until(lambda: not hub._tasks, 5)


async def reader_at(hub: Hub, after: int | None = 0, user_id: int | None = None) -> Reader:
    reader = Reader(hub, user_id)
    await hub.subscribe(reader.connection, STREAM, await hub.questions.newest.get(STREAM) if after is None else after)
    return reader


def event(seq: int, kind: str = "note") -> Event:
    return Event(STREAM, seq, kind, {}, "2026-11-21T00:00:00.000Z")


async def write(count: int = 1, kind: str = "note") -> None:
    def work() -> None:
        with transaction.atomic():
            log.append_many([Note(STREAM, kind) for _ in range(count)])

    await in_thread(work)


@pytest.fixture
def during_next_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """`during_next_read(call)`: when the hub next reads the log, `call` happens right after the rows were read."""

    def arrange(call: Callable[[], None]) -> None:
        def read(*args: Any) -> Any:
            monkeypatch.setattr(questions, "read", log.read)
            page = log.read(*args)
            call()
            return page

        monkeypatch.setattr(questions, "read", read)

    return arrange


async def test_wake_ups_that_overtake_each_other_are_put_in_order(hub: Hub) -> None:
    reader = await reader_at(hub)
    for seq in (2, 3, 1):
        hub.deliver(event(seq))
    await until(lambda: reader.seen == [1, 2, 3], 1)


async def test_a_wake_up_that_never_comes_is_replaced_by_the_log(hub: Hub) -> None:
    reader = await reader_at(hub)
    await write(3)
    hub.deliver(event(3))
    await until(lambda: reader.seen == [1, 2, 3], 2)


async def test_with_no_wake_up_at_all_the_poll_brings_everything(hub: Hub) -> None:
    reader = await reader_at(hub)
    await write(25)
    await hub.poll()
    await until(lambda: reader.seen == list(range(1, 26)), 2)


async def test_a_repeated_wake_up_is_delivered_once(hub: Hub) -> None:
    reader = await reader_at(hub)
    for seq in (1, 1, 2, 1, 2):
        hub.deliver(event(seq))
    await until(lambda: reader.seen == [1, 2], 1)
    await asyncio.sleep(0.05)
    assert reader.seen == [1, 2]


async def test_an_event_committed_between_registering_and_reading_is_delivered_once(
    hub: Hub, during_next_read: Callable[[Callable[[], None]], None]
) -> None:
    await write(3)
    loop = asyncio.get_running_loop()

    def commit_and_wake() -> None:
        append(STREAM)
        loop.call_soon_threadsafe(hub.deliver, event(4))

    during_next_read(commit_and_wake)
    reader = await reader_at(hub)
    await hub.poll()
    await until(lambda: reader.seen == [1, 2, 3, 4], 2)


async def test_a_second_reader_who_joins_from_now_does_not_disturb_the_first_one_still_replaying(
    hub: Hub, during_next_read: Callable[[Callable[[], None]], None]
) -> None:
    await write(30)
    loop = asyncio.get_running_loop()
    second: list[asyncio.Task[Reader]] = []
    during_next_read(
        lambda: loop.call_soon_threadsafe(lambda: second.append(loop.create_task(reader_at(hub, after=None))))
    )
    first = await reader_at(hub)
    newcomer = await second[0]
    await write(2)
    await hub.poll()
    await until(lambda: newcomer.seen == [31, 32], 2)
    await until(lambda: first.seen == list(range(1, 33)), 2)


async def test_nothing_after_a_closing_event_is_replayed_to_a_reader_who_lost_access_meanwhile(
    hub: Hub, during_next_read: Callable[[Callable[[], None]], None]
) -> None:
    def close_in_the_log() -> None:
        closed_to.add(5)
        append(STREAM, log.ACCESS)
        append(STREAM, "secret")

    await write(15)  # two batches; the door shuts between them
    during_next_read(close_in_the_log)
    reader = await reader_at(hub, user_id=5)
    await until(lambda: reader.of("revoked"), 2)
    assert reader.seen == list(range(1, 16))


async def test_a_wake_up_with_a_closing_event_is_not_delivered_before_everybody_was_asked_again(hub: Hub) -> None:
    loses, stays = await reader_at(hub, user_id=5), await reader_at(hub, user_id=6)
    closed_to.add(5)
    await write(1, log.ACCESS)
    await write(1, "secret")
    hub.deliver(event(1, log.ACCESS))
    hub.deliver(event(2, "secret"))
    await until(lambda: stays.seen == [1, 2], 2)
    assert loses.seen == []
    assert loses.of("revoked") == [{"type": "revoked", "stream": STREAM}]


async def test_a_slow_reader_is_closed_with_4408_and_the_others_miss_nothing(hub: Hub) -> None:
    slow, quick = await reader_at(hub), await reader_at(hub)
    await until(lambda: slow.of("subscribed"), 1)
    slow.door.stuck = True
    for seq in range(1, 101):
        hub.deliver(event(seq))
        await asyncio.sleep(0)
    await until(lambda: slow.door.code == 4408, 3)
    assert slow.connection.queued == 0
    await until(lambda: quick.seen == list(range(1, 101)), 2)


async def test_a_replay_waits_for_its_reader_and_then_gives_it_up(hub: Hub) -> None:
    await write(100)
    reader = Reader(hub)
    reader.door.stuck = True
    await asyncio.wait_for(hub.subscribe(reader.connection, STREAM, 0), 5)
    await until(lambda: reader.door.code == 4408, 3)


async def test_an_event_is_encoded_once_for_all_readers_of_one_language(hub: Hub) -> None:
    readers = [await reader_at(hub) for _ in range(5)]
    shared = Event(STREAM, 1, "note", {"html": {"ja": "布", "en": "cloth"}}, "2026-11-21T00:00:00.000Z")
    hub.deliver(shared)
    await until(lambda: all(reader.seen == [1] for reader in readers), 1)
    assert list(shared._frames) == ["ja"]
    assert len({id(reader.door.texts[-1]) for reader in readers}) == 1


async def test_a_restored_database_resets_the_readers_who_are_ahead_of_it(hub: Hub) -> None:
    await write(3)
    reader = await reader_at(hub, after=900)
    await until(lambda: reader.of("reset"), 1)
    assert reader.of("reset") == [{"type": "reset", "stream": STREAM, "seq": 3}]
    await write(1)
    await hub.poll()
    await until(lambda: reader.seen == [4], 2)


async def test_leaving_frees_everything_the_hub_kept(hub: Hub) -> None:
    reader = await reader_at(hub)
    hub.leave(reader.connection)
    assert hub.rooms == {}
    assert not hub.connections
    reader.connection.close(4012)
    await until(lambda: reader.door.code == 4012, 1)


async def test_a_draining_hub_asks_its_readers_to_come_back_and_takes_no_new_one(hub: Hub) -> None:
    reader = await reader_at(hub)
    hub.drain()
    await until(lambda: reader.door.code == 4012, 1)
    newcomer = Connection(reader.connection.viewer, FakeDoor(), hub.conf)
    assert hub.admit(newcomer) == 4012

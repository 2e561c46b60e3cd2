"""What leaves a room together, and who gets it: coalescing may change when a reader hears of something, never what."""

import asyncio
import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from realtime import metrics
from realtime.auth import Viewer
from realtime.conf import LiveSettings
from realtime.connection import Connection
from realtime.events import ACCESS, TOGETHER, Event, Frame, bunches, frame
from realtime.rooms import Room
from tests.realtime.harness import until

STREAM = "probe.1"
WINDOW = 0.05


class Door:
    """Takes every frame at once, and remembers when."""

    wire = None

    def __init__(self) -> None:
        self.got: list[tuple[int, float]] = []
        self.told: list[str] = []

    def try_send(self, frame: Frame) -> bool:
        message = json.loads(frame.text)
        if message["type"] == "event":
            self.got.append((message["seq"], time.monotonic()))
        else:
            self.told.append(message["type"])
        return True

    async def send_text(self, frame: Frame) -> None:
        raise AssertionError("nothing has to queue")

    async def close(self, code: int) -> None: ...

    @property
    def seen(self) -> list[int]:
        return [seq for seq, _moment in self.got]


def event(seq: int, **payload: Any) -> Event:
    return Event(STREAM, seq, "note", payload, "2026-11-21T00:00:00.000Z")


def reader(room: Room, *, at: int = 0, language: str = "ja", live: bool = True) -> tuple[Connection, Door]:
    door = Door()
    viewer = Viewer(AnonymousUser(), None, None, 0, "", language, "192.0.2.1")
    connection = Connection(viewer, door, LiveSettings())
    subscription = room.join(connection, at)
    if live:
        room.go_live(subscription)
    return connection, door


@pytest.fixture
async def room() -> Room:
    return Room(STREAM, WINDOW)


async def test_the_first_event_after_a_quiet_moment_leaves_at_once(room: Room) -> None:
    _connection, door = reader(room)
    for seq in (1, 2):
        room.push(event(seq))
        assert door.seen == list(range(1, seq + 1))
        await asyncio.sleep(WINDOW * 1.5)


async def test_what_follows_within_the_window_leaves_together_when_it_ends(room: Room) -> None:
    _connection, door = reader(room)
    for seq in range(1, 6):
        room.push(event(seq))
    assert door.seen == [1]
    await until(lambda: door.seen == [1, 2, 3, 4, 5], 1)
    assert door.got[-1][1] - door.got[1][1] < WINDOW / 2
    assert WINDOW * 0.5 < door.got[1][1] - door.got[0][1] < WINDOW * 5


async def test_a_steady_stream_leaves_once_a_window(room: Room) -> None:
    _connection, door = reader(room)
    for seq in range(1, 41):
        room.push(event(seq))
        await asyncio.sleep(WINDOW / 8)
    await until(lambda: door.seen == list(range(1, 41)), 1)
    moments = sorted({round(moment / WINDOW, 1) for _seq, moment in door.got})
    assert len(moments) < 20


async def test_without_a_window_every_event_leaves_at_once() -> None:
    room = Room(STREAM, 0.0)
    _connection, door = reader(room)
    for seq in (1, 2, 3):
        room.push(event(seq))
    assert door.seen == [1, 2, 3]


async def test_no_more_than_a_bounded_size_and_number_waits() -> None:
    room = Room(STREAM, 10.0, most=5)
    _connection, door = reader(room)
    room.push(event(1))
    for seq in range(2, 12):
        room.push(event(seq))
    assert door.seen == list(range(1, 12))
    room.push(event(12, text="x" * (TOGETHER + 1)))
    assert door.seen[-1] == 12


async def test_who_joins_while_events_wait_gets_none_of_them_twice(room: Room) -> None:
    _early, first = reader(room)
    room.push(event(1))
    room.push(event(2))
    _late, second = reader(room, at=2)  # its replay has read both from the log
    room.push(event(3))
    await until(lambda: first.seen == [1, 2, 3], 1)
    await until(lambda: second.seen == [3], 1)


async def test_who_read_further_than_the_room_has_come_waits_for_it(room: Room) -> None:
    _first, door = reader(room)
    _second, ahead = reader(room, at=3)
    for seq in range(1, 6):
        room.push(event(seq))
    await until(lambda: door.seen == [1, 2, 3, 4, 5], 1)
    assert ahead.seen == [4, 5]


async def test_who_leaves_or_is_closed_while_events_wait_gets_not_one_more(room: Room) -> None:
    leaving, left = reader(room)
    closing, closed = reader(room)
    _staying, stayed = reader(room)
    room.push(event(1))
    room.push(event(2))
    room.leave(leaving)
    closing.close(4401)
    await until(lambda: stayed.seen == [1, 2], 1)
    assert left.seen == [1]
    assert closed.seen == [1]


async def test_everybody_hears_an_announcement_and_a_reset_those_still_replaying_too(room: Room) -> None:
    doors = [reader(room)[1], reader(room, at=9)[1], reader(room, live=False)[1]]
    room.announce(frame(type="presence"))
    room.reset(20, frame(type="reset"))
    assert [door.told for door in doors] == [["presence", "reset"]] * 3
    room.push(event(21))
    assert [door.seen for door in doors] == [[21], [21], []]


async def test_a_language_that_nobody_reads_any_more_is_not_encoded(room: Room) -> None:
    reader(room)
    english, _door = reader(room, language="en")
    room.leave(english)
    both = event(1, html={"ja": "布", "en": "cloth"})
    room.push(both)
    assert list(both._frames) == ["ja"]


async def test_deliveries_and_coalesced_events_are_counted(room: Room) -> None:
    before = metrics.text()
    for _ in range(3):
        reader(room)
    for seq in (1, 2):
        room.push(event(seq))
    room.flush()
    grown = {name: number(name) - number(name, before) for name in ("deliveries", "coalesced", "writes")}
    assert grown == {"deliveries": 6, "coalesced": 1, "writes": 6}


def number(name: str, text: str | None = None) -> int:
    lines = (text or metrics.text()).splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"hiroba_live_{name}_total "))


def test_a_bunch_begins_anew_at_every_question_of_access_and_is_bounded() -> None:
    kinds = ["note", "note", ACCESS, "note", ACCESS]
    events = [Event(STREAM, seq, kind, {}, "") for seq, kind in enumerate(kinds, 1)]
    assert [[e.seq for e in bunch] for bunch in bunches(events, "ja")] == [[1, 2], [3, 4], [5]]
    large = [event(seq, text="x" * 30_000) for seq in range(1, 8)]
    assert [len(bunch) for bunch in bunches(large, "ja")] == [3, 3, 1]
    assert list(bunches([], "ja")) == []

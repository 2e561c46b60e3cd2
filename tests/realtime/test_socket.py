"""One socket in this process: its limits to the last message, and frames of every kind (S27)."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from realtime import registry, runtime
from realtime.auth import Viewer
from realtime.conf import LiveSettings
from realtime.consumers import live_socket
from tests.realtime.harness import append, in_thread, until

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.usefixtures("live_tables")

VISITOR = Viewer(AnonymousUser(), None, None, 0, "", "ja", "192.0.2.1")


def odd_only(_user: Any, pk: int) -> bool:
    return pk % 2 == 1


@pytest.fixture(autouse=True)
def probes() -> Iterator[None]:
    """`probe.<n>` may be watched by everybody when n is odd, by nobody when it is even."""
    registry.register("probe", may_subscribe=odd_only)
    yield
    registry._topics.pop("probe")


class Socket:
    """The server's side of one socket, driven by hand."""

    def __init__(self, viewer: Viewer = VISITOR) -> None:
        self.sent: list[dict[str, Any]] = []
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._in.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/live/ws", "viewer": viewer}
        self.task = asyncio.create_task(live_socket(scope, self._in.get, self._send))

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self._in.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    def say(self, message: object) -> None:
        self.raw(text=json.dumps(message))

    def raw(self, **frame: Any) -> None:
        self._in.put_nowait({"type": "websocket.receive", **frame})

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(m["text"]) for m in self.sent if m["type"] == "websocket.send"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == kind]

    @property
    def code(self) -> int | None:
        return next((m["code"] for m in self.sent if m["type"] == "websocket.close"), None)

    async def end(self) -> None:
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self.task, 5)


async def closed_with(socket: Socket) -> int | None:
    await asyncio.wait_for(socket.task, 5)
    return socket.code


@pytest.fixture
async def hub() -> Any:
    yield runtime.current().hub
    await runtime.stop()


@pytest.mark.parametrize(
    "frame",
    [
        {"text": "not json"},
        {"text": "[]"},
        {"text": "null"},
        {"text": "{}"},
        {"text": "[" * 15_000},
        {"text": '{"type": "dance"}'},
        {"bytes": b"\x00\x01"},
        {"text": '{"type": "subscribe"}'},
        {"text": '{"type": "subscribe", "streams": {"probe.1": -1}}'},
        {"text": '{"type": "subscribe", "streams": {"probe.1": true}}'},
        {"text": '{"type": "unsubscribe", "streams": "probe.1"}'},
    ],
)
async def test_a_frame_outside_the_protocol_closes_with_4400(hub: Any, frame: dict[str, Any]) -> None:
    socket = Socket()
    socket.raw(**frame)
    assert await closed_with(socket) == 4400
    assert not hub.connections


async def test_a_frame_of_16_kb_is_read_and_one_byte_more_closes_with_4413(hub: Any) -> None:
    message = '{"type": "ping"}'
    socket = Socket()
    socket.raw(text=message + " " * (16 * 1024 - len(message)))
    await until(lambda: socket.of("pong"), 2)
    socket.raw(text=message + " " * (16 * 1024 - len(message) + 1))
    assert await closed_with(socket) == 4413


async def test_20_messages_at_once_are_answered_and_the_21st_closes_with_4429(hub: Any) -> None:
    socket = Socket()
    for _ in range(20):
        socket.say({"type": "ping"})
    await until(lambda: len(socket.of("pong")) == 20, 2)
    socket.say({"type": "ping"})
    socket.say({"type": "ping"})
    assert await closed_with(socket) == 4429


async def test_the_31st_stream_of_a_socket_closes_with_4429(hub: Any) -> None:
    socket = Socket()
    socket.say({"type": "subscribe", "streams": {f"probe.{2 * n + 1}": None for n in range(30)}})
    await until(lambda: len(socket.of("subscribed")) == 30, 5)
    socket.say({"type": "subscribe", "streams": {"probe.99": None}})
    assert await closed_with(socket) == 4429


async def test_the_6th_socket_of_a_member_and_the_21st_of_an_address_are_refused(hub: Any) -> None:
    member = Viewer(AnonymousUser(), 7, "key", 0, "", "ja", "192.0.2.7")
    own = [Socket(member) for _ in range(5)]
    visitors = [Socket() for _ in range(20)]
    await until(lambda: len(hub.connections) == 25, 2)
    assert await closed_with(Socket(member)) == 4429
    assert await closed_with(Socket()) == 4429
    for socket in (*own, *visitors):
        await socket.end()
    assert not hub.connections
    assert hub.rooms == {}


async def test_a_forbidden_an_unknown_and_a_malformed_stream_are_denied_alike(hub: Any) -> None:
    socket = Socket()
    names = ["probe.2", "nothing.1", "probe.01", "PROBE.1", "probe.1\n", "../etc", ""]
    socket.say({"type": "subscribe", "streams": dict.fromkeys(names, 0)})
    await until(lambda: len(socket.of("denied")) == len(names), 2)
    assert socket.of("subscribed") == []
    assert hub.rooms == {}
    await socket.end()


async def test_a_reader_gets_each_event_in_the_language_of_its_page(hub: Any) -> None:
    japanese = Socket()
    english = Socket(Viewer(AnonymousUser(), None, None, 0, "", "en", "192.0.2.2"))
    for socket in (japanese, english):
        socket.say({"type": "subscribe", "streams": {"probe.1": 0}})
    await until(lambda: japanese.of("subscribed") and english.of("subscribed"), 2)
    await in_thread(lambda: append("probe.1", "note", html={"ja": "布", "en": "cloth"}))
    await until(lambda: japanese.of("event") and english.of("event"), 7)
    assert japanese.of("event")[0]["payload"] == {"html": "布"}
    assert english.of("event")[0]["payload"] == {"html": "cloth"}
    await japanese.end()
    await english.end()


def noise(random_source: random.Random) -> dict[str, Any]:
    """A frame as a broken or hostile client would send it."""
    pieces: list[Any] = [
        "subscribe", "unsubscribe", "ping", "event", "type", "streams", "probe.1", "probe.2", "x" * 300,
        "財布\u0000\ud83d\ude00",
        None, True, -1, 0, 2**70, 1.5, [], {}, [[]], {"probe.1": 0}, {"probe.1": {}}, {"probe.3": None}, ["probe.1", 3],
    ]  # fmt: skip
    pick = random_source.choice
    shape = random_source.randrange(6)
    if shape == 0:
        return {"bytes": random_source.randbytes(random_source.randrange(200))}
    if shape == 1:
        return {"text": random_source.randbytes(60).decode("latin-1")}
    if shape == 2:
        return {"text": json.dumps(pick(pieces))}
    if shape == 3:
        return {}
    message = {"type": pick(pieces[:4]) if shape == 4 else pick(pieces), "streams": pick(pieces), "extra": pick(pieces)}
    text = json.dumps({k: v for k, v in message.items() if random_source.random() < 0.9})
    return {"text": text[: random_source.randrange(1, len(text) + 1)] if random_source.random() < 0.2 else text}


async def one_frame(frame: dict[str, Any]) -> int | None:
    """A socket that says just this and goes."""
    socket = Socket()
    socket.raw(**frame)
    socket._in.put_nowait({"type": "websocket.disconnect", "code": 1006})
    return await closed_with(socket)


async def test_10_000_frames_of_noise_raise_nothing_and_leave_nothing_open(
    hub: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    hub.conf = LiveSettings(sockets_per_address=100)
    source = random.Random(20_261_121)
    codes: list[int | None] = []
    for _ in range(200):
        codes += await asyncio.gather(*(one_frame(noise(source)) for _ in range(50)))
    assert set(codes) <= {4400, None}
    assert 5_000 < codes.count(4400) < 10_000
    assert not hub.connections
    assert hub.rooms == {}
    assert [r for r in caplog.records if r.levelname in ("ERROR", "WARNING")] == []

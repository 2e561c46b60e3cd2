"""Prepared frames: what a socket takes of them, what it does not, and that the pinned servers still let us write."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import websockets
from django.contrib.auth.models import AnonymousUser

from realtime.auth import Viewer
from realtime.conf import LiveSettings
from realtime.connection import Connection, WireDoor
from realtime.events import Frame
from realtime.transport import OPEN, Wire, missing, spray, text_frame, wire_of
from tests.realtime.crowd import frames_in
from tests.realtime.harness import Web, append, in_thread, until

pytest_plugins = ["tests.realtime.servers"]


class Transport:
    """What Twisted's transport is to us: a socket, and a buffer for what the kernel does not take."""

    TLS = False

    def __init__(self, plain: socket.socket) -> None:
        self.socket = plain
        self.dataBuffer = b""
        self._tempDataBuffer: list[bytes] = []
        self._tempDataLen = 0
        self.offset = 0

    def write(self, data: bytes) -> None:
        self._tempDataBuffer.append(data)
        self._tempDataLen += len(data)

    def drain(self) -> None:
        """What the reactor does when the kernel takes bytes again."""
        self.dataBuffer += b"".join(self._tempDataBuffer)
        self._tempDataBuffer, self._tempDataLen = [], 0
        try:
            self.dataBuffer = self.dataBuffer[self.socket.send(self.dataBuffer) :]
        except BlockingIOError:
            return


Transport.__module__ = "twisted.internet.tcp"


class Protocol:
    STATE_OPEN = OPEN
    _perMessageCompress = None

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.state = OPEN


class Pair:
    """A wire and the client at its other end."""

    def __init__(self) -> None:
        ours, self.client = socket.socketpair()
        for end in (ours, self.client):
            end.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.transport = Transport(ours)
        self.protocol = Protocol(self.transport)
        self.wire = Wire(self.protocol)
        self._data = bytearray()

    def read(self) -> list[str]:
        """The texts that the client has got and not read yet."""
        try:
            while more := self.client.recv(1 << 20):
                self._data += more
        except BlockingIOError:
            pass
        frames, start = frames_in(self._data, 0)
        del self._data[:start]
        return [payload.decode() for _opcode, payload in frames]

    def fill(self) -> int:
        """Write until the kernel takes no more; returns how many frames were taken."""
        taken = 0
        while self.wire.write(text_frame(b"x" * 1000)):
            taken += 1
        return taken

    def close(self) -> None:
        self.transport.socket.close()
        self.client.close()


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    made = [Pair() for _ in range(3)]
    yield made
    for pair in made:
        pair.close()


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_is_what_every_client_reads(size: int) -> None:
    data = text_frame(b"x" * size)
    assert frames_in(bytearray(data), 0) == ([(1, b"x" * size)], len(data))


def test_every_wire_gets_the_bytes_and_one_that_is_full_is_named_and_gets_none(pairs: list[Pair]) -> None:
    full, *others = pairs
    full.fill()
    assert spray(text_frame(b"news"), [pair.wire for pair in pairs]) == [full.wire]
    assert [pair.read() for pair in others] == [["news"], ["news"]]
    assert "news" not in full.read()


def test_what_waits_in_the_transport_is_never_overtaken(pairs: list[Pair]) -> None:
    pair = pairs[0]
    pair.transport.write(text_frame(b"pong of the protocol"))
    assert spray(text_frame(b"news"), [pair.wire]) == [pair.wire]
    assert not pair.wire.write(text_frame(b"news"))
    pair.transport.drain()
    assert spray(text_frame(b"news"), [pair.wire]) == []
    assert pair.read() == ["pong of the protocol", "news"]


def test_a_frame_that_fits_in_part_is_finished_by_the_transport(pairs: list[Pair]) -> None:
    pair = pairs[0]
    large = text_frame(b"y" * 300_000)
    assert pair.wire.write(large)
    assert 0 < pair.wire.waiting < len(large)
    texts: list[str] = []
    for _ in range(2_000):
        texts += pair.read()
        pair.transport.drain()
    assert texts == ["y" * 300_000]
    assert pair.wire.waiting == 0


@pytest.mark.parametrize("state", [0, 1, 2])
def test_a_socket_that_is_closing_gets_nothing(pairs: list[Pair], state: int) -> None:
    pairs[0].protocol.state = state
    assert spray(text_frame(b"news"), [pairs[0].wire]) == [pairs[0].wire]
    assert pairs[0].read() == []


def test_a_reader_who_has_gone_harms_nobody(pairs: list[Pair]) -> None:
    pairs[0].client.close()
    pairs[1].transport.socket.close()
    assert spray(text_frame(b"news"), [pair.wire for pair in pairs]) == []
    assert pairs[2].read() == ["news"]


@pytest.mark.parametrize(
    "change",
    [
        lambda protocol: delattr(protocol.transport, "dataBuffer"),
        lambda protocol: setattr(protocol.transport, "TLS", True),
        lambda protocol: setattr(protocol.transport, "_tempDataBuffer", b""),
        lambda protocol: setattr(protocol, "_perMessageCompress", object()),
        lambda protocol: protocol.transport.socket.setblocking(True),
    ],
)
def test_whatever_is_not_as_we_know_it_is_left_to_the_asgi_way(
    pairs: list[Pair], change: Callable[[Any], None]
) -> None:
    protocol = pairs[0].protocol
    scope = {"extensions": {"hiroba.protocol": protocol}}
    assert wire_of(scope) is not None
    change(protocol)
    assert wire_of(scope) is None
    assert missing(protocol)


@pytest.mark.parametrize("scope", [{}, {"extensions": None}, {"extensions": {}}])
def test_another_server_has_no_wires(scope: dict[str, Any]) -> None:
    assert wire_of(scope) is None


# --- A connection on a wire ------------------------------------------------------------------------------------------


async def no_send(message: dict[str, Any]) -> None:
    assert message["type"] == "websocket.close"


def connection_on(pair: Pair, **conf: Any) -> Connection:
    viewer = Viewer(AnonymousUser(), None, None, 0, "", "ja", "192.0.2.1")
    return Connection(viewer, WireDoor(no_send, pair.wire), LiveSettings(**conf))


async def test_a_reader_who_was_behind_gets_everything_in_order_and_is_then_written_to_directly_again(
    pairs: list[Pair],
) -> None:
    pair = pairs[0]
    connection = connection_on(pair)
    taken = pair.fill()
    for number in range(50):
        connection.push(Frame(str(number)))
        spray_or_push(pair, connection, Frame(f"sprayed {number}"))
    assert pair.wire.held
    texts: list[str] = []

    def caught_up() -> bool:
        texts.extend(pair.read())
        pair.transport.drain()
        return not pair.wire.held

    await until(caught_up, 5)
    texts += pair.read()
    expected = [text for number in range(50) for text in (str(number), f"sprayed {number}")]
    assert texts[taken:] == expected
    assert spray(text_frame(b"news"), [pair.wire]) == []


def spray_or_push(pair: Pair, connection: Connection, frame: Frame) -> None:
    for _late in spray(frame.wire, [pair.wire]):
        connection.push(frame)


async def test_a_reader_who_takes_nothing_is_closed_by_the_clock_and_by_the_size(pairs: list[Pair]) -> None:
    impatient, small = connection_on(pairs[0], outbox_wait=0.1), connection_on(pairs[1], outbox_bytes=10_000)
    for pair in pairs:
        pair.fill()
    impatient.push(Frame("one"))
    for _ in range(11):
        small.push(Frame("x" * 1_000))
    assert small.closing == 4408
    await until(lambda: impatient.closing == 4408, 2)
    assert (impatient.queued, small.queued) == (0, 0)
    assert spray(text_frame(b"news"), [pairs[0].wire, pairs[1].wire]) == [pairs[0].wire, pairs[1].wire]


# --- The pins --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_our_server_lets_us_write_to_its_sockets(web: Callable[..., Web]) -> None:
    """Fails when an update of Daphne, Autobahn or Twisted takes away what `transport` uses; the log says what."""
    process = web()
    async with websockets.connect(process.socket_url, origin=process.origin) as reader:
        await reader.send(json.dumps({"type": "subscribe", "streams": {"probe.1": 0}}))
        assert json.loads(await reader.recv())["type"] == "subscribed"
        await in_thread(append, "probe.1")
        assert json.loads(await asyncio.wait_for(reader.recv(), 5))["seq"] == 1
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"{process.origin}/metrics")).text
    assert "lack" not in process.log_file.read_text()
    assert "\nhiroba_live_wires 1\n" in text

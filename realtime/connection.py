"""One open socket as the hub sees it: who it is, what it watches, and its bounded way out."""

import asyncio
import contextlib
import itertools
import secrets
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from realtime import metrics
from realtime.auth import Send, Viewer
from realtime.conf import LiveSettings
from realtime.events import Frame
from realtime.transport import Wire

# Close codes. 4000–4999 are ours to define; Autobahn lets an application send no 10xx code but 1000.
GONE = 1006  # never sent: what a socket that was cut reads as
IDLE = 4000
RESTART = 4012
BAD_MESSAGE = 4400
SIGNED_OUT = 4401
UNKNOWN_PATH = 4404
TOO_SLOW = 4408
TOO_BIG = 4413
TOO_MANY = 4429

PATIENCE = 2.0
"""Seconds in which a close frame must leave, and again in which the client must answer it."""

_process = secrets.token_hex(6)
_numbers = itertools.count()

_closed = metrics.counter("hiroba_live_closed_total", "Sockets closed from our side, by close code.", label="code")
_dropped = metrics.counter("hiroba_live_dropped_total", "Frames thrown away because their reader was too slow.")


class Door(Protocol):
    """How frames leave."""

    @property
    def wire(self) -> Wire | None:
        """The socket itself, where the server lets us write to it."""

    def try_send(self, frame: Frame) -> bool:
        """Write now, without waiting; False when that is impossible and the frame must queue."""

    async def send_text(self, frame: Frame) -> None:
        """Write, waiting for the transport when it is full."""

    async def close(self, code: int) -> None: ...


class AsgiDoor:
    """The door every ASGI server has."""

    wire: Wire | None = None

    def __init__(self, send: Send) -> None:
        self._send = send

    def try_send(self, frame: Frame) -> bool:
        return False

    async def send_text(self, frame: Frame) -> None:
        await self._send({"type": "websocket.send", "text": frame.text})

    async def close(self, code: int) -> None:
        await self._send({"type": "websocket.close", "code": code})


class WireDoor(AsgiDoor):
    """The door of the hardened server: a frame goes to the kernel at once, or waits in our queue until it can."""

    wire: Wire

    def __init__(self, send: Send, wire: Wire) -> None:
        super().__init__(send)
        self.wire = wire

    def try_send(self, frame: Frame) -> bool:
        return not self.wire.open or self.wire.write(frame.wire)

    async def send_text(self, frame: Frame) -> None:
        while not self.try_send(frame):
            await asyncio.sleep(0.02)  # only readers that are behind wait here


class Connection:
    """The hub pushes frames in without ever waiting. What cannot leave at once queues, and a task that lives just as
    long as the queue takes it out: an idle socket has none.
    """

    __slots__ = (
        "_bytes", "_closer", "_door", "_queue", "_room", "_writer", "closing", "conf", "heard", "number", "opened",
        "reading", "viewer", "watching", "wire",
    )  # fmt: skip

    def __init__(self, viewer: Viewer, door: Door, conf: LiveSettings) -> None:
        self.number = next(_numbers)
        self.viewer = viewer
        self.conf = conf
        self.opened = self.heard = time.monotonic()
        self.watching: set[str] = set()
        self.closing: int | None = None
        self.wire = door.wire
        self.reading: asyncio.Task[None] | None = None  # the task that reads this socket, ended when it outlives us
        self._door = door
        self._queue: deque[Frame] | None = None
        self._bytes = 0
        self._room: asyncio.Event | None = None
        self._writer: asyncio.Task[None] | None = None
        self._closer: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        """Names the person in presence counts, a visitor by the socket."""
        return self.viewer.key or f"{_process}{self.number:x}"

    @property
    def open(self) -> bool:
        return self.closing is None and (self.wire is None or self.wire.open)

    @property
    def queued(self) -> int:
        """Bytes that wait for this reader, in our queue and in the transport."""
        return self._bytes + (self.wire.waiting if self.wire is not None and self.closing is None else 0)

    def push(self, frame: Frame) -> None:
        """Send soon. A reader too far behind is closed with 4408, and catches up when it is back."""
        if self.closing is not None or (self._queue is None and self._door.try_send(frame)):
            return
        if self._queue is None:
            self._start_writer()
        assert self._queue is not None
        self._queue.append(frame)
        self._bytes += frame.size
        if len(self._queue) > self.conf.outbox_frames or self._bytes > self.conf.outbox_bytes:
            self.close(TOO_SLOW)

    async def send(self, frames: Sequence[Frame]) -> None:
        """Push several that make a short message together, at the reader's own pace: what a replay uses."""
        if self.closing is None and self._queue is None and self._write(frames):
            return
        for frame in frames:
            self.push(frame)
            if self._queue is not None and self._is_quarter_full(self._queue):
                self._room = self._room or asyncio.Event()
                self._room.clear()
                await self._room.wait()

    def _write(self, frames: Sequence[Frame]) -> bool:
        return self.wire is not None and self.wire.write(b"".join([frame.wire for frame in frames]))

    def _is_quarter_full(self, queue: "deque[Frame]") -> bool:
        return len(queue) > self.conf.outbox_frames // 4 or self._bytes > self.conf.outbox_bytes // 4

    def close(self, code: int) -> None:
        """Close from our side: nothing queued is sent any more (a banned reader gets not one event more)."""
        if self.closing is None:
            _closed.add(label=str(code))
            if code == TOO_SLOW and self._queue:
                _dropped.add(len(self._queue))
            self.lost(code)
            self._closer = asyncio.create_task(self._close(code), name="live-closer")

    def lost(self, code: int = GONE) -> None:
        """Nothing goes out of this socket any more."""
        if self.closing is not None:
            return
        self.closing = code
        self._hold(True)
        self._queue, self._bytes = None, 0
        if self._writer is not None and self._writer is not asyncio.current_task():
            self._writer.cancel()  # it may be stuck in a send that this reader does not take
        if self._room is not None:
            self._room.set()

    async def _close(self, code: int) -> None:
        """Send the close frame; a client that neither takes nor answers it does not keep the socket."""
        with contextlib.suppress(TimeoutError, OSError, RuntimeError):
            await asyncio.wait_for(self._door.close(code), PATIENCE)
        if self.reading is not None:
            await asyncio.wait({self.reading}, timeout=PATIENCE)
            self.reading.cancel()

    def _start_writer(self) -> None:
        self._queue = deque()
        self._hold(True)
        self._writer = asyncio.create_task(self._drain_queue(), name="live-writer")

    async def _drain_queue(self) -> None:
        try:
            await self._pump()
        except TimeoutError:
            self.close(TOO_SLOW)
        except (OSError, RuntimeError):  # how servers say that the client has gone
            self.lost()
        if self.closing is None:
            self._queue = None
            self._hold(False)

    async def _pump(self) -> None:
        clock, wait = asyncio.get_running_loop().time, self.conf.outbox_wait
        async with asyncio.timeout(wait) as patience:
            while self._queue:
                frame = self._queue.popleft()
                self._bytes -= frame.size
                await self._door.send_text(frame)
                patience.reschedule(clock() + wait)
                if self._room is not None and self._queue is not None and not self._is_quarter_full(self._queue):
                    self._room.set()

    def _hold(self, held: bool) -> None:
        if self.wire is not None:
            self.wire.held = held

"""One open socket as the hub sees it: who it is, what it watches, and its bounded way out."""

import asyncio
import contextlib
import secrets
import time
from collections import deque
from typing import Protocol

from realtime.auth import Send, Viewer
from realtime.conf import LiveSettings
from realtime.events import Frame

# Close codes. 4000–4999 are ours to define; Autobahn lets an application send no 10xx code but 1000.
IDLE = 4000
RESTART = 4012
BAD_MESSAGE = 4400
SIGNED_OUT = 4401
UNKNOWN_PATH = 4404
TOO_SLOW = 4408
TOO_BIG = 4413
TOO_MANY = 4429


class Door(Protocol):
    """How frames leave. A server that can write to the transport at once answers True from `try_send`."""

    def try_send(self, frame: Frame) -> bool:
        """Write now, without waiting; False when that is impossible and the frame must queue."""

    async def send_text(self, frame: Frame) -> None:
        """Write, waiting for the transport when it is full."""

    async def close(self, code: int) -> None: ...


class AsgiDoor:
    """The door every ASGI server has."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def try_send(self, frame: Frame) -> bool:
        return False

    async def send_text(self, frame: Frame) -> None:
        await self._send({"type": "websocket.send", "text": frame.text})

    async def close(self, code: int) -> None:
        await self._send({"type": "websocket.close", "code": code})


class Connection:
    """The hub pushes frames in without ever waiting; one writer task takes them out."""

    def __init__(self, viewer: Viewer, door: Door, conf: LiveSettings) -> None:
        self.id = secrets.token_hex(8)
        self.viewer = viewer
        self.conf = conf
        self.opened = self.heard = time.monotonic()
        self.watching: set[str] = set()
        self.closing: int | None = None
        self._door = door
        self._queue: deque[Frame] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> "asyncio.Task[None]":
        """Start the writer; the task ends when the socket has been closed from this side."""
        self._writer = asyncio.create_task(self._write(), name="live-writer")
        return self._writer

    def push(self, frame: Frame) -> None:
        """Send soon. A reader too far behind is closed with 4408, and catches up when it is back."""
        if self.closing is not None:
            return
        if not self._queue and self._door.try_send(frame):
            return
        self._queue.append(frame)
        self._bytes += frame.size
        if len(self._queue) > self.conf.outbox_frames or self._bytes > self.conf.outbox_bytes:
            self.close(TOO_SLOW)
            return
        if len(self._queue) > self.conf.outbox_frames // 4 or self._bytes > self.conf.outbox_bytes // 4:
            self._room.clear()
        self._wake.set()

    async def send(self, frame: Frame) -> None:
        """Push, at the reader's own pace: what a replay uses."""
        self.push(frame)
        if not self._room.is_set():
            try:
                await asyncio.wait_for(self._room.wait(), self.conf.outbox_wait)
            except TimeoutError:
                self.close(TOO_SLOW)

    def close(self, code: int) -> None:
        """Close from our side: nothing queued is sent any more (a banned reader gets not one event more)."""
        if self.closing is not None:
            return
        self.closing = code
        self._queue.clear()
        self._bytes = 0
        self._room.set()
        self._wake.set()
        if code == TOO_SLOW and self._writer is not None:
            self._writer.cancel()  # it is stuck in a send that this reader does not take

    async def _write(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._pump()
        if self.closing is not None:
            with contextlib.suppress(asyncio.TimeoutError, OSError, RuntimeError):
                await asyncio.wait_for(self._door.close(self.closing), 2)

    async def _pump(self) -> None:
        while self.closing is None:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                frame = self._queue.popleft()
                self._bytes -= frame.size
                await self._door.send_text(frame)
            self._room.set()

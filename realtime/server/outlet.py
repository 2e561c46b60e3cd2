"""What waits to leave on a connection, written at once where the kernel takes it."""

import asyncio
import time
from typing import Any


def unsent(transport: Any) -> int:
    """Bytes that wait in a transport because the kernel has not taken them."""
    return len(transport.dataBuffer) - transport.offset + transport._tempDataLen


def write_now(transport: Any, data: bytes) -> None:
    """Write without asking the reactor to, if nothing waits; Twisted takes over what the kernel does not take."""
    if not transport.dataBuffer and not transport._tempDataLen and transport.connected:
        sent = transport.writeSomeData(data)
        if sent == len(data):
            return
        if isinstance(sent, int):  # an error is met again by the reactor, and handled there
            data = data[sent:]
    transport.write(data)


class Outlet:
    """What a slow reader leaves unread, for a connection whose transport tells when its buffer fills and empties."""

    __slots__ = ("_drained", "_mark", "_moved", "transport")

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self._drained: asyncio.Event | None = None
        self._mark: tuple[bytes, int] = (b"", 0)
        self._moved = 0.0

    @property
    def full(self) -> bool:
        return self._drained is not None

    def fill(self) -> None:
        if self._drained is None:
            self._drained = asyncio.Event()
            self._mark = (self.transport.dataBuffer, self.transport.offset)
            self._moved = time.monotonic()

    def empty(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    async def drained(self) -> None:
        if self._drained is not None:
            await self._drained.wait()

    def stalled_for(self, now: float) -> float:
        """Seconds since a byte was taken. The transport replaces its buffer, or moves in it, when it sends."""
        mark = (self.transport.dataBuffer, self.transport.offset)
        if mark[0] is not self._mark[0] or mark[1] != self._mark[1]:
            self._mark, self._moved = mark, now
        return now - self._moved

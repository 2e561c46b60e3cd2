"""Many readers at little cost: sockets read by hand, whose messages are counted at once and looked into later."""

import asyncio
import base64
import json
import os
import random
import re
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.realtime.harness import Web

MASK = bytes(4)
SEQ = re.compile(rb'{"type":"event","stream":"[^"]+","seq":([0-9]+),')
SENT = re.compile(rb'"sent": ?([0-9.]+)')  # among the first fields of a payload


TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def masked(payload: bytes, opcode: int = TEXT) -> bytes:
    """A client's frame, below 64 KB."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + length + MASK + payload


def frames_in(data: bytearray, start: int) -> tuple[list[tuple[int, bytes]], int]:
    """The whole frames of `data` from `start` on, as (opcode, payload), and where the rest begins."""
    found = []
    while len(data) - start >= 2:
        size, head = data[start + 1] & 127, 2
        if size > 125:
            head = 4 if size == 126 else 10
            if len(data) - start < head:
                break
            size = int.from_bytes(data[start + 2 : start + head], "big")
        if len(data) - start < head + size:
            break
        found.append((data[start] & 15, bytes(data[start + head : start + head + size])))
        start += head + size
    return found, start


@dataclass(eq=False)
class Tap:
    """One reader, who comes back as the page does, from the last number it has."""

    web: Web
    stream: str
    last: int = 0
    little_buffer: bool = False
    jitter: bool = True
    seen: list[int] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    subscribed: bool = False
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0

    async def run(self) -> None:
        self.reading.set()
        while True:
            try:
                await self._listen()
            except OSError:
                self.closed.append(1006)
            self.subscribed = False
            self.failures += 1
            await asyncio.sleep(self._back_off())

    def _back_off(self) -> float:
        """Seconds, as live.js waits them."""
        if not self.jitter or (self.closed[-1] == 4408 and self.failures == 1):
            return 0.5
        return random.uniform(0.5, min(30.0, 8.0 * 2 ** (self.failures - 1)))

    async def _listen(self) -> None:
        address = urlsplit(self.web.origin)
        plain = socket.socket()
        plain.setblocking(False)
        if self.little_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            await asyncio.get_running_loop().sock_connect(plain, (address.hostname, address.port))
            await self._talk(plain, address.netloc)
        finally:
            plain.close()

    async def _talk(self, plain: socket.socket, host: str) -> None:
        loop = asyncio.get_running_loop()
        key = base64.b64encode(os.urandom(16)).decode()
        await loop.sock_sendall(
            plain,
            f"GET /live/ws?lang=ja HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
        )
        data = bytearray()
        while b"\r\n\r\n" not in data:
            data += await self._more(plain)
        if not data.startswith(b"HTTP/1.1 101"):
            raise ConnectionRefusedError(data[:60])
        start = data.index(b"\r\n\r\n") + 4
        subscribe = {"type": "subscribe", "streams": {self.stream: self.last}}
        await loop.sock_sendall(plain, masked(json.dumps(subscribe).encode()))
        while True:
            frames, start = frames_in(data, start)
            for opcode, payload in frames:
                if opcode == CLOSE:
                    self.closed.append(int.from_bytes(payload[:2], "big"))
                    return
                if opcode == PING:  # browsers answer by themselves; who does not is taken for gone after a minute
                    await loop.sock_sendall(plain, masked(payload, PONG))
                self._take(payload)
            del data[:start]
            start = 0
            data += await self._more(plain)

    async def _more(self, plain: socket.socket) -> bytes:
        await self.reading.wait()
        if not (data := await asyncio.get_running_loop().sock_recv(plain, 1 << 20)):
            raise ConnectionResetError
        return data

    def _take(self, payload: bytes) -> None:
        if found := SEQ.match(payload):
            self.last = int(found[1])
            self.seen.append(self.last)
            if sent := SENT.search(payload, 0, 300):
                self.lags.append(time.time() - float(sent[1]))
        elif payload.startswith(b'{"type":"subscribed"'):
            self.subscribed = True
            self.failures = 0


def p95(measures: list[float]) -> float:
    return sorted(measures)[int(len(measures) * 0.95)]

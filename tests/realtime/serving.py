"""Real server processes for the tests of the server, and the rough clients that try its limits."""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import psutil

from tests.realtime.harness import ROOT

MEGABYTE = 1 << 20
ANY_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


@dataclass
class Served:
    """One process with `tests.realtime.served`."""

    process: "subprocess.Popen[str]"
    address: str
    lines: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.address}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.address}"

    def rss(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def cpu(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def __post_init__(self) -> None:
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError):  # closed at the end
            self.lines.extend(map(str.strip, self.process.stdout))

    def says(self, line: str, *, times: int = 1, seconds: float = 10) -> float:
        """Wait until the process has printed this line so often; returns how long that took."""
        began = time.monotonic()
        while self.lines.count(line) < times:
            assert time.monotonic() - began < seconds, f"never said: {line}"
            time.sleep(0.02)
        return time.monotonic() - began

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ends(self, seconds: float) -> float:
        """Wait for the end; returns how long it took."""
        began = time.monotonic()
        self.process.wait(seconds)
        return time.monotonic() - began

    def connect(self) -> "Wire":
        return connect(self.port)


Serve = Callable[..., Served]


@contextmanager
def servers(folder: Path) -> Iterator[Serve]:
    """`start("hardened", body_limit=1000)`; the first one logs to `folder / "log0"`. All end with the context."""
    started: list[Served] = []

    def start(kind: str = "hardened", *, unix: str = "", port: int = 0, **options: Any) -> Served:
        with (folder / f"log{len(started)}").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.realtime.served", kind, json.dumps(options), unix],
                cwd=ROOT,
                env=os.environ | {"PORT": str(port)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
            )
        assert process.stdout is not None
        served = Served(process, process.stdout.readline().strip())
        started.append(served)
        wait_for_answer(served, unix)
        return served

    try:
        yield start
    finally:
        for served in started:
            served.process.kill()
            served.process.wait()
            if served.process.stdout is not None:
                served.process.stdout.close()
    for log in folder.glob("log*"):
        said = log.read_text()
        assert "in callback" not in said, said[-3000:]
        assert "twisted\n" not in said, said[-3000:]


def wait_for_answer(served: Served, unix: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            wire = unix_wire(unix) if unix else served.connect()
        except OSError:
            time.sleep(0.05)
            continue
        with wire:
            wire.send(b"GET / HTTP/1.0\r\n\r\n")
            if b"hello" in wire.all():
                return
    raise AssertionError("the server did not start")


def connect(port: int) -> "Wire":
    return Wire(socket.create_connection(("127.0.0.1", port), timeout=10))


def unix_wire(path: str) -> "Wire":
    wire = socket.socket(socket.AF_UNIX)
    try:
        wire.connect(path)
    except OSError:
        wire.close()
        raise
    return Wire(wire)


class Wire:
    """A client that says what it is told to, right or wrong."""

    def __init__(self, wire: socket.socket) -> None:
        self.socket = wire
        self.data = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def flood(self, data: bytes, *, total: int, seconds: float = 20) -> int:
        """Send `data` again and again until `total` bytes are out, the other side hangs up, or time is over."""
        deadline, sent = time.monotonic() + seconds, 0
        self.socket.settimeout(0.2)
        while sent < total and time.monotonic() < deadline:
            try:
                sent += self.socket.send(data[sent % len(data) :])
            except TimeoutError:
                if self.arrived():
                    break
            except OSError:
                break
        self.socket.settimeout(10)
        return sent

    def arrived(self) -> bool:
        return bool(select.select([self.socket], [], [], 0)[0])

    def more(self) -> bytes:
        """What comes next; b"" at the end, also when the other side cut the connection."""
        try:
            return self.socket.recv(1 << 18)
        except ConnectionError:
            return b""

    def until(self, mark: bytes) -> bytes:
        """Everything up to and with `mark`; what follows is kept."""
        while mark not in self.data:
            piece = self.more()
            assert piece, f"ended before {mark!r}: {self.data[-300:]!r}"
            self.data += piece
        found, _, self.data = self.data.partition(mark)
        return found + mark

    def all(self) -> bytes:
        """Everything until the other side closes."""
        while piece := self.more():
            self.data += piece
        return self.data

    # As a socket

    def open_socket(self, path: str, *headers: bytes) -> None:
        lines = [b"GET %b HTTP/1.1" % path.encode(), b"Host: x", b"Upgrade: websocket", b"Connection: Upgrade"]
        lines += [b"Sec-WebSocket-Key: " + ANY_KEY, b"Sec-WebSocket-Version: 13", *headers, b"", b""]
        self.send(b"\r\n".join(lines))
        assert b" 101 " in self.until(b"\r\n\r\n")

    def close_code(self) -> int:
        """Read on until the close frame, and answer it; its code, 1006 when the connection ends without one."""
        try:
            while True:
                head = self.exactly(2)
                size = head[1] & 0x7F
                if size > 125:
                    size = int.from_bytes(self.exactly(2 if size == 126 else 8), "big")
                payload = self.exactly(size)
                if head[0] & 0x0F == 8:
                    with suppress(OSError):
                        self.send(frame(payload[:2], opcode=8))
                    return int.from_bytes(payload[:2], "big")
        except EOFError:
            return 1006

    def exactly(self, size: int) -> bytes:
        while len(self.data) < size:
            piece = self.more()
            if not piece:
                raise EOFError
            self.data += piece
        taken, self.data = self.data[:size], self.data[size:]
        return taken


def frame(payload: bytes, *, opcode: int = 2, final: bool = True, size: int | None = None) -> bytes:
    """A client's frame, masked with zeros; `size` is announced in its place when given."""
    size = len(payload) if size is None else size
    head = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 1 << 16:
        head += bytes([0x80 | 126]) + struct.pack("!H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", size)
    return head + b"\0\0\0\0" + payload

"""What the fault tests are made of: a Valkey and web processes that can be killed, and a client that keeps count."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
import websockets
from django.db import connection, transaction
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from community.config.private import Valkey
from community.config.private.places import places
from realtime import log

ROOT = Path(__file__).resolve().parents[2]

both_servers = pytest.mark.parametrize("server_kind", ["hardened", "uvicorn"])
"""For a live test that has to hold under either; with LIVE_SERVER=uvicorn every other one runs there, too."""


@dataclass(frozen=True)
class Note:
    """An entry for the log."""

    stream: str
    kind: str = "note"
    payload: dict[str, Any] = field(default_factory=dict)


def append(stream: str, kind: str = "note", **payload: Any) -> int:
    """Append one event in a transaction of its own; returns its number."""
    with transaction.atomic():
        return log.append_many([Note(stream, kind, payload)])[0].seq


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnValkey:
    """A Valkey of the test's own, on a unix socket under `home`; starts empty every time."""

    def __init__(self, home: Path) -> None:
        self._server = Valkey(places(home))

    @property
    def url(self) -> str:
        return f"unix://{self._server.socket}"

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        self._server.stop(how=signal.SIGKILL)

    def stop(self) -> None:
        self.freeze(False)
        self._server.stop()

    def freeze(self, frozen: bool) -> None:
        """Half-open: connections stay up and nothing answers."""
        if (process := self._server.running()) is not None:
            process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)


class Web:
    """A web process on a port of its own; the same port after every restart."""

    def __init__(
        self, *, redis_url: str, doors: Path, live: dict[str, Any], log_file: Path, server: str = "hardened"
    ) -> None:
        self.server = server
        self.port = free_port()
        self.doors = doors
        self.log_file = log_file
        self.process: subprocess.Popen[bytes] | None = None
        self.env = os.environ | {
            "HIROBA_TEST_SITE": "1",
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "REDIS_URL": redis_url,
            "PROBE_DOORS": str(doors),
            "LIVE_JSON": json.dumps(live),
            "PYTHONPATH": str(ROOT),
        }

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live/ws"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.realtime.webapp", self.server, str(self.port)]
        with self.log_file.open("ab") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=out, stderr=out)
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the web process did not start:\n{self.log_file.read_text()[-3000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def shut(self, name: str) -> None:
        (self.doors / f"{name}.closed").touch()

    def members_only(self, name: str) -> None:
        (self.doors / f"{name}.members").touch()


@dataclass
class Reader:
    """A client as docs/live.md describes it: contiguity on every message, holes over HTTP, back-off with jitter.

    `shown` is what the page would have shown, in that order; `states` counts resets, revocations and close codes.
    """

    web: Web
    stream: str
    last: int | None = 0
    cookie: str = ""
    most_wait: float = 1.0
    returns: bool = True  # whether it comes back after the server closed it
    shown: list[int] = field(default_factory=list)
    arrived: dict[int, float] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Keep a socket open until cancelled."""
        failures = 0
        headers = {"Cookie": self.cookie} if self.cookie else {}
        while True:
            try:
                async with websockets.connect(self.web.socket_url, additional_headers=headers, open_timeout=5) as ws:
                    await ws.send(json.dumps({"type": "subscribe", "streams": {self.stream: self.last}}))
                    failures = 0
                    async for text in ws:
                        await self.take(json.loads(text))
                    self.closed.append(ws.close_code or 0)
            except ConnectionClosed as end:
                self.closed.append(end.rcvd.code if end.rcvd else 1006)
                failures += 1
            except (OSError, InvalidHandshake, TimeoutError):
                failures += 1
            finally:
                self.subscribed.clear()
            if self.closed and not self.returns:
                return
            await asyncio.sleep(random.uniform(0.05, min(self.most_wait, 0.1 * 2**failures)))

    async def take(self, message: dict[str, Any]) -> None:
        if message["type"] != "event":
            self.messages.append(message)
        if message["type"] == "subscribed":
            self.last = message["streams"][self.stream] if self.last is None else self.last
            self.subscribed.set()
        elif message["type"] == "reset":
            self.last = message["seq"]
        elif message["type"] == "beat" and message["streams"].get(self.stream, 0) > (self.last or 0):
            await self.fetch()
        elif message["type"] == "event":
            if message["seq"] > (self.last or 0) + 1:
                await self.fetch()
            self.show(message)

    def show(self, event: dict[str, Any]) -> None:
        if event["seq"] == (self.last or 0) + 1:
            self.last = event["seq"]
            self.shown.append(event["seq"])
            self.arrived[event["seq"]] = time.time()

    async def fetch(self) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{self.web.origin}/live/streams/{self.stream}/events?after={self.last}")
        for event in answer.json().get("events", []):
            self.show(event)

    def got(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]


class Runs(Protocol):
    async def run(self) -> None: ...


@asynccontextmanager
async def running(readers: Iterable[Runs]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Any, seconds: float) -> float:
    """Wait for `condition()`; returns how long it took. Fails after `seconds`."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, f"still not so after {seconds} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - start


def in_thread(call: Any, *args: Any) -> "asyncio.Future[Any]":
    """Run database work of a test off its loop, and give the thread's connection back."""

    def work() -> Any:
        try:
            return call(*args)
        finally:
            connection.close()

    return asyncio.get_running_loop().run_in_executor(None, work)

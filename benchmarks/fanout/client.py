"""The client of `client.c` in Python, for where no compiler is: same words, same output, a third of the speed.

It runs in the `live` virtual environment, on picows; standard library and picows only.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import resource
import socket
import time
from pathlib import Path
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

WARM, FLAT, CONNECTING_AT_ONCE, PER_ADDRESS, PING_SECONDS = 900_000, 100_000, 40, 10, 20
QUIET_SECONDS = 1  # after everybody has come in
TICK = os.sysconf("SC_CLK_TCK")


class Seen:
    """Every message by its number: when it was published, and the moments at which readers had it."""

    def __init__(self, readers: int) -> None:
        self.readers = readers
        self.published: dict[int, int] = {}
        self.read: dict[int, list[int]] = {}
        self.whole = asyncio.Queue[int]()

    def add(self, number: int, published: int) -> None:
        moments = self.read.setdefault(number, [])
        moments.append(time.monotonic_ns())
        self.published[number] = published
        if len(moments) == self.readers:
            self.whole.put_nowait(number)

    def delivered(self, first: int, end: int) -> int:
        return sum(len(moments) for number, moments in self.read.items() if first <= number < end)


class Reader(WSListener):  # type: ignore[misc]
    def __init__(self, seen: Seen, words: argparse.Namespace) -> None:
        self.seen, self.words = seen, words
        self.ready = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        if self.words.stream:
            self.say(json.dumps({"type": "subscribe", "streams": {self.words.stream: None}}))
        elif not self.words.socketio:
            self.ready.set()

    def say(self, text: str) -> None:
        self.transport.send(WSMsgType.TEXT, text.encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            raise SystemExit(f"the server closed a reader: {frame.get_close_code()}")
        else:
            self.text(frame.get_payload_as_bytes())

    def text(self, data: bytes) -> None:
        place = data.find(b"%%")
        if place >= 0 and len(data) - place >= 29:
            self.seen.add(int(data[place + 21 : place + 29]), int(data[place + 2 : place + 21]))
        elif self.words.socketio:
            self.greeting(data)
        elif b'"subscribed"' in data:
            self.ready.set()
        elif b'"denied"' in data:
            raise SystemExit("the stream was denied")

    def greeting(self, data: bytes) -> None:
        if data[:1] == b"0":
            self.say("40")
        elif data[:2] == b"40":
            self.ready.set()
        elif data == b"2":
            self.say("3")


class Meter:
    """What the processes, we and our core have used; `since(earlier)` gives members of the output."""

    def __init__(self, pids: list[int]) -> None:
        mine = resource.getrusage(resource.RUSAGE_SELF)
        self.at, self.own, self.server = time.monotonic(), mine.ru_utime + mine.ru_stime, sum(map(_cpu, pids))
        self.core = _core()

    def since(self, earlier: "Meter", phase: str, delivered: int) -> dict[str, float]:
        seconds, server = self.at - earlier.at, self.server - earlier.server
        return {
            f"{phase}_seconds": round(seconds, 2),
            f"{phase}_client_cpu": round((self.own - earlier.own) / seconds, 3),
            f"{phase}_core_busy": round((self.core - earlier.core) / seconds, 3),
            f"{phase}_server_cpu": round(server / seconds, 3),
            f"{phase}_us": round(server / max(delivered, 1) * 1e6, 2),
        }


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK
    return 0.0


def _kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
    return 0


def _core() -> float:
    name = f"cpu{min(os.sched_getaffinity(0))} "
    lines = Path("/proc/stat").read_text().splitlines()
    fields = next(line.split() for line in lines if line.startswith(name))
    user, nice, system, _idle, _wait, irq, soft = map(int, fields[1:8])
    return (user + nice + system + irq + soft) / TICK


def percentile(values: list[float], share: float) -> float:
    return round(values[max(0, math.ceil(share * len(values)) - 1)], 2) if values else -1


class Run:
    def __init__(self, words: argparse.Namespace) -> None:
        self.words = words
        self.seen = Seen(words.readers)
        self.readers: list[Reader] = []
        self.control: asyncio.StreamWriter | None = None

    async def connect_all(self) -> None:
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def one(index: int) -> None:
            reader = Reader(self.seen, self.words)
            async with gate, asyncio.timeout(90):
                await self.connect(reader, index)
                await reader.ready.wait()
            self.readers.append(reader)

        await asyncio.gather(*(one(index) for index in range(self.words.readers)))

    async def connect(self, reader: Reader, index: int) -> None:
        """From many addresses of the loopback network: the site allows few sockets to one address."""
        port = self.words.port[index % len(self.words.port)]
        path = "/socket.io/?EIO=4&transport=websocket" if self.words.socketio else "/live/ws?lang=en"
        source = 1 + index // PER_ADDRESS
        address = socket.inet_ntoa((0x7F000001 + source + source // 250 * 6).to_bytes(4, "big"))
        opened = socket.socket()
        opened.setblocking(False)
        opened.bind((address, 0))
        await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", port))
        origin = {"Origin": f"http://127.0.0.1:{self.words.port[0]}"}
        await ws_connect(
            lambda: reader,
            f"ws://127.0.0.1:{port}{path}",
            extra_headers=origin,
            socket_factory=lambda _url: opened,
            websocket_handshake_timeout=60,
        )

    async def ping_all(self) -> None:
        """Each in its turn, as pages do that were not opened in the same instant."""
        while self.words.stream:
            for reader in self.readers:
                await asyncio.sleep(PING_SECONDS / len(self.readers))
                reader.say('{"type":"ping"}')

    def ask(self, number: int) -> None:
        assert self.control is not None
        self.control.write(b"%d\n" % number)

    async def steady(self) -> dict[str, float]:
        words, before = self.words, Meter(self.words.pid)
        for number in range(words.messages):
            await asyncio.sleep(max(0.0, before.at + number / words.rate - time.monotonic()))
            self.ask(number)
        wanted = words.readers * words.messages
        for _tenth in range(100):
            if self.seen.delivered(0, words.messages) >= wanted:
                break
            await asyncio.sleep(0.1)
        got = self.seen.delivered(0, words.messages)
        return self.latency(words.messages) | {"lost": wanted - got} | Meter(words.pid).since(before, "steady", got)

    async def flat_out(self) -> dict[str, float]:
        words, before, asked, whole = self.words, Meter(self.words.pid), 0, 0
        for _one in range(words.window):
            self.ask(FLAT + asked)
            asked += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(words.flat + 20):
                while whole < asked:
                    number = await self.seen.whole.get()
                    if not FLAT <= number < WARM:
                        continue
                    whole += 1
                    if time.monotonic() < before.at + words.flat:
                        self.ask(FLAT + asked)
                        asked += 1
        got = self.seen.delivered(FLAT, WARM)
        cost = Meter(words.pid).since(before, "flat", got)
        lost = asked * words.readers - got
        return cost | {"flat_rate": round(got / cost["flat_seconds"]), "flat_messages": asked, "flat_lost": lost}

    async def listening(self) -> dict[str, float]:
        print("ready", flush=True)
        before = Meter(self.words.pid)
        await asyncio.sleep(self.words.listen)
        got = self.seen.delivered(0, FLAT)
        return self.latency(FLAT) | Meter(self.words.pid).since(before, "steady", got)

    def latency(self, end: int) -> dict[str, float]:
        """Of messages 0 to `end`, in milliseconds."""
        each: list[float] = []
        last: list[float] = []
        for number in (number for number in self.seen.read if number < end):
            waits = [(moment - self.seen.published[number]) / 1e6 for moment in self.seen.read[number]]
            each += waits
            if len(waits) == self.words.readers:
                last.append(max(waits))
        begun = sum(number < end for number in self.seen.read)
        each.sort()
        last.sort()
        named = {"p50": (each, 0.5), "p99": (each, 0.99), "last_p50": (last, 0.5), "last_p99": (last, 0.99)}
        return {"seen": begun, "whole": len(last)} | {name: percentile(*what) for name, what in named.items()}

    async def go(self) -> dict[str, Any]:
        words = self.words
        before = sum(map(_kib, words.pid))
        await self.connect_all()
        pings = asyncio.create_task(self.ping_all())
        await asyncio.sleep(QUIET_SECONDS)
        row: dict[str, Any] = {"readers": words.readers}
        each = (sum(map(_kib, words.pid)) - before) / words.readers
        if words.listen:
            row |= await self.listening()
        else:
            _reader, self.control = await asyncio.open_connection("127.0.0.1", words.control)
            for number in range(5):
                self.ask(WARM + number)
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.5)
            row |= await self.steady() if words.messages else {}
            row |= await self.flat_out() if words.flat else {}
        pings.cancel()
        return row | {"kib_each": round(each, 1)}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", dest="readers", type=int, default=500)
    parser.add_argument("-p", dest="port", type=int, action="append", required=True)
    parser.add_argument("-c", dest="control", type=int, default=0)
    parser.add_argument("-m", dest="messages", type=int, default=0)
    parser.add_argument("-r", dest="rate", type=float, default=10)
    parser.add_argument("-f", dest="flat", type=float, default=0)
    parser.add_argument("-w", dest="window", type=int, default=4)
    parser.add_argument("-l", dest="listen", type=float, default=0)
    parser.add_argument("-S", dest="stream", default="")
    parser.add_argument("-s", dest="socketio", action="store_true")
    parser.add_argument("-P", dest="pid", type=int, action="append", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(Run(options()).go())), flush=True)
    os._exit(0)

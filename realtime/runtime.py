"""Starts the hub of this process with the first socket, on the loop that socket lives on."""

import asyncio
import contextlib
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from realtime import metrics
from realtime.hub import Hub
from realtime.listener import Listener
from realtime.presence import Presence
from realtime.sweep import beat_forever, recheck_forever, watch_loop

GOODBYE = 3.0
"""Seconds in which the sockets of a process that stops may take and answer their close frame."""


class Runtime:
    """A hub and the tasks that keep it going."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.presence = Presence(self.hub)
        self.listener = Listener(self.hub, self.presence)
        work = {
            "live-listener": self.listener.run(),
            "live-poll": self.listener.poll_forever(),
            "live-presence": self.presence.run(),
            "live-beat": beat_forever(self.hub),
            "live-recheck": recheck_forever(self.hub),
            "live-loop": watch_loop(),
        }
        self._tasks = [asyncio.create_task(job, name=name) for name, job in work.items()]

    async def stop(self) -> None:
        """Ask every socket to come back elsewhere (4012) and end the tasks."""
        self.hub.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE):
                while self.hub.connections:
                    await asyncio.sleep(0.02)
        pending = set(self._tasks)
        while pending:  # more than once: redis-py swallows a cancellation that meets it while it connects
            for task in pending:
                task.cancel()
            _done, pending = await asyncio.wait(pending, timeout=0.5)


_runtimes: "WeakKeyDictionary[asyncio.AbstractEventLoop, Runtime]" = WeakKeyDictionary()


def current() -> Runtime:
    """The running loop's hub; a server has one loop, a test may have several after each other."""
    loop = asyncio.get_running_loop()
    if (runtime := _runtimes.get(loop)) is None:
        runtime = _runtimes[loop] = Runtime()
    return runtime


async def stop() -> None:
    """For a server's shutdown hook (ASGI lifespan, or the hardened server)."""
    runtime = _runtimes.pop(asyncio.get_running_loop(), None)
    if runtime is not None:
        await runtime.stop()


def _hubs() -> Iterator[Hub]:
    return (runtime.hub for runtime in list(_runtimes.values()))


metrics.gauge("hiroba_live_sockets", "Open sockets.", lambda: sum(len(hub.connections) for hub in _hubs()))
metrics.gauge(
    "hiroba_live_streams", "Streams that somebody here watches.", lambda: sum(len(hub.rooms) for hub in _hubs())
)
metrics.gauge(
    "hiroba_live_wires",
    "Open sockets that prepared frames are written to directly; all of them under our own server.",
    lambda: sum(connection.wire is not None for hub in _hubs() for connection in hub.connections),
)
metrics.gauge(
    "hiroba_live_queue_bytes",
    "Bytes that wait for readers who are behind.",
    lambda: sum(connection.queued for hub in _hubs() for connection in hub.connections),
)
metrics.gauge(
    "hiroba_live_valkey_connected",
    "1 while wake-ups come from Valkey, 0 while the log is polled.",
    lambda: int(any(runtime.listener.connected for runtime in list(_runtimes.values()))),
)

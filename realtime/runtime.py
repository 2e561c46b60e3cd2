"""Starts the hub of this process with the first socket, on the loop that socket lives on."""

import asyncio
import contextlib
from weakref import WeakKeyDictionary

from realtime.hub import Hub
from realtime.listener import Listener
from realtime.presence import Presence
from realtime.sweep import beat_forever, recheck_forever


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
        }
        self._tasks = [asyncio.create_task(job, name=name) for name, job in work.items()]

    async def stop(self) -> None:
        """Ask every socket to come back elsewhere (4012) and end the tasks."""
        self.hub.drain()
        await asyncio.sleep(0.05)  # let the writers send the close frames
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)


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

"""Python's garbage collector and its threads, kept out of the way of the sockets.

With a thousand connections a full collection stops the process for 100 to 200 ms: the p99 to the last reader was 258 ms
with it and 79 ms without. So what start-up made is frozen (it never becomes garbage), full collections happen here, in
quiet moments, and the small ones, a millisecond at most, stay automatic.

The same loop shares the interpreter with the threads. Python lets a thread compute for 5 ms before another may go on,
so with eight of them at work the loop came up to 45 ms late; with 1 ms it is 10, for a twentieth more work.
"""

import asyncio
import gc
import sys
import time

YOUNG = 10_000  # objects made and not gone before a young collection looks at them
MIDDLE = 10  # young collections before one of the middle generation
NEVER = 1_000_000
TURN = 0.001  # seconds a thread computes before another has its turn


class Collector:
    """Looks every `look` seconds. After `at_least` seconds since the last full collection it does one when the process
    used less than `quiet` of a core since it last looked; after `at_most` seconds it does one anyway.
    """

    def __init__(self, *, look: float = 1.0, quiet: float = 0.05, at_least: float = 60, at_most: float = 600) -> None:
        self.look, self.quiet = look, quiet
        self.at_least, self.at_most = at_least, at_most
        self.collections = 0
        self.last_pause = self.longest_pause = 0.0  # seconds
        self._collected = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Call once, when the process is ready to serve."""
        settle()
        self._collected = time.monotonic()
        self._task = loop.create_task(self.run(), name="garbage-collector")

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        while True:
            began, used = time.monotonic(), time.process_time()
            await asyncio.sleep(self.look)
            now = time.monotonic()
            share = (time.process_time() - used) / (now - began)
            if self.is_time(now - self._collected, share):
                self.collect()

    def is_time(self, since: float, share: float) -> bool:
        if not gc.get_count()[2]:
            return False  # the middle generation has handed nothing on: there is nothing new to look at
        return since >= self.at_most or (since >= self.at_least and share < self.quiet)

    def collect(self) -> None:
        began = time.perf_counter()
        gc.collect()
        self.last_pause = time.perf_counter() - began
        self.longest_pause = max(self.longest_pause, self.last_pause)
        self.collections += 1
        self._collected = time.monotonic()


def settle() -> None:
    """What lives now lives until the end: it is never looked at again. And turns become short."""
    sys.setswitchinterval(TURN)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)

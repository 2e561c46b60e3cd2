"""A fixed number of threads for Django's synchronous code, and a bounded line of requests in front of them (REL-14).

Django's own ASGI handler gives every request a thread of its own, and so a database connection: 150 requests at once
were 90 back ends and 45 errors (trust.md d8). Here a request takes one of `threads` workers and keeps it until it is
answered, so all its parts run on one thread, on which Django also keeps its connection object. Who finds no worker
waits in line; who waits too long, or finds the line full, is told to come again.
"""

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from community.core.stack import with_room

P = ParamSpec("P")
T = TypeVar("T")


class Busy(Exception):
    """The line is full, or nobody became free in time."""


class Gone(Exception):
    """Whoever asked hung up while waiting."""


class Worker(Executor):
    """One thread, working for one request at a time. An `Executor`, so that asgiref's bridges can use it too."""

    def __init__(self, name: str, when_free: Callable[["Worker"], None]) -> None:
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._when_free = when_free
        self._taken = False
        self._running = 0
        # A daemon: a request that never ends must not keep the process from ending.
        threading.Thread(target=with_room, args=(self._work,), name=name, daemon=True).start()

    def take(self) -> None:
        self._taken = True

    def give_back(self) -> None:
        """The request is through with it. What still runs on it, for a request that was cancelled, is waited for."""
        self._taken = False
        if not self._running:
            self._when_free(self)

    async def run(
        self,
        call: Callable[[], T],
        *,
        context: contextvars.Context | None = None,
        unwanted: Callable[[T], None] | None = None,
    ) -> T:
        """`call()` on the thread. If we are cancelled meanwhile it still ends there, and `unwanted` gets its result."""
        loop = asyncio.get_running_loop()
        promise: asyncio.Future[T] = loop.create_future()
        inside = contextvars.copy_context() if context is None else context

        def job() -> None:
            result: Any = None
            failure: BaseException | None = None
            try:
                result = inside.run(call)
            except BaseException as error:  # whatever it is, it belongs to the request and not to the thread
                failure = error
            deliver(result, failure)
            failure = None  # or its traceback, which holds this frame, would hold itself

        def deliver(result: Any, failure: BaseException | None) -> None:
            # A closed loop: the process ends, nobody waits.
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._done, promise, result, failure, unwanted)

        self._running += 1
        self._jobs.put(job)
        return await promise

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """For asgiref: the same thread, without the way back to a loop."""
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._jobs.put(job)
        return future

    def _work(self) -> None:
        while True:
            # No name of the loop may keep the last request alive while the thread waits for the next one.
            self._jobs.get()()

    def _done(
        self, promise: asyncio.Future[T], result: T, failure: BaseException | None, unwanted: Callable[[T], None] | None
    ) -> None:
        self._running -= 1
        if promise.cancelled():
            if failure is None and unwanted is not None:
                self.submit(unwanted, result)
        elif failure is None:
            promise.set_result(result)
        elif isinstance(failure, Exception) and not isinstance(failure, StopIteration):
            promise.set_exception(failure)
        else:
            # A future refuses the one, and the others would end the loop, which serves everybody else as well.
            promise.set_exception(RuntimeError(f"{type(failure).__name__} out of a request"))
        if not self._taken and not self._running:
            self._when_free(self)


class Workers:
    """At most `threads` requests at work, at most `waiting` in line, each for at most `seconds`. One event loop's."""

    def __init__(self, *, threads: int, waiting: int, seconds: float) -> None:
        self.threads, self.most_waiting, self.seconds = threads, waiting, seconds
        self.refused = 0
        self._made = 0
        self._free: list[Worker] = []
        self._line: deque[asyncio.Future[Worker]] = deque()

    @property
    def at_work(self) -> int:
        return self._made - len(self._free)

    @property
    def waiting(self) -> int:
        return len(self._line)

    async def take(self, hung_up: Callable[[], Awaitable[object]]) -> Worker:
        """A worker, to be given back. `hung_up()` returns when the client is gone; it is asked only by who must wait.

        Raises `Busy` and `Gone`.
        """
        worker = self._free.pop() if self._free else self._new()
        if worker is None:
            if len(self._line) >= self.most_waiting:
                self.refused += 1
                raise Busy
            worker = await self._wait(hung_up)
        worker.take()
        return worker

    def _new(self) -> Worker | None:
        if self._made >= self.threads:
            return None
        self._made += 1
        return Worker(f"web-{self._made}", self._is_free)

    async def _wait(self, hung_up: Callable[[], Awaitable[object]]) -> Worker:
        place: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._line.append(place)
        leaving = asyncio.ensure_future(hung_up())
        try:
            await asyncio.wait((place, leaving), timeout=self.seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if place.done():
                self._is_free(place.result())
            raise
        finally:
            leaving.cancel()
            if not place.done():
                place.cancel()
                self._line.remove(place)
        if not place.cancelled():
            return place.result()
        if leaving.done() and not leaving.cancelled():
            raise Gone from leaving.exception()
        self.refused += 1
        raise Busy

    def _is_free(self, worker: Worker) -> None:
        """To the first in line; the last one that came back is taken first, for its caches are warm."""
        if self._line:
            self._line.popleft().set_result(worker)
        else:
            self._free.append(worker)

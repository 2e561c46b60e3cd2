"""Merges questions to the database that are put at the same time: a thousand pages that come back all ask the same."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from realtime import metrics
from realtime.offload import in_thread

_asked = metrics.counter("hiroba_live_questions_total", "Questions of sockets that needed the database.")
_rounds = metrics.counter("hiroba_live_question_rounds_total", "Trips to the database that answered them.")

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Batch(Generic[K, V]):
    """Asks in rounds, each one call of `ask(keys)` in a worker thread. What arrives while rounds are under way waits
    for the next one; equal questions are asked once.

    An answer always comes from a round that began after the question was put, so it is never older than the question.
    At most `rounds` are under way, so that one slow answer does not hold up the others; a round has at most `most`
    keys. `ask` answers every key. What it raises is raised to all who wait for that round.
    """

    def __init__(self, ask: Callable[[list[K]], dict[K, V]], *, rounds: int = 2, most: int = 100) -> None:
        self._ask = ask
        self._free = rounds
        self._most = most
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, key: K) -> V:
        _asked.add()
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            future.add_done_callback(_seen)
            if self._free:
                self._start()
        return await asyncio.shield(future)  # one who goes away does not take the answer from the others

    def _start(self) -> None:
        self._free -= 1
        _rounds.add()
        keys = list(self._waiting)[: self._most]
        task = asyncio.create_task(self._round({key: self._waiting.pop(key) for key in keys}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _round(self, asked: dict[K, "asyncio.Future[V]"]) -> None:
        try:
            answers = await in_thread(self._ask, list(asked))
            for key, future in asked.items():
                if not future.done():
                    future.set_result(answers[key])
        except BaseException as error:
            for future in asked.values():
                if not future.done():
                    future.set_exception(error if isinstance(error, Exception) else RuntimeError("stopped"))
            if not isinstance(error, Exception):
                raise
        finally:
            self._free += 1
            if self._waiting:
                self._start()


def _seen(future: "asyncio.Future[V]") -> None:
    if not future.cancelled():
        future.exception()  # nobody may be left to ask for it

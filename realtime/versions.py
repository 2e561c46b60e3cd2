"""The newest numbers of streams, asked from the event loop: what a kept page is compared with.

Strictly fresh: an answer comes from a read that began after the caller asked, so whatever was committed by then is in
it, with Valkey down as well. Cheap: no thread and no pool, one connection of this loop's own, and one question at a
time, which carries the names of everybody who waits.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from django.db import connections
from psycopg import AsyncConnection, Error
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

__all__ = ["Unknown", "close", "of", "tell"]

log = logging.getLogger("hiroba.live")

Numbers: TypeAlias = dict[str, int]
Tell: TypeAlias = Callable[[Numbers | None], None]
NAME = re.compile(r"[a-z]+\.[0-9]+")
PREPARE = "PREPARE versions (text[]) AS SELECT name, seq FROM realtime_stream WHERE name = ANY($1)"
PATIENCE = 2.0
"""Seconds that an answer may take; then the connection counts as lost."""
PAUSE = 1.0
"""Seconds after a loss in which nobody tries again: callers hear at once that there is no answer."""


class Unknown(Exception):
    """The numbers could not be read. Nothing may be taken for fresh."""


async def of(names: Sequence[str]) -> tuple[int, ...]:
    """The newest number of each stream, in the order asked; 0 for one that has no event yet.

    Raises `Unknown` when PostgreSQL does not answer, ValueError for what is no stream's name.
    """
    if not names:
        return ()
    waiting: asyncio.Future[tuple[int, ...] | None] = asyncio.get_running_loop().create_future()

    def told(numbers: tuple[int, ...] | None) -> None:
        if not waiting.done():  # one who hung up
            waiting.set_result(numbers)

    tell(names, told)
    if (found := await waiting) is None:
        raise Unknown
    return found


def tell(names: Sequence[str], told: Callable[[tuple[int, ...] | None], None]) -> None:
    """The same without a task: `told` is called from the event loop, later, with the numbers, or None for `Unknown`.

    Raises ValueError for what is no stream's name.
    """
    streams = _checked(tuple(names))

    def answered(known: Numbers | None) -> None:
        told(None if known is None else tuple([known.get(name, 0) for name in streams]))

    _reader().ask(streams, answered)


@lru_cache(maxsize=4096)
def _checked(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no stream")
    return names


async def close() -> None:
    """Give the connection back: before the process ends, or the loop."""
    global _mine
    if _mine is not None:
        _mine.lose(None)
        _mine = None


class Reader:
    """One loop's connection. Callbacks, not tasks: this is asked thousands of times a second."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._connection: AsyncConnection[Any] | None = None
        self._socket = -1
        self._opening: asyncio.Task[None] | None = None
        self._closed_until = 0.0
        self._names: dict[str, None] = {}  # what the next question asks; a set that keeps its order
        self._next: list[Tell] = []  # who waits for the next question
        self._now: list[Tell] = []  # who waits for the one under way
        self._numbers: Numbers = {}
        self._asked = 0.0
        self._watch: asyncio.TimerHandle | None = None

    def ask(self, names: tuple[str, ...], tell: Tell) -> None:
        """Join the next question, which has not been sent yet."""
        self._next.append(tell)
        for name in names:
            self._names[name] = None
        if len(self._next) == 1:
            if self._connection is None:
                self._open()
            elif not self._now:
                # Not at once: whoever arrived in the same turn of the loop comes along.
                self.loop.call_soon(self._send)

    def _send(self) -> None:
        if not self._next or self._now or self._connection is None:
            return
        self._now, self._next = self._next, []
        names, self._names = self._names, {}
        self._asked = self.loop.time()
        try:
            pg = self._connection.pgconn
            # Names are letters, digits and a dot: they need no quotes in an array.
            pg.send_query_prepared(b"versions", [f"{{{','.join(names)}}}".encode()])
            if pg.flush():
                raise Error("the socket takes no more")  # of some hundred bytes: nobody reads at the other end
        except Error as error:
            self.lose(error)
        else:
            if self._watch is None:
                self._watch = self.loop.call_later(PATIENCE, self._look_after)

    def _look_after(self) -> None:
        """One timer for many questions: it comes back while there are any, and ends what takes too long."""
        self._watch = None
        if not self._now:
            return
        left = self._asked + PATIENCE - self.loop.time()
        if left <= 0:
            self.lose(Error("no answer"))
        else:
            self._watch = self.loop.call_later(left, self._look_after)

    def _readable(self) -> None:
        assert self._connection is not None
        pg = self._connection.pgconn
        try:
            pg.consume_input()
            while not pg.is_busy():
                result = pg.get_result()
                if result is None:
                    self._answered()
                    return
                self._take(pg, result)
        except Error as error:
            self.lose(error)

    def _take(self, pg: PGconn, result: PGresult) -> None:
        if result.status != ExecStatus.TUPLES_OK:
            raise Error(pg.error_message.decode(errors="replace"))
        for row in range(result.ntuples):
            name, seq = result.get_value(row, 0), result.get_value(row, 1)
            assert name is not None
            assert seq is not None
            self._numbers[name.decode()] = int(seq)

    def _answered(self) -> None:
        numbers, self._numbers = self._numbers, {}
        done, self._now = self._now, []
        self._send()  # those who came meanwhile; PostgreSQL works on it while these get their answers
        for tell in done:
            self._tell(tell, numbers)

    @staticmethod
    def _tell(tell: Tell, numbers: Numbers | None) -> None:
        try:
            tell(numbers)
        except Exception:  # of one who waits; the others must hear all the same
            log.exception("what asked for stream numbers failed")

    # -- the connection

    def _open(self) -> None:
        if self.loop.time() < self._closed_until:
            self.lose(None)
        elif self._opening is None:
            self._opening = self.loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                connection = await AsyncConnection.connect(**_parameters())
                await connection.execute(PREPARE)
        except (Error, OSError) as error:  # TimeoutError is an OSError
            self.lose(error)
        else:
            self._connection = connection
            self._socket = connection.pgconn.socket
            self.loop.add_reader(self._socket, self._readable)
            self._send()
        finally:
            self._opening = None

    def lose(self, error: Exception | None) -> None:
        """Drop the connection; everybody who waits hears that there is no answer. The next one connects anew."""
        if error is not None:
            log.warning("stream numbers unknown: %s", error)
            self._closed_until = self.loop.time() + PAUSE
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._connection is not None:
            if not self.loop.is_closed():
                self.loop.remove_reader(self._socket)  # libpq itself no longer knows it
                if error is not None:
                    self.loop.run_in_executor(None, _look_at_the_others)
            self._connection.pgconn.finish()
            self._connection = None
        self._numbers = {}
        left, self._now, self._next, self._names = [*self._now, *self._next], [], [], {}
        if not self.loop.is_closed():
            for tell in left:
                self._tell(tell, None)


def _look_at_the_others() -> None:
    """What ended our connection, which we hear at once, ended those in the pool as well. Found out one by one they
    would cost whoever asks next a second, then two, then four, and a 503.
    """
    if (pool := connections["default"].pool) is not None:  # type: ignore[attr-defined]
        pool.check()


_mine: Reader | None = None


def _reader() -> Reader:
    global _mine
    loop = asyncio.get_running_loop()
    if _mine is None or _mine.loop is not loop:
        if _mine is not None:
            _mine.lose(None)  # its loop is gone
        _mine = Reader(loop)
    return _mine


def _parameters() -> dict[str, Any]:
    """Django's own connection parameters, for a plain connection that commits by itself."""
    given = dict(connections["default"].get_connection_params())
    for name in ("cursor_factory", "context", "prepare_threshold"):
        given.pop(name, None)
    options = f"{given.pop('options', '')} -c statement_timeout={int(PATIENCE * 1000)}".strip()
    return given | {"autocommit": True, "application_name": "hiroba-versions", "options": options}

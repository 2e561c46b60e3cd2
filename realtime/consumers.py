"""One socket: reads the client's messages within their limits, and hands everything else to the hub.

A plain ASGI application. Channels' consumers would cost a thread hop and a task per message (trust.md d9,
performance.md section 5), and its layers lose messages by specification; sockets here use neither.
"""

import asyncio
import contextlib
import json
import logging
import time
from typing import Any

from realtime import registry, runtime
from realtime.auth import Receive, Scope, Send
from realtime.conf import live
from realtime.connection import BAD_MESSAGE, TOO_BIG, TOO_MANY, AsgiDoor, Connection
from realtime.events import frame
from realtime.hub import Hub
from realtime.offload import in_thread

log = logging.getLogger("hiroba.live")

PONG = frame(type="pong")


class Refused(Exception):
    """The client broke the protocol; `code` closes the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def live_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application at /live/ws. Needs `scope["viewer"]` from `auth.ViewerMiddleware`."""
    if (await receive())["type"] != "websocket.connect":
        return
    await send({"type": "websocket.accept"})
    hub = runtime.current().hub
    connection = Connection(scope["viewer"], AsgiDoor(send), live())
    await LiveSocket(hub, connection).run(receive)


class LiveSocket:
    def __init__(self, hub: Hub, connection: Connection) -> None:
        self.hub = hub
        self.connection = connection
        self._budget = float(connection.conf.messages_per_second)
        self._counted = time.monotonic()

    async def run(self, receive: Receive) -> None:
        writer = self.connection.start()
        reader = asyncio.create_task(self._read(receive), name="live-reader")
        try:
            if (refusal := self.hub.admit(self.connection)) is not None:
                self.connection.close(refusal)
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
            if self.connection.closing is not None:  # the close frame is out; wait for the client's, not for ever
                await asyncio.wait({writer, reader}, timeout=2)
        finally:
            self.hub.leave(self.connection)
            await _end(reader, writer)

    async def _read(self, receive: Receive) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            if self.connection.closing is not None:
                continue  # said after we closed: not ours to answer
            try:
                await self._answer(self._parse(message))
            except Refused as refused:
                self.connection.close(refused.code)

    def _parse(self, message: dict[str, Any]) -> dict[str, Any]:
        """The client's JSON object. Raises Refused for anything above the limits of S27 or outside the
        protocol.
        """
        self._spend()
        self.connection.heard = time.monotonic()
        text = message.get("text")
        limit = self.connection.conf.frame_bytes
        if len(message.get("bytes") or b"") > limit or len(text or "") > limit or len((text or "").encode()) > limit:
            raise Refused(TOO_BIG)
        try:
            parsed = json.loads(text) if text is not None else None
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            raise Refused(BAD_MESSAGE)
        return parsed

    def _spend(self) -> None:
        """A bucket of one second's messages: a burst of 20 is fine, a steady 21 a second is not."""
        rate = self.connection.conf.messages_per_second
        instant = time.monotonic()
        self._budget = min(float(rate), self._budget + (instant - self._counted) * rate)
        self._counted = instant
        if self._budget < 1:
            raise Refused(TOO_MANY)
        self._budget -= 1

    async def _answer(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "subscribe":
                await self._subscribe(_wanted(message.get("streams")))
            case "unsubscribe":
                for name in _names(message.get("streams")):
                    self.hub.unsubscribe(self.connection, name)
            case "ping":
                self.connection.push(PONG)
            case _:
                raise Refused(BAD_MESSAGE)

    async def _subscribe(self, wanted: dict[str, int | None]) -> None:
        if len(self.connection.watching | wanted.keys()) > self.connection.conf.streams_per_socket:
            raise Refused(TOO_MANY)
        try:
            allowed = await in_thread(registry.allowed, self.connection.viewer.user, wanted)
            for name, after in wanted.items():
                if name in allowed:
                    await self.hub.subscribe(self.connection, name, after)
                else:
                    self.connection.push(frame(type="denied", stream=name))
        except Exception as error:  # the database is away: the page comes back, with back-off
            log.warning("could not subscribe: %r", error)
            self.connection.close(4012)


def _wanted(streams: object) -> dict[str, int | None]:
    """`{"thread.5": 120}`; null means "from now on". Raises Refused for another shape."""
    if not isinstance(streams, dict):
        raise Refused(BAD_MESSAGE)
    for name, after in streams.items():
        if len(name) > 64 or not (after is None or (type(after) is int and 0 <= after < 2**63)):
            raise Refused(BAD_MESSAGE)
    return streams


def _names(streams: object) -> list[str]:
    if not isinstance(streams, list) or not all(isinstance(name, str) for name in streams):
        raise Refused(BAD_MESSAGE)
    return streams


async def _end(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, OSError, RuntimeError):
            await task

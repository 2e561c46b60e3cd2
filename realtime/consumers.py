"""One socket: reads the client's messages within their limits, and hands everything else to the hub.

A plain ASGI application. Channels' consumers would cost a thread hop and a task per message (trust.md d9,
performance.md section 5), and its layers lose messages by specification; sockets here use neither.
"""

import asyncio
import json
import logging
import time
from typing import Any

from realtime import registry, runtime
from realtime.auth import Receive, Scope, Send, Viewer, viewer_of
from realtime.connection import BAD_MESSAGE, GONE, RESTART, TOO_BIG, TOO_MANY, AsgiDoor, Connection, WireDoor
from realtime.events import frame
from realtime.hub import Hub
from realtime.transport import wire_of

log = logging.getLogger("hiroba.live")

PONG = frame(type="pong")


class Refused(Exception):
    """The client broke the protocol; `code` closes the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def live_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application at /live/ws."""
    if (await receive())["type"] != "websocket.connect":
        return
    hub = runtime.current().hub
    viewer = scope.get("viewer") or await _viewer(hub, scope)
    if viewer is None:
        await send({"type": "websocket.close", "code": RESTART})
        return
    await send({"type": "websocket.accept"})
    wire = wire_of(scope)
    door = AsgiDoor(send) if wire is None else WireDoor(send, wire)
    await LiveSocket(hub, Connection(viewer, door, hub.conf)).run(receive)


async def _viewer(hub: Hub, scope: Scope) -> Viewer | None:
    """Who it is; None when we cannot say now, or there is no room for another: the page comes back, with back-off."""
    if hub.draining or not await hub.pace.turn():
        return None
    try:
        return await viewer_of(scope, hub.questions.users.get)
    except Exception as error:  # the database is away
        log.warning("could not look a reader up: %r", error)
        return None


class LiveSocket:
    """The one task of a socket: the server's own, which reads."""

    __slots__ = ("_budget", "_counted", "connection", "hub")

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self.hub = hub
        self.connection = connection
        self._budget = float(connection.conf.messages_per_second)
        self._counted = time.monotonic()

    async def run(self, receive: Receive) -> None:
        connection = self.connection
        connection.reading = asyncio.current_task()
        try:
            if (refusal := self.hub.admit(connection)) is not None:
                connection.close(refusal)
            await self._read(receive)
        except asyncio.CancelledError:
            if connection.closing is None:  # else our own closer has waited long enough for the client
                raise
        finally:
            self.hub.leave(connection)
            connection.lost(GONE)

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
            for name, after in wanted.items():
                await self._watch(name, after)
        except Exception as error:  # the database is away: the page comes back, with back-off
            log.warning("could not subscribe: %r", error)
            self.connection.close(RESTART)

    async def _watch(self, name: str, after: int | None) -> None:
        """Subscribe to one stream, if that may be. "From now on" is a number that was read before the question who may
        watch: were it the other way round, a door that shuts in between would shut unheard.
        """
        questions = self.hub.questions
        if registry.topic_of(name) is not None:
            if after is None:
                after = await questions.newest.get(name)
            if await questions.may_watch.get((self.connection.viewer.user, name)):
                await self.hub.subscribe(self.connection, name, after)
                return
        self.connection.push(frame(type="denied", stream=name))


def _wanted(streams: object) -> dict[str, int | None]:
    """`{"thread.5": 120}`; null means "from now on". Raises Refused for another shape."""
    if not isinstance(streams, dict):
        raise Refused(BAD_MESSAGE)
    for name, after in streams.items():
        if len(name) > 64 or not name.isascii() or not (after is None or (type(after) is int and 0 <= after < 2**63)):
            raise Refused(BAD_MESSAGE)
    return streams


def _names(streams: object) -> list[str]:
    if not isinstance(streams, list) or not all(isinstance(name, str) for name in streams):
        raise Refused(BAD_MESSAGE)
    return streams

"""One HTTP request and its answer: Daphne's, with its own way of running the application."""

import asyncio
import logging
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from daphne.http_protocol import WebRequest
from daphne.utils import INVALID_HEADER_VALUE_BYTES
from twisted.web import http

if TYPE_CHECKING:
    from realtime.server.channel import Channel

log = logging.getLogger("hiroba.server")
HTTPRequest: Any = http.Request  # Twisted's types are not made for being subclassed
READ_SIZE = 64 * 1024
LONGEST_KEPT = 1024
READY = frozenset({b"GET", b"HEAD"})  # methods whose answer may lie ready
FORBIDDEN = bytes(INVALID_HEADER_VALUE_BYTES)
RESPONSES: dict[int, bytes] = http.RESPONSES  # once: the module is a proxy that looks for deprecated names


def unquoted(raw: bytes) -> str:
    return unquote(raw.decode("ascii"))


_unquoted_once = lru_cache(maxsize=2048)(unquoted)


def path_of(raw: bytes) -> str:
    """The path as text. A title in Japanese has a hundred escapes, and the same pages are asked for over and over; a
    path of 16 KB is nobody's page, and is not kept.
    """
    return _unquoted_once(raw) if len(raw) <= LONGEST_KEPT else unquoted(raw)


class TooLong(Exception):
    """A body grew past its limit."""


class Request(WebRequest):
    """One request and its answer."""

    def __init__(self, channel: "Channel", queued: object = 0) -> None:
        HTTPRequest.__init__(self, channel, queued)
        self.server = channel.factory.server
        self.client_addr: list[Any] | None = None
        self.server_addr: list[Any] | None = None
        self.application_queue = None  # what Daphne would feed; `receive` reads the body itself
        self.task: asyncio.Task[None] | None = None
        self.refusal = 0  # the status with which the server itself answers
        self._response_started = False
        self._size = 0
        self._gone: asyncio.Event | None = None
        channel.await_until(self.server.timeouts.header)

    # What arrives

    def parseCookies(self) -> None:
        """Django does."""

    def handleContentChunk(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self.server.body_limit:
            raise TooLong
        self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.method, self.uri, self.clientproto = command, path, version
        self.path, _, self.query_string = path.partition(b"?")
        self.content.seek(0)
        self.process()

    def process(self) -> None:
        self.channel.await_until(self.server.timeouts.request)
        upgrade = self.requestHeaders.getRawHeaders(b"Upgrade")
        if upgrade and upgrade[0].lower() == b"websocket" and not self.refusal:
            self._become_socket()
        elif not self.uri.isascii() or any(value.translate(None, FORBIDDEN) != value for value in self._values()):
            self.basic_error(400, b"Bad Request", "Invalid characters in the request")
        elif self.refusal:
            self._run(self._refuse)
        elif not self._may_lie_ready() or not self._is_given_at_once():
            self._run(self.server.application)

    def _may_lie_ready(self) -> bool:
        return self.clientproto == b"HTTP/1.1" and self.method in READY

    def _is_given_at_once(self) -> bool:
        try:
            return self.server.at_once(self._scope(), self)
        except Exception:
            log.exception("what answers at once failed")
            return False

    def _values(self) -> list[bytes]:
        return [value for _, values in self.requestHeaders.getAllRawHeaders() for value in values]

    def _become_socket(self) -> None:
        """Daphne hands the connection over, and the request as text; nothing is read until the application accepts."""
        channel = self.channel
        WebRequest.process(self)
        protocol = channel.transport.protocol
        if protocol is not channel:
            self.server.channels.discard(channel)
            channel.requests.clear()
            protocol.take_over(channel)

    def _run(self, application: Any) -> None:
        self.task = self.server.start(application(self._scope(), self.receive, self.send), self._ended)

    def _scope(self) -> dict[str, Any]:
        if hasattr(self.client, "host"):
            self.client_addr = [self.client.host, self.client.port]
            self.server_addr = [self.host.host, self.host.port]
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": self.clientproto.rpartition(b"/")[2].decode("ascii"),
            "method": self.method.decode("ascii"),
            "path": path_of(self.path),
            "raw_path": self.path,
            "root_path": self.server.root_path,
            "scheme": self.channel.scheme,
            "query_string": self.query_string,
            "headers": [
                (lower, value)
                for name, values in self.requestHeaders.getAllRawHeaders()
                if b"_" not in name and (lower := name.lower()) != b"daphne-root-path"
                for value in values
            ],
            "client": self.client_addr,
            "server": self.server_addr,
        }

    async def receive(self) -> dict[str, Any]:
        """The body, piece by piece as the application asks for it; then nothing, until the client or we are done."""
        if self._size >= 0 and self.content is not None and not self._disconnected:
            body = self.content.read(READ_SIZE)
            self._size -= len(body)
            more = self._size > 0
            if not more:
                self._size = -1
            return {"type": "http.request", "body": body, "more_body": more}
        if not (self.finished or self._disconnected):
            self._gone = self._gone or asyncio.Event()
            await self._gone.wait()
        return {"type": "http.disconnect"}

    # What leaves

    async def send(self, message: dict[str, Any]) -> None:
        if self.finished or self._disconnected:
            return
        channel = self.channel
        self.handle_reply(message)
        if channel.outlet.full and not self.finished:
            await channel.outlet.drained()

    def handle_reply(self, message: dict[str, Any]) -> None:
        if self.finished or self._disconnected:
            return
        if message["type"] == "http.response.start":
            if self._response_started:
                raise ValueError("The response has been started already.")
            self._response_started = True
            self.channel.await_until(math.inf)
            self.setResponseCode(message["status"])
            for name, value in message.get("headers", ()):
                self.responseHeaders.addRawHeader(name, value)
        elif message["type"] == "http.response.body":
            if not self._response_started:
                raise ValueError("The response has not been started.")
            self.write(message.get("body", b""))
            if not message.get("more_body", False):
                self.finish()
        else:
            raise ValueError(f"An HTTP request cannot send {message['type']}.")

    def give(self, status: int, lines: bytes, body: bytes) -> None:
        """A whole answer from what lay ready: `lines` are its headers, each with its end, and are sent as they are."""
        if self._is_open:
            self._response_started = True
            self.startedWriting = 1
            self.channel.give(b"HTTP/1.1 %d %b\r\n%b" % (status, RESPONSES[status], lines), body)
            self.finish()

    def pass_on(self) -> None:
        """What lay ready will not do: the application answers."""
        if self._is_open:
            self._run(self.server.application)

    @property
    def _is_open(self) -> bool:
        return not (self.finished or self._disconnected or self.refusal or self._response_started)

    async def _refuse(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self.server.refuse(scope, send, self.refusal)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """The application returned, or failed: somebody must have answered."""
        if self.finished or self._disconnected or task is not self.task:
            return
        if self._response_started:
            self.channel.transport.abortConnection()  # half an answer must not look like a whole one
        elif self.refusal:
            self.basic_error(self.refusal, RESPONSES.get(self.refusal, b""), "")
        else:
            self.answer_instead(500)

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """The last resort, when no application can be asked."""
        close = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        self.handle_reply({"type": "http.response.start", "status": status, "headers": close})
        self.handle_reply({"type": "http.response.body", "body": f"{status} {status_text.decode()}\n{body}\n".encode()})

    def answer_instead(self, status: int) -> None:
        """Stop the application and let the server's own refusal answer."""
        self.refusal = status
        task, self.task = self.task, None
        if task is not None:
            task.cancel()
        self._run(self._refuse)

    def finish(self) -> None:
        HTTPRequest.finish(self)
        self._leave()

    def connectionLost(self, reason: Any) -> None:
        HTTPRequest.connectionLost(self, reason)
        self._leave()

    def _leave(self) -> None:
        if self._gone is not None:
            self._gone.set()
        if self.task is not None and not self.task.done():
            self.server.leave(self.task)

"""HTTP under `server.HardenedServer`: Twisted's channel (one connection) and Daphne's request, with limits and clocks.

Twisted itself allows 500 headers and 16,384 bytes of request line and headers, and answers 400 to more. Here is added:

- a body past the limit is refused before it is read, or as soon as it has grown too long; nothing of it is kept;
- every state of a connection has a deadline, and the server looks at all of them twice a second (`_tick`);
- the application's `send` waits while a slow reader leaves 64 KB unread, so that an answer is not held in memory;
- head and body of an answer leave in one `send(2)`, at once. Twisted would write an access log line nobody reads,
  register a writer for every piece, parse forms and cookies that Django parses again, and move two timers.
"""

import asyncio
import logging
import math
import time
from typing import Any
from urllib.parse import unquote

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.utils import INVALID_HEADER_VALUE_BYTES
from twisted.protocols.basic import LineReceiver
from twisted.web import http

HTTPChannel: Any = http.HTTPChannel  # Twisted's types are not made for being subclassed
HTTPRequest: Any = http.Request
log = logging.getLogger("hiroba.server")

READ_SIZE = 64 * 1024
FORBIDDEN = bytes(INVALID_HEADER_VALUE_BYTES)
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class TooLong(Exception):
    """A body grew past its limit."""


def unsent(transport: Any) -> int:
    """Bytes that wait in a transport because the kernel has not taken them."""
    return len(transport.dataBuffer) - transport.offset + transport._tempDataLen


def write_now(transport: Any, data: bytes) -> None:
    """Write without asking the reactor to, if nothing waits; Twisted takes over what the kernel does not take."""
    if not transport.dataBuffer and not transport._tempDataLen and transport.connected:
        sent = transport.writeSomeData(data)
        if sent == len(data):
            return
        if isinstance(sent, int):  # an error is met again by the reactor, and handled there
            data = data[sent:]
    transport.write(data)


class Outlet:
    """What a slow reader leaves unread, for a connection whose transport tells when its buffer fills and empties."""

    __slots__ = ("_drained", "_mark", "_moved", "transport")

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self._drained: asyncio.Event | None = None
        self._mark: tuple[bytes, int] = (b"", 0)
        self._moved = 0.0

    @property
    def full(self) -> bool:
        return self._drained is not None

    def fill(self) -> None:
        if self._drained is None:
            self._drained = asyncio.Event()
            self._mark = (self.transport.dataBuffer, self.transport.offset)
            self._moved = time.monotonic()

    def empty(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    async def drained(self) -> None:
        if self._drained is not None:
            await self._drained.wait()

    def stalled_for(self, now: float) -> float:
        """Seconds since a byte was taken. The transport replaces its buffer, or moves in it, when it sends."""
        mark = (self.transport.dataBuffer, self.transport.offset)
        if mark[0] is not self._mark[0] or mark[1] != self._mark[1]:
            self._mark, self._moved = mark, now
        return now - self._moved


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
        else:
            self._run(self.server.application if not self.refusal else self._refuse)

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
            "path": unquote(self.path.decode("ascii")),
            "raw_path": self.path,
            "root_path": self.server.root_path,
            "scheme": "https" if self.isSecure() else "http",
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
        if channel.outlet.full:
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

    async def _refuse(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self.server.refuse(scope, send, self.refusal)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """The application returned, or failed: somebody must have answered."""
        if self.finished or self._disconnected or task is not self.task:
            return
        if self._response_started:
            self.channel.transport.abortConnection()  # half an answer must not look like a whole one
        elif self.refusal:
            self.basic_error(self.refusal, http.RESPONSES.get(self.refusal, b""), "")
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


class Channel(HTTPChannel):
    """One connection, from its first byte to its last or to its becoming a socket."""

    requestFactory = Request
    timeOut = None  # Twisted's own timers stay off: `deadline` is looked at instead
    deadline = math.inf
    refused = False
    _head = b""

    def connectionMade(self) -> None:
        self.outlet = Outlet(self.transport)
        self.await_until(self.factory.server.timeouts.header)
        self.factory.server.channels.add(self)
        super().connectionMade()

    def connectionLost(self, reason: Any) -> None:
        self.factory.server.channels.discard(self)
        self.factory.server.slow.discard(self)
        self.outlet.empty()
        super().connectionLost(reason)

    def await_until(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds

    # What arrives

    def dataReceived(self, data: bytes) -> None:
        if not self.refused:
            LineReceiver.dataReceived(self, data)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:
        request, limit = self.requests[-1], self.factory.server.body_limit
        if self.length is not None and self.length > limit:
            self._stop_reading_body()  # and no "100 Continue"
            request.requestHeaders.removeHeader(b"Expect")
        elif self.length != 0:
            self.await_until(self.factory.server.timeouts.body)
        super().allHeadersReceived()
        if self.refused:
            self.persistent = 0

    def rawDataReceived(self, data: bytes) -> None:
        if self.refused:
            return
        try:
            super().rawDataReceived(data)
        except TooLong:
            self._stop_reading_body()
            self.persistent = 0
            self.allContentReceived()

    def _stop_reading_body(self) -> None:
        request = self.requests[-1]
        request.refusal, request._size = 413, 0
        if request.content is not None:
            request.content.seek(0)
            request.content.truncate()
        self.refused = True
        self.length, self._transferDecoder = 0, None

    # What leaves

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
        """Kept for a moment: the first piece of the body goes with it."""
        if headers.getRawHeaders(b"connection") == [b"close"] or self.factory.server.draining:
            self.persistent = 0
        if not self.persistent:
            headers.setRawHeaders(b"connection", [b"close"])
        lines = [b"%b %b %b\r\n" % (version, code, reason)]
        lines += [b"%b: %b\r\n" % (name, value) for name, values in headers.getAllRawHeaders() for value in values]
        lines.append(b"\r\n")
        self._head = b"".join(lines)

    def write(self, data: bytes) -> None:
        head, self._head = self._head, b""
        write_now(self.transport, head + data if head else data)

    def writeSequence(self, iovec: Any) -> None:
        self.write(b"".join(iovec))

    def requestDone(self, request: Request) -> None:
        if self._head:
            self.write(b"")
        self.await_until(self.factory.server.timeouts.idle)
        super().requestDone(request)

    def loseConnection(self) -> None:
        """A refused client still writes. Closing now would answer with a reset, and our words might be lost to it: so
        we only stop writing, and what comes is read and forgotten for a while.
        """
        if self.refused and self.transport.connected:
            self._networkProducer.unregisterProducer()
            self.transport.loseWriteConnection()
            self.transport.resumeProducing()
            self.await_until(self.factory.server.timeouts.linger)
        else:
            super().loseConnection()

    def pauseProducing(self) -> None:
        self.outlet.fill()
        self.factory.server.slow.add(self)
        super().pauseProducing()

    def resumeProducing(self) -> None:
        self.outlet.empty()
        self.factory.server.slow.discard(self)
        super().resumeProducing()

    # What does not

    def overdue(self) -> None:
        """The deadline of whatever this connection was doing has passed."""
        request = self.requests[0] if self.requests else None
        timeouts = self.factory.server.timeouts
        if self.outlet.full:  # a large answer is on its way to a slow reader: `too_slow` decides
            self.await_until(timeouts.idle)
            return
        self.await_until(timeouts.linger)
        if self.refused or self.transport.disconnecting:
            self.transport.abortConnection()
        elif request is None:
            super().loseConnection()
        elif self._handlingRequest and not request.refusal:
            log.warning("no answer in time", extra={"path": request.path.decode("ascii", "replace")})
            request.answer_instead(503)
        elif self._handlingRequest:
            self.transport.abortConnection()
        else:
            self.refused = True
            self.write(TIMED_OUT)
            self.loseConnection()

    def too_slow(self) -> None:
        """The reader takes nothing."""
        self.transport.abortConnection()


class Factory(HTTPFactory):
    def buildProtocol(self, addr: Any) -> Channel:
        channel = Channel()
        channel.factory = self
        return channel

    def log(self, request: Request) -> None:
        """No access log here: what is worth knowing is logged where the request id is known."""

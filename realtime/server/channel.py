"""HTTP under `HardenedServer`: Twisted's channel (one connection) and Daphne's request, with limits and clocks.

Twisted itself allows 500 headers and 16,384 bytes of request line and headers, and refuses more. Here is added:

- a body past the limit is refused before it is read, or as soon as it has grown too long; nothing of it is kept;
- every state of a connection has a deadline, and the server looks at all of them twice a second (`_tick`);
- the application's `send` waits while a slow reader leaves 64 KB unread, so that an answer is not held in memory;
- head and body of an answer leave in one `send(2)`, at once. Twisted would write an access log line nobody reads,
  register a writer for every piece, parse forms and cookies that Django parses again, and move two timers.
"""

import logging
import math
import time
from typing import Any

from daphne.http_protocol import HTTPFactory
from twisted.protocols.basic import LineReceiver
from twisted.web import http

from realtime.server.outlet import Outlet, write_now
from realtime.server.request import Request, TooLong

HTTPChannel: Any = http.HTTPChannel  # Twisted's types are not made for being subclassed
log = logging.getLogger("hiroba.server")
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Channel(HTTPChannel):
    """One connection, from its first byte to its last or to its becoming a socket."""

    requestFactory = Request
    timeOut = None  # Twisted's own timers stay off: `deadline` is looked at instead
    deadline = math.inf
    refused = False
    _head = b""
    _answered: Request | None = None  # and its answer is still on its way to a slow reader

    def connectionMade(self) -> None:
        # Asked for with every request, and the same for all of a connection.
        self.peer, self.host = self.transport.getPeer(), self.transport.getHost()
        self.scheme = "https" if self.isSecure() else "http"
        self.outlet = Outlet(self.transport)
        self.await_until(self.factory.server.timeouts.header)
        self.factory.server.channels.add(self)
        super().connectionMade()

    def connectionLost(self, reason: Any) -> None:
        self.factory.server.channels.discard(self)
        self.factory.server.slow.discard(self)
        self.outlet.empty()
        super().connectionLost(reason)

    def getPeer(self) -> Any:
        return self.peer

    def getHost(self) -> Any:
        return self.host

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

    def give(self, head: bytes, body: bytes) -> None:
        """An answer whose head is made already, but for the end of the connection."""
        if self.factory.server.draining:
            self.persistent = 0
        end = b"\r\n" if self.persistent else b"connection: close\r\n\r\n"
        write_now(self.transport, b"".join((head, end, body)))

    def writeSequence(self, iovec: Any) -> None:
        self.write(b"".join(iovec))

    def requestDone(self, request: Request) -> None:
        """The next request has its turn; not before this answer has left, or one who asks and never reads would have
        all answers in our memory.
        """
        if self._head:
            self.write(b"")
        self.await_until(self.factory.server.timeouts.idle)
        if self.outlet.full:
            self._answered = request
            self._networkProducer.pauseProducing()
        else:
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

    def hang_up(self) -> None:
        """Close when what is written has left, and wait for nothing else."""
        self._networkProducer.unregisterProducer()
        self.transport.loseConnection()

    def pauseProducing(self) -> None:
        self.outlet.fill()
        self.factory.server.slow.add(self)
        super().pauseProducing()

    def resumeProducing(self) -> None:
        self.outlet.empty()
        self.factory.server.slow.discard(self)
        super().resumeProducing()
        if self._answered is not None:
            answered, self._answered = self._answered, None
            super().requestDone(answered)

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
            self.hang_up()
        elif self._handlingRequest and not request.refusal:
            # Not the whole path: it can carry a one-time key, or the name of somebody who leaves one day.
            section = request.path.split(b"/")[1:2]
            log.warning("no answer in time", extra={"section": b"".join(section).decode("ascii", "replace")})
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

"""Sockets under `HardenedServer`: Daphne's WebSocket protocol (Autobahn's below it), bounded in both directions.

Inward (S27, REL-16): a message longer than `frame_bytes` is refused at its first bytes. While the application is busy,
at most `INBOX_MESSAGES` or `INBOX_BYTES` wait for it; at half of that we stop reading, so that the client's own system
holds the rest, and a client that keeps us there for a second, or sends more at once, is closed with 4429. So is one
that sends more than `FRAMES_PER_SECOND` of whatever kind: pings and empty pieces of a message, too, cost work.

Outward (REL-15): the application's `send` waits while 64 KB are unread; a reader with more than `outbox_bytes` waiting,
or that takes nothing for four seconds, is closed with 4408, and cut off when not even that can be sent.
"""

import logging
import time
from typing import TYPE_CHECKING, Any, ClassVar

from autobahn.util import encode_truncate
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from realtime.server.channel import Channel
from realtime.server.outlet import unsent, write_now

if TYPE_CHECKING:
    from asyncio import Task, TimerHandle

log = logging.getLogger("hiroba.server")

INBOX_MESSAGES = 64
INBOX_BYTES = 128 * 1024
FRAMES_PER_SECOND = 200
PING_EVERY = 30.0  # seconds of silence
PONG_WITHIN = 30.0
FAILED = 1011
RESTART = 1012
TOO_SLOW = 4408
TOO_BIG = 4413
TOO_MANY = 4429


class OpenSocket(WebSocketProtocol):
    """One open socket."""

    channel: Channel
    task: "Task[None] | None" = None
    _frames = float(FRAMES_PER_SECOND)  # what it may still send now
    _counted = 0.0
    _held = 0  # bytes the application has not received yet
    _deaf = False  # what still arrives is forgotten
    _paused: "TimerHandle | None" = None

    def take_over(self, channel: Channel) -> None:
        """The connection is ours. Nothing more is read before the application accepts: Autobahn would take it for
        another handshake.
        """
        self.channel = channel
        if self.state == self.STATE_CONNECTING:
            self.transport.pauseProducing()

    @property
    def waiting(self) -> int:
        """Bytes on their way out that the kernel has not taken."""
        return unsent(self.transport)

    # Opening

    def onConnect(self, request: Any) -> Any:
        request.headers.pop("daphne-root-path", None)
        return super().onConnect(request)

    def onOpen(self) -> None:
        self.heard = time.monotonic()
        del self.http_request_data, self.http_response_data
        self.http_headers = self.request.headers = {}  # the application has its own
        self.transport.resumeProducing()
        super().onOpen()

    # What arrives

    def dataReceived(self, data: bytes) -> None:
        """Without Autobahn's debug line, which is coloured even when nobody reads it."""
        if not self._deaf:
            self._dataReceived(data)

    def onFrameBegin(self) -> None:
        now = time.monotonic()
        self._frames = min(FRAMES_PER_SECOND, self._frames + (now - self._counted) * FRAMES_PER_SECOND) - 1
        self._counted = now
        if self._frames < 0:
            self.refuse(TOO_MANY)
        super().onFrameBegin()

    def onMessageFrameBegin(self, length: int) -> None:
        super().onMessageFrameBegin(length)
        if self.message_data_total_length > self.server.frame_bytes:
            self.refuse(TOO_BIG)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self._deaf or self.muted:
            return
        self.heard = time.monotonic()
        self._held += len(payload)
        content = {"bytes": payload} if isBinary else {"text": payload.decode()}
        self.application_queue.put_nowait({"type": "websocket.receive", **content})
        load = self._load()
        if load > 1:
            self.refuse(TOO_MANY)
        elif load > 0.5 and self._paused is None:
            self.transport.pauseProducing()
            self._paused = self.server.loop.call_later(self.server.timeouts.busy, self.refuse, TOO_MANY)

    def _load(self) -> float:
        return max(self.application_queue.qsize() / INBOX_MESSAGES, self._held / INBOX_BYTES)

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.application_queue.get()
        if message["type"] == "websocket.receive":
            self._held -= len(message["bytes"] if "bytes" in message else message["text"].encode())
            if self._paused is not None and self._load() <= 0.5:
                self._listen_again()
        return message

    def _listen_again(self) -> None:
        if self._paused is not None:
            self._paused.cancel()
            self._paused = None
            self.transport.resumeProducing()

    def refuse(self, code: int) -> None:
        """Close, and hear no more: what is still on its way is read and forgotten, so that our words arrive."""
        self._listen_again()
        self._deaf = self.failedByMe = True
        self.data = b""
        log.info("socket refused", extra={"code": code})
        self.close(code)

    # What leaves

    async def send(self, message: dict[str, Any]) -> None:
        self.handle_reply(message)
        if self.channel.outlet.full and message["type"] == "websocket.send":
            if self.waiting > self.server.outbox_bytes:
                self.close(TOO_SLOW)
            else:
                await self.channel.outlet.drained()

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close" and self.state != self.STATE_CONNECTING:
            self.close(message.get("code") or 1000, message.get("reason") or "")
        elif self.state in (self.STATE_CONNECTING, self.STATE_OPEN):
            super().handle_reply(message)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """Now, where the kernel takes it, and without Autobahn's coloured debug line."""
        write_now(self.transport, data)

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame; nothing happens when one was sent. Any code goes, 1012 too, which Autobahn keeps back."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=code, reasonUtf8=encode_truncate(reason, 123) if reason else None)

    def onPong(self, payload: bytes) -> None:
        self.heard = time.monotonic()

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        if self._paused is not None:
            self._paused.cancel()
            self._paused = None
        self.channel.outlet.empty()
        self.server.slow.discard(self.channel)
        super().onClose(wasClean, code, reason)
        # What refers to itself would wait for the garbage collector, sixteen kilobytes a socket.
        self.is_open = self.is_closed = self.application_deferred = None

    def ended(self, task: "Task[None]") -> None:
        """The application returned, or failed; nobody is left to serve this socket."""
        failed = not task.cancelled() and task.exception() is not None
        if self.state == self.STATE_CONNECTING and hasattr(self, "handshake_deferred"):
            self.handle_exception(None) if failed else self.serverReject()
        else:
            self.close(FAILED if failed else 1000)

    # The clock

    def too_slow(self) -> None:
        """The reader takes nothing. Autobahn cuts the connection when our close frame is not answered either."""
        if self.state == self.STATE_OPEN:
            log.info("socket refused", extra={"code": TOO_SLOW})
            self.close(TOO_SLOW)
        elif self.state == self.STATE_CLOSED:
            self.transport.abortConnection()

    def check(self, now: float) -> None:
        """Called every few seconds: a connection whose other end has vanished must not stay for ever."""
        if self.state == self.STATE_OPEN and now - self.heard > PING_EVERY and self.autoPingTimeoutCall is None:
            self._sendAutoPing()


class SocketFactory(WebSocketFactory):
    """Makes sockets for one server."""

    protocol = OpenSocket

    def __init__(self, server: Any) -> None:
        super().__init__(server, server="")
        self.setProtocolOptions(
            autoPingTimeout=PONG_WITHIN,
            allowNullOrigin=True,
            openHandshakeTimeout=server.timeouts.header,
            closeHandshakeTimeout=server.timeouts.closing,
            webStatus=False,
            perMessageCompressionAccept=lambda *_offers: None,  # a prepared frame is the same for every reader
        )
        # Autobahn copies thirty options into each socket and writes them out for a debug log: a millisecond and 4 KiB.
        # Ours are the same for all, and kept with the class.

        class Configured(OpenSocket):
            CONFIG_ATTRS: ClassVar[list[str]] = []

        for name in OpenSocket.CONFIG_ATTRS:
            setattr(Configured, name, getattr(self, name))
        self.protocol = Configured

    def buildProtocol(self, addr: Any) -> OpenSocket:
        socket: OpenSocket = super().buildProtocol(addr)
        socket.server = self.server_class
        return socket

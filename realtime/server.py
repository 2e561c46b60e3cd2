"""The web server: Daphne's own server and protocol classes, subclassed so that no client can harm another.

Importing this module installs Twisted's reactor on a new event loop; only what serves imports it.
"""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from daphne.server import Server, reactor, twisted_loop

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Refuse = Callable[[Scope, Send, int], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds."""

    header: float = 15  # from the first byte of a request (or a new connection) to the end of its headers
    body: float = 120  # from there to the last byte of its body
    request: float = 60  # from there to the first byte of the answer; then 503
    idle: float = 60  # a connection without a request
    drain: float = 15  # from SIGTERM to the end of the process, whatever still runs


async def refuse_plainly(scope: Scope, send: Send, status: int) -> None:
    """The server's own answer when the site gives none: a bare status."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


class HardenedServer(Server):
    """Serves `application` on `sockets` (bound; TCP or unix; the server owns and closes them) until SIGTERM or SIGINT.

    - `body_limit`: bytes of a request's body; `refuse(scope, send, status)` answers 413 for more, 503 for an
      application that does not answer in time, 500 for one that fails.
    - `root_path`: the ASGI root path of every scope; no header changes it.
    - `frame_bytes`: the largest message a socket may send us; `outbox_bytes`: how much may wait for a slow reader.
    - `on_drain`: called once, first of all, when the server is told to stop (readiness becomes false).
    - `on_ready`: called once, when connections are accepted.
    """

    def __init__(
        self,
        application: Application,
        *,
        sockets: Sequence[socket.socket],
        body_limit: int,
        refuse: Refuse = refuse_plainly,
        root_path: str = "",
        timeouts: Timeouts = Timeouts(),
        frame_bytes: int = 16 * 1024,
        outbox_bytes: int = 1024 * 1024,
        on_drain: Iterable[Callable[[], object]] = (),
        on_ready: Iterable[Callable[[], object]] = (),
    ) -> None:
        super().__init__(application, endpoints=["adopted"], root_path=root_path, verbosity=0, server_name="")
        self.sockets = list(sockets)
        self.body_limit, self.refuse = body_limit, refuse
        self.timeouts = timeouts
        self.frame_bytes, self.outbox_bytes = frame_bytes, outbox_bytes
        self.on_drain, self.on_ready = list(on_drain), list(on_ready)

    def run(self) -> None:
        """Serve until told to stop. Blocks; call it once in a process, on its main thread."""
        self.endpoints: list[str] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            twisted_loop.add_signal_handler(number, self.stop)
        self.signal_handlers = False
        reactor.callWhenRunning(self._listen)
        super().run()

    def _listen(self) -> None:
        asyncio.set_event_loop(twisted_loop)
        for listening in self.sockets:
            listening.setblocking(False)
            listening.listen(1024)
            reactor.adoptStreamPort(listening.fileno(), listening.family, self.http_factory)
            listening.close()
        for call in self.on_ready:
            call()

    def create_application(self, protocol: Any, scope: Scope) -> Any:
        if scope["type"] == "websocket":
            scope["extensions"] = {"hiroba.protocol": protocol}
        return super().create_application(protocol, scope)

"""The server and its life: listening, the clock, the end."""

import asyncio
import inspect
import logging
import resource
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from daphne.server import Server, reactor, twisted_loop
from twisted.logger import globalLogBeginner

from realtime.server.channel import Channel, Factory
from realtime.server.open_socket import RESTART, OpenSocket, SocketFactory
from realtime.server.outlet import unsent
from realtime.server.request import Request

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Refuse = Callable[[Scope, Send, int], Awaitable[None]]
AtOnce = Callable[[Scope, "Request"], bool]

log = logging.getLogger("hiroba.server")

BACKLOG = 1024
FILES = 65_536
TICK = 0.5
PINGS_EVERY = 10  # ticks
IDLE_GRACE = 1.0  # a drained server still answers on open connections for this long, and closes them with the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds."""

    header: float = 15  # from the first byte of a request (or a new connection) to the end of its headers
    body: float = 120  # from there to the last byte of its body
    request: float = 60  # from there to the first byte of the answer; then 503
    idle: float = 60  # a connection without a request
    leave: float = 10  # what an application may still do when its client is gone, or answered
    busy: float = 1  # a socket's application leaves half an inbox unread; then 4429
    stalled: float = 4  # a reader takes nothing of what waits for it; then 4408
    closing: float = 4  # for a socket's client to answer our close frame, before it is cut off
    linger: float = 10  # what a refused client still sends is read and forgotten
    drain: float = 15  # from SIGTERM to the end of the process, whatever still runs


async def refuse_plainly(scope: Scope, send: Send, status: int) -> None:
    """The server's own answer when the site gives none: a bare status."""
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def allow_many_files() -> None:
    """Every connection is a file, and the usual soft limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def log_failures(event: dict[str, Any]) -> None:
    """Of Twisted's own log, what went wrong in it."""
    if (failure := event.get("log_failure")) is not None:
        log.error("twisted", exc_info=(failure.type, failure.value, failure.getTracebackObject()))


class HardenedServer(Server):
    """Serves `application` on `sockets` (bound; TCP or unix; the server owns and closes them) until SIGTERM or SIGINT.

    - `body_limit`: bytes of a request's body. `refuse(scope, send, status)` answers 413 for more, 503 for an
      application that does not answer in time, 500 for one that fails.
    - `at_once(scope, request)`: asked before the application, without a task. True: it calls `request.give`, or
      `request.pass_on`, which starts the application after all; now or later, from the event loop.
    - `root_path`: the ASGI root path of every scope; no header changes it.
    - `frame_bytes`: the largest message a socket may send us; `outbox_bytes`: how much may wait for a slow reader.
    - `on_drain`: called in order when the server is told to stop; what they return is awaited.
    - `on_ready`: called once, when connections are accepted.
    """

    def __init__(
        self,
        application: Application,
        *,
        sockets: Sequence[socket.socket],
        body_limit: int,
        refuse: Refuse = refuse_plainly,
        at_once: AtOnce = lambda _scope, _request: False,
        root_path: str = "",
        timeouts: Timeouts = Timeouts(),
        frame_bytes: int = 16 * 1024,
        outbox_bytes: int = 1024 * 1024,
        on_drain: Iterable[Callable[[], object]] = (),
        on_ready: Iterable[Callable[[], object]] = (),
    ) -> None:
        # Daphne does not start without an endpoint; ours are opened by whoever made us.
        super().__init__(application, endpoints=["sockets"], root_path=root_path, verbosity=0, server_name="")
        self.listening = list(sockets)
        self.body_limit, self.refuse, self.at_once = body_limit, refuse, at_once
        self.timeouts = timeouts
        self.frame_bytes, self.outbox_bytes = frame_bytes, outbox_bytes
        self.on_drain, self.on_ready = list(on_drain), list(on_ready)
        self.loop: asyncio.AbstractEventLoop = twisted_loop
        self.channels: set[Channel] = set()  # connections that speak HTTP
        self.sockets: set[OpenSocket] = set()
        self.slow: set[Channel] = set()  # of both, those whose reader leaves more than 64 KB waiting
        self.tasks: set[asyncio.Task[None]] = set()  # the applications that run
        self.leaving: dict[asyncio.Task[None], float] = {}  # and until when, of those whose client is gone
        self.draining = False
        self._ticks = 0
        self._failure: Exception | None = None

    def run(self) -> None:
        """Serve until told to stop. Blocks; call it once in a process, on its main thread. Raises what keeps it from
        listening.
        """
        observers: Any = [log_failures]
        globalLogBeginner.beginLoggingTo(observers, redirectStandardIO=False, discardBuffer=True)
        asyncio.set_event_loop(self.loop)
        self.http_factory, self.ws_factory = Factory(self), SocketFactory(self)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self.stop)
        reactor.callWhenRunning(self._start)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        allow_many_files()
        reactor.run(installSignalHandlers=False)
        if self._failure is not None:
            raise self._failure

    def _start(self) -> None:
        try:
            self._listen()
        except Exception as error:  # the reactor would only log it, and go on without listening
            self._failure = error
            reactor.stop()

    def _listen(self) -> None:
        for listening in self.listening:
            listening.setblocking(False)
            listening.listen(BACKLOG)
            self.listeners.append(reactor.adoptStreamPort(listening.fileno(), listening.family, self.http_factory))
            listening.close()  # the reactor has its own copy
        self.loop.call_later(TICK, self._tick)
        for call in self.on_ready:
            call()

    # Applications

    def start(
        self, application: Awaitable[None], ended: "Callable[[asyncio.Task[None]], None] | None" = None
    ) -> "asyncio.Task[None]":
        """Run an application; `ended(task)` is called when it has returned or failed."""
        task: asyncio.Task[None] = self.loop.create_task(application)  # type: ignore[arg-type]
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        if ended is not None:
            task.add_done_callback(ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        self.leaving.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the application failed", exc_info=error)

    def leave(self, task: "asyncio.Task[None]") -> None:
        """Nobody waits for this application any more; it may finish what it does, but not for ever."""
        self.leaving[task] = time.monotonic() + self.timeouts.leave

    def create_application(self, protocol: OpenSocket, scope: Scope) -> "asyncio.Queue[dict[str, Any]]":
        """What Daphne calls for a socket."""
        scope |= {"asgi": {"version": "3.0"}, "extensions": {"hiroba.protocol": protocol}}
        protocol.task = self.start(self.application(scope, protocol.receive, protocol.send), protocol.ended)
        return asyncio.Queue()

    def protocol_connected(self, protocol: Any) -> None:
        """What Daphne calls when a socket opens."""
        self.sockets.add(protocol)

    def protocol_disconnected(self, protocol: Any) -> None:
        """What Daphne calls when a socket closes, or a request has become one."""
        self.sockets.discard(protocol)
        if protocol.task is not None and not protocol.task.done():
            self.leave(protocol.task)

    def kill_all_applications(self) -> None:
        for task in list(self.tasks):
            task.cancel()

    # The clock

    def _tick(self) -> None:
        """Every half second: all deadlines. Two thousand connections cost less than a millisecond."""
        self.loop.call_later(TICK, self._tick)
        now = time.monotonic()
        for channel in [channel for channel in self.channels if channel.deadline <= now]:
            channel.overdue()
        for channel in [slow for slow in self.slow if slow.outlet.stalled_for(now) > self.timeouts.stalled]:
            channel.transport.protocol.too_slow()
        for task in [task for task, until in self.leaving.items() if until <= now]:
            log.warning("an application did not end when its client was gone")
            task.cancel()
        self._ticks += 1
        if self._ticks % PINGS_EVERY == 0:
            for open_socket in list(self.sockets):
                open_socket.check(now)

    # The end

    def stop(self) -> None:
        """Drain, then end: no new connections, requests in flight are answered, sockets are asked to come back."""
        if self.draining:
            return
        self.draining = True
        self.loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # asked twice, it ends at once
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, self.timeouts.drain)  # whatever hangs, in whatever thread
        log.info("draining", extra={"connections": len(self.channels), "sockets": len(self.sockets)})
        waits = [self._call(call) for call in self.on_drain]
        for port in self.listeners:
            port.numberAccepts = BACKLOG
            port.doRead()  # those who knocked already
            port.stopListening()
        self._last = self.loop.create_task(self._drain(waits))

    @staticmethod
    def _call(call: Callable[[], object]) -> object:
        try:
            return call()
        except Exception:
            log.exception("a step of the drain failed")
            return None

    async def _drain(self, waits: Iterable[object]) -> None:
        began = time.monotonic()
        last = began + self.timeouts.drain * 0.8
        results = [asyncio.ensure_future(wait) for wait in waits if inspect.isawaitable(wait)]
        if results:
            await asyncio.wait(results, timeout=last - time.monotonic())
        while (self.sockets or self.channels) and (now := time.monotonic()) < last:
            for open_socket in list(self.sockets):
                open_socket.close(RESTART)
            for channel in list(self.channels):
                if not channel.requests and not unsent(channel.transport) and now - began > IDLE_GRACE:
                    channel.hang_up()
            await asyncio.sleep(0.05)
        still_open: list[Any] = [*self.channels, *self.sockets]
        for connection in still_open:
            connection.transport.abortConnection()
        reactor.stop()

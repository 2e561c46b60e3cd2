"""Several web processes on one port: a small parent that starts them, watches them and ends them.

On a port each child has a socket of its own (SO_REUSEPORT) and the kernel deals connections out by their addresses.
Sharing one listening socket instead gives each connection to whoever wakes first: of 16 keep-alive connections of a
proxy all 16 went to one of two processes, and of 1,000 sockets up to 686 (measured; with SO_REUSEPORT at most 513).
A unix socket cannot be bound twice, so there, and on a socket we were given, the children share.
"""

import contextlib
import dataclasses
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from community.config.serving.listening import BACKLOG, Address, bound, forget, reserved
from community.config.supervisor import Stopped, Supervisor, stoppable

READY = "HIROBA_READY_FD"
LOOK_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_SECONDS = 10  # a child that served this long is started again at once
TRIES = 5
PATIENCE = 17  # a child drains for up to 15 seconds
log = logging.getLogger(__name__)


class CannotStart(Exception):
    """No web process comes up."""


def say_ready() -> None:
    """In a child: tell the parent that we accept connections."""
    number = os.environ.pop(READY, "")
    if number.isdigit():
        os.write(int(number), b"1")
        os.close(int(number))


@dataclass
class Child:
    """One place in the family and who holds it."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    pipe: int = -1  # where it says that it is ready
    ready: bool = False
    started: float = 0.0
    failures: int = 0  # starts in a row that did not last
    due: float = 0.0  # when to start it (again)

    def look(self) -> None:
        if self.pipe >= 0 and not self.ready:
            with contextlib.suppress(BlockingIOError):
                self.ready = bool(os.read(self.pipe, 1))

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def forget(self) -> None:
        if self.pipe >= 0:
            os.close(self.pipe)
        self.process, self.pipe, self.ready = None, -1, False


@dataclass
class Family:
    """`count` children serving `address`. `run` returns when we are told to stop and all of them have ended."""

    count: int
    address: Address
    supervisor: Supervisor = field(default_factory=lambda: Supervisor(patience=PATIENCE))
    children: list[Child] = field(default_factory=list)
    shared: socket.socket | None = None
    served: bool = False  # whether any child ever came up
    asked_to_renew: bool = False

    def run(self) -> None:
        """Raises `CannotListen`, and `CannotStart` when the first children, or all later ones, do not come up."""
        self.children = [Child(f"web process {number}") for number in range(1, self.count + 1)]
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with self._address(), contextlib.suppress(Stopped), stoppable():
            signal.signal(signal.SIGHUP, self._renew_soon)
            try:
                self._watch()
            finally:
                self.supervisor.stop()

    @contextlib.contextmanager
    def _address(self) -> Iterator[None]:
        if self.address.is_port:
            with reserved(self.address):
                yield
            return
        with bound(self.address) as self.shared:
            self.shared.listen(BACKLOG)
            try:
                yield
            finally:
                forget(self.address.unix)

    def _watch(self) -> None:
        while True:
            for child in self.children:
                child.look()
                self.served |= child.ready
                if child.has_ended():
                    self._mourn(child)
                if child.process is None and child.due <= time.monotonic():
                    self._start(child)
            self.supervisor.forget_ended()
            if self.asked_to_renew:
                self.asked_to_renew = False
                self._renew()
            time.sleep(LOOK_SECONDS)

    def _start(self, child: Child) -> None:
        listening = self.shared or bound(self.address, shared=True)
        read, write = os.pipe()
        os.set_blocking(read, False)
        name = f"{child.name}.{time.monotonic_ns()}"
        try:
            child.process = self.supervisor.start(
                name,
                "serve",
                "--processes=1",
                f"--fd={listening.fileno()}",
                files=(listening.fileno(), write),
                environment={READY: str(write)},
            )
        finally:
            os.close(write)
            if listening is not self.shared:
                listening.close()
        child.pipe, child.ready, child.started = read, False, time.monotonic()

    def _mourn(self, child: Child) -> None:
        """Plan the next start: at once, or later and later for one that does not last."""
        assert child.process is not None
        lasted = time.monotonic() - child.started
        child.failures = 0 if child.ready and lasted >= STEADY_SECONDS else child.failures + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (child.failures - 1)) if child.failures else 0.0
        log.error("web_process_ended", extra={"status": child.process.returncode, "seconds": round(lasted, 1)})
        child.forget()
        child.due = time.monotonic() + pause
        if not self.served or (child.failures >= TRIES and not any(other.ready for other in self.children)):
            raise CannotStart(f"{child.name.capitalize()} did not start; its words are above.")

    def _renew_soon(self, number: int, frame: object) -> None:
        self.asked_to_renew = True

    def _renew(self) -> None:
        """One after the other: the new process serves before the old one is asked to go (SIGHUP)."""
        for child in self.children:
            old = dataclasses.replace(child)
            child.process, child.pipe = None, -1
            self._start(child)
            while not child.ready and not child.has_ended():
                child.look()
                time.sleep(LOOK_SECONDS)
            if not child.ready:
                child.forget()
                child.process, child.pipe, child.ready, child.started = old.process, old.pipe, old.ready, old.started
                log.error("web_processes_not_renewed")  # the new code does not start, so the old goes on
                return
            if old.process is not None:
                old.process.terminate()
            old.forget()

"""Keeps the programs of `make run` going: starts them, watches them, and stops every one of them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from community.config.lifeline import VARIABLE
from community.config.settings.env import HOUSE

STOP_SECONDS = 20  # a web process drains for 15
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked us to stop."""


@dataclass
class Supervisor:
    """Children are `manage.py` commands. They end with us even if we are killed: see `lifeline`."""

    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    patience: float = STOP_SECONDS

    def __post_init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_inheritable(self._read, True)

    def start(
        self, name: str, *arguments: str, files: Sequence[int] = (), environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start `manage.py …arguments`; it inherits the open `files`. A name is used again when its child has ended."""
        child = self.children[name] = subprocess.Popen(
            [sys.executable, str(HOUSE / "manage.py"), *arguments],
            cwd=HOUSE,
            env=os.environ | {VARIABLE: str(self._read)} | dict(environment or {}),
            pass_fds=(self._read, *files),
            stdin=subprocess.DEVNULL,
            # Ctrl-C is for us; each child is told to stop in its turn.
            start_new_session=True,
        )
        return child

    def forget_ended(self) -> None:
        """For a parent that starts its children again."""
        self.children = {name: child for name, child in self.children.items() if child.poll() is None}

    def ended(self) -> str | None:
        """The name of a child that has ended by itself."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """Ask all children to stop, and wait; who does not within `patience` seconds is killed."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + self.patience
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.children.clear()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Inside, Ctrl-C and a polite kill raise `Stopped`; once one did, others wait until we are through."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def wait_for_port(host: str, port: int, is_over: Sequence[subprocess.Popen[bytes]], seconds: float = 60) -> bool:
    """Whether something listens there before `seconds` are over or one of the programs has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and all(each.poll() is None for each in is_over):
        if is_answered(host, port):
            return True
        time.sleep(0.05)
    return False


def is_answered(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A port whose last owner ended a minute ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True

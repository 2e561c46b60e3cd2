"""Programs that we start: pinned to cores, measured, and stopped again by their number, whatever happens."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.places import LOGS, OTHER_CORE

START_SECONDS = 60
STOP_SECONDS = 20


class Failed(Exception):
    """A program did not do what it was started for; the text is for a person."""


@dataclass(slots=True)
class Program:
    """A running program. `log` holds what it printed."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pids(self) -> list[int]:
        """Its own number and those of its children, as they are now."""
        try:
            me = psutil.Process(self.process.pid)
            return [me.pid, *(child.pid for child in me.children(recursive=True))]
        except psutil.NoSuchProcess:
            return []

    def cpu(self) -> float:
        """Seconds of processor that it and its children have used so far."""
        total = 0.0
        for pid in self.pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = psutil.Process(pid).cpu_times()
                total += times.user + times.system
        return total

    def memory(self) -> float:
        """MiB it and its children occupy; a page that several share counts once (PSS)."""
        total = 0
        for pid in self.pids:
            with contextlib.suppress(psutil.Error):
                total += psutil.Process(pid).memory_full_info().pss
        return total / 2**20

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for what does not end."""
        if self.process.poll() is not None:
            return
        children = [psutil.Process(pid) for pid in self.pids[1:] if psutil.pid_exists(pid)]
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        deadline = time.monotonic() + STOP_SECONDS
        # Their ports are free for the next one only when they are gone.
        while any(runs(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.01)


def runs(process: psutil.Process) -> bool:
    """Whether it still does something; an orphan that ended may wait for its new parent to ask for it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def program(
    name: str,
    command: Sequence[str | Path],
    *,
    cores: Iterable[int] = (OTHER_CORE,),
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    ports: Sequence[int] = (),
) -> Iterator[Program]:
    """Run `command` inside the block, from when all `ports` answer. Raises `Failed` when it does not come up."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("wb") as out:
        started = subprocess.Popen(
            [str(word) for word in command],
            env=os.environ | (environment or {}),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C is for us; we stop the others
        )
    mine = Program(name, started, log)
    try:
        pin(started.pid, cores)  # before it has threads of its own, which would keep the cores they were born with
        for port in ports:
            _wait_for(mine, port)
        yield mine
    finally:
        mine.stop()


def pin(pid: int, cores: Iterable[int]) -> None:
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(pid, set(cores))


def _wait_for(one: Program, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and one.process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Failed(f"{one.name} did not come up on port {port}. Its last words:\n{one.last_words()}")


def output(
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seconds: float = 600,
) -> str:
    """What `command` prints. Raises `Failed` with its last words when it fails or takes too long."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("wb") as errors:
        try:
            done = subprocess.run(
                [str(word) for word in command],
                env=os.environ | (environment or {}),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{name} took more than {seconds:.0f} s.") from error
    text = done.stdout.decode(errors="replace")
    if done.returncode:
        words = "\n".join((text + log.read_text(errors="replace")).splitlines()[-15:])
        raise Failed(f"{name} failed ({done.returncode}):\n{words}")
    return text


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Inside, a polite kill is a Ctrl-C: every block is left, and what it started is stopped."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

"""`manage.py serve`: one process or several, on a port, on a unix socket, on a socket somebody else opened."""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.support.site import free_port

START_SECONDS = 60
Where = tuple[str, int] | str


class Serve:
    """`manage.py serve` with these options. Health checks need no database, so the test needs none."""

    def __init__(self, folder: Path, *options: str, files: tuple[int, ...] = (), **environment: str) -> None:
        self.log_file = folder / "serve.log"
        with self.log_file.open("wb") as log:
            self.running = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *options],
                cwd=settings.BASE_DIR,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": "community.config.settings.test"} | environment,
                pass_fds=files,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def children(self) -> list[psutil.Process]:
        """The web processes below the parent, oldest first."""
        found = psutil.Process(self.running.pid).children()
        webs = [child for child in found if child.is_running() and "serve" in cmdline(child)]
        return sorted(webs, key=lambda child: child.create_time())

    def until(self, true: Callable[[], object], seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s:\n{self.log}"
            assert self.running.poll() in {None, -signal.SIGKILL}, f"it ended:\n{self.log}"
            time.sleep(0.05)

    def end(self, seconds: float = 20) -> int:
        self.running.terminate()
        return self.running.wait(seconds)


def cmdline(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def answers(where: Where) -> bool:
    """Whether a web process says there that it lives."""
    try:
        with connected(where) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            with client.makefile("rb") as answer:
                return b"alive" in answer.read()
    except OSError:
        return False


def connected(where: Where) -> socket.socket:
    if isinstance(where, tuple):
        return socket.create_connection(where, timeout=5)
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(5)
    try:
        client.connect(where)
    except OSError:
        client.close()
        raise
    return client


def accepted(child: psutil.Process, port: int) -> int:
    return sum(
        1
        for each in child.net_connections("tcp")
        if each.status == psutil.CONN_ESTABLISHED and each.laddr and each.laddr.port == port
    )


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serve]]:
    started: list[Serve] = []

    def start(*options: str, files: tuple[int, ...] = (), **environment: str) -> Serve:
        started.append(Serve(tmp_path, *options, files=files, **environment))
        return started[-1]

    yield start
    for each in started:
        if each.running.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.end()
            each.running.kill()
            each.running.wait()


def test_two_processes_share_a_port_come_back_are_renewed_and_end_together(serve: Callable[..., Serve]) -> None:
    port = free_port()
    where = ("127.0.0.1", port)
    family = serve("--port", str(port), "--processes", "2")
    family.until(lambda: len(family.children()) == 2 and all(len(listening(c, port)) == 1 for c in family.children()))

    # Each has its share of the connections.
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(connected(where))
        family.until(lambda: sum(accepted(child, port) for child in family.children()) == 60, 10)
        shares = [accepted(child, port) for child in family.children()]
        assert min(shares) >= 12, shares

    # One is killed: the other answers at once, and soon there are two again.
    victim, other = family.children()
    victim.kill()
    family.until(lambda: "web_process_ended" in family.log, 10)
    assert all(answers(where) for _ in range(10))
    family.until(lambda: len(family.children()) == 2 and all(listening(c, port) for c in family.children()))
    assert other.pid in [child.pid for child in family.children()]

    # New code: the one that is replaced goes when its successor serves, so somebody always answers.
    before = {child.pid for child in family.children()}
    family.running.send_signal(signal.SIGHUP)
    asked = []
    while before & {child.pid for child in family.children()}:
        asked.append(answers(where))
        assert len(asked) < 3000, family.log
        time.sleep(0.02)
    assert all(asked)
    family.until(lambda: len(family.children()) == 2)

    # The end of all.
    children = family.children()
    assert family.end() == 0
    assert not any(child.is_running() for child in children)
    assert not answers(where)


def listening(child: psutil.Process, port: int) -> list[object]:
    with contextlib.suppress(psutil.Error):
        found = child.net_connections("tcp")
        return [each for each in found if each.status == psutil.CONN_LISTEN and each.laddr.port == port]
    return []


def test_children_end_with_a_parent_that_was_killed(serve: Callable[..., Serve]) -> None:
    port = free_port()
    family = serve("--port", str(port), "--processes", "2")
    family.until(lambda: answers(("127.0.0.1", port)))
    children = family.children()
    assert len(children) == 2
    family.running.kill()
    family.until(lambda: not any(child.is_running() for child in children), 20)


def test_a_family_whose_children_cannot_start_says_so_and_ends(serve: Callable[..., Serve]) -> None:
    family = serve("--port", str(free_port()), "--processes", "2", HIROBA_LIVE_DB_THREADS="several")
    assert family.running.wait(START_SECONDS) == 1
    assert "did not start; its words are above." in family.log
    assert "several" in family.log


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_taken_port_is_said_in_a_sentence(serve: Callable[..., Serve], processes: str) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        refused = serve("--port", str(port), "--processes", processes)
        assert refused.running.wait(START_SECONDS) == 1
    assert f"Cannot listen on 127.0.0.1:{port}: " in refused.log
    assert "Traceback" not in refused.log


@pytest.mark.parametrize("processes", ["1", pytest.param("2", marks=pytest.mark.deep)])
def test_a_unix_socket_outlives_a_kill_is_nobody_elses_and_is_gone_at_the_end(
    serve: Callable[..., Serve], tmp_path: Path, processes: str
) -> None:
    path = tmp_path / "web.sock"
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(path))  # nobody listens: its owner was killed
    site = serve("--unix-socket", str(path), "--processes", processes)
    site.until(lambda: answers(str(path)))
    site.until(lambda: stat.S_IMODE(path.stat().st_mode) == 0o660, 5)
    second = serve("--unix-socket", str(path))
    assert second.running.wait(START_SECONDS) == 1
    assert answers(str(path))
    if processes == "2":  # the ones that go do not take the socket with them
        before = {child.pid for child in site.children()}
        site.running.send_signal(signal.SIGHUP)
        site.until(lambda: not before & {child.pid for child in site.children()})
        assert answers(str(path))
    assert site.end() == 0
    assert not path.exists()


def test_it_serves_a_socket_that_somebody_else_opened(serve: Callable[..., Serve]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as given:
        where = given.getsockname()
        site = serve("--fd", str(given.fileno()), files=(given.fileno(),))
        site.until(lambda: answers(where))
        assert site.end() == 0

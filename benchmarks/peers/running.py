"""A peer from its package to its pages: its content made once and copied for each run, gunicorn's sync worker."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import tools
from benchmarks.effort import say
from benchmarks.places import HERE, PORT, SERVER_CORE, WORK
from benchmarks.processes import Program, output, program
from benchmarks.stores import Stores

INSIDE = HERE / "peers" / "inside"
WSGI = {"spirit": "spirit.extra.project_template.project_name.wsgi", "misago": "devproject.wsgi"}
LABELS = {"spirit": "django-spirit", "misago": "Misago"}
NUMBER = {"spirit": 2, "misago": 3}  # of Valkey's databases


@dataclass(frozen=True, slots=True)
class Peer:
    """`facts` says what there is to load: `list`, `small`, `middle` are paths, `thread` an id."""

    name: str
    stores: Stores
    facts: dict[str, Any]

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @contextlib.contextmanager
    def serving(self) -> Iterator[Program]:
        """One worker on the server's core, on a fresh copy of the content."""
        self.stores.create(self.name, like=_full(self.name))
        self.stores.settle(self.name)
        bin_folder = tools.environment(self.name)
        words = ["--bind", f"127.0.0.1:{PORT}", "--workers", "1", "--log-level", "error"]
        with program(
            self.name,
            [bin_folder / "gunicorn", *words, f"{WSGI[self.name]}:application"],
            cores=[SERVER_CORE],
            environment=_environment(self.stores, self.name, self.name),
            cwd=_home(self.name),
            ports=[PORT],
        ) as server:
            yield server


def peer(stores: Stores, name: str) -> Peer:
    """The peer with its content, made now if it is not there from before. Raises `Failed`."""
    bin_folder = tools.environment(name)
    facts, mark = _home(name) / "content.json", _digest(name)
    known = json.loads(facts.read_text()) if facts.exists() else {}
    if known.get("mark") != mark or not stores.exists(_full(name)):
        say(f"filling {LABELS[name]} by its own models (only this first time)")
        stores.create(_full(name))
        text = output(
            f"content-{name}",
            [bin_folder / "python", INSIDE / f"{name}_content.py"],
            environment=_environment(stores, name, _full(name)),
            cwd=_home(name),
            seconds=900,
        )
        known = json.loads(text.splitlines()[-1]) | {"mark": mark}
        facts.write_text(json.dumps(known))
    return Peer(name, stores, known)


def _environment(stores: Stores, name: str, database: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": f"{name}_settings",
        "PYTHONPATH": str(INSIDE),
        "BENCH_VAR": str(_home(name)),
        "BENCH_DATABASE": database,
        "BENCH_DATABASE_HOST": str(stores.folder),
        "BENCH_ORIGIN": f"http://127.0.0.1:{PORT}/",
        "REDIS_URL": stores.redis(NUMBER[name]),
        "BENCH_QUEUE": f"{stores.valkey.replace('unix://', 'redis+socket://')}?virtual_host={NUMBER[name]}",
    }


def _full(name: str) -> str:
    return f"{name}_full"


def _home(name: str) -> Path:
    home = WORK / "peers" / name
    home.mkdir(parents=True, exist_ok=True)
    return home


def _digest(name: str) -> str:
    digest = hashlib.sha256((HERE / "requirements" / f"{name}.txt").read_bytes())
    for path in (INSIDE / "words.py", INSIDE / f"{name}_content.py", INSIDE / f"{name}_settings.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()

"""A PostgreSQL of the system's packages, for the one peer that needs the `hstore` extension.

The PostgreSQL of a wheel that our own site can live with has no extensions; Misago's members need this one.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from benchmarks.places import WORK
from benchmarks.stores import Stores
from community.config.private import Postgres
from community.config.private.places import places
from community.config.private.process import let_pass, own_folder

HOME = WORK / "system-postgres"
USUAL = Path("/usr/lib/postgresql")


class SystemPostgres(Postgres):
    """A cluster like the private one, made and run by the system's programs."""

    @cached_property
    def bin(self) -> Path:
        return _installed() or Path()

    def _prepare(self) -> None:
        for folder in (self.places.home, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        own_folder(self.places.run, self.who)
        if self.who.uid is not None:
            let_pass(self.places.home)
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            self.data.mkdir(mode=0o700)
            self.who.owns(self.data)
            self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        (self.data / "postmaster.pid").unlink(missing_ok=True)


def _installed() -> Path | None:
    """The newest one with hstore."""
    found = [folder for folder in USUAL.glob("*/bin") if (folder / "postgres").exists()]
    return max(
        (folder for folder in found if _has_hstore(folder)), default=None, key=lambda path: int(path.parent.name)
    )


def _has_hstore(folder: Path) -> bool:
    done = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True)
    return (Path(done.stdout.strip()) / "extension" / "hstore.control").exists()


def available() -> bool:
    """Whether there is one, after an attempt to install it where we may."""
    if _installed() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(["apt-get", "-qq", *words], capture_output=True, env=quiet)
    return _installed() is not None


@contextlib.contextmanager
def with_hstore(others: Stores) -> Iterator[Stores]:
    """The same Valkey, but this PostgreSQL."""
    server = SystemPostgres(places(HOME))
    server.start()
    try:
        yield Stores(folder=server.places.run, valkey=others.valkey)
    finally:
        server.stop()

"""Where the private servers live. Pure arithmetic on the folder's name: nothing is made or started here."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from community.config.settings.env import VAR

# sun_path holds 108 bytes on Linux and 104 on macOS; PostgreSQL adds "/.s.PGSQL.5432.lock" to the folder.
SOCKET_FOLDER_LIMIT = 80
SHORT = Path("/tmp")  # noqa: S108  fixed, not $TMPDIR: two shells must find the same servers
SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")
DATABASE_NAME = "hiroba"
DATABASE_USER = "postgres"


@dataclass(frozen=True, slots=True)
class Places:
    """`home` holds data, logs and locks; `run` holds sockets and is short enough for one."""

    home: Path
    run: Path

    @property
    def valkey_socket(self) -> Path:
        return self.run / "valkey.sock"


def places(home: Path = VAR) -> Places:
    """The places under `home`. A deep or oddly named folder gets its sockets in /tmp, under a name of its own."""
    run = home / "run"
    if len(os.fsencode(run)) > SOCKET_FOLDER_LIMIT or not SAFE.issuperset(str(run)):
        mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        run = SHORT / f"hiroba-{os.geteuid()}-{mark}"
    return Places(home=home, run=run)


def database(home: Path = VAR) -> dict[str, Any]:
    """Django's entry for the private database."""
    return {"NAME": DATABASE_NAME, "USER": DATABASE_USER, "HOST": str(places(home).run), "PORT": "5432"}


def redis_url(home: Path = VAR) -> str:
    return f"unix://{quote(str(places(home).valkey_socket))}"

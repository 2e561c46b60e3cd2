"""A PostgreSQL and a Valkey of the measuring's own, kept in var/bench/stores, and one database for each purpose."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.places import WORK

HOME = WORK / "stores"


@dataclass(frozen=True, slots=True)
class Stores:
    """`folder` holds the socket of PostgreSQL, `valkey` is the address of Valkey."""

    folder: Path
    valkey: str

    def url(self, database: str) -> str:
        """For DATABASE_URL; the user comes from PGUSER, as this form of address names none."""
        return f"postgres:///{self.folder}/{database}"

    def redis(self, number: int) -> str:
        """The address of one of Valkey's numbered databases: 0 ours, the others the peers'."""
        return f"{self.valkey}?db={number}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def exists(self, database: str) -> bool:
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            return found.fetchone() is not None

    def drop(self, database: str) -> None:
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def create(self, database: str, *, like: str = "template0") -> None:
        """An empty database, or a copy of `like`; one that is there is dropped first."""
        self.drop(database)
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{like}"')

    def settle(self, database: str) -> None:
        """Fresh statistics, and nothing left to write: the next measurement pays for its own work only."""
        with self.connect(database) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def quiet(self) -> None:
        """Forget what the caches hold, so that every measurement starts from the same place."""
        import redis

        with contextlib.closing(redis.Redis.from_url(self.valkey)) as valkey:
            valkey.flushall()


@contextlib.contextmanager
def stores() -> Iterator[Stores]:
    """Both servers inside the block; the last one who uses them stops them."""
    # Whatever servers the shell names are not for load.
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    from community.config.private import attached
    from community.config.private.places import places, redis_url

    where = places(HOME)
    with attached(where):
        yield Stores(folder=where.run, valkey=redis_url(HOME))

"""Sharing the private servers: first in starts them, last out stops them.

Every program that uses them holds a shared lock on one file. The kernel drops the lock with the process, however it
ended, so there is no count to go wrong.
"""

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from community.config.private.errors import PrivateServerError
from community.config.private.places import Places, places
from community.config.private.postgres import Postgres
from community.config.private.valkey import Valkey
from community.config.settings.env import env

# Commands that touch neither server, or (`up`) attach by themselves.
OFFLINE = {"help", "version", "check", "diffsettings", "collectstatic", "findstatic"}
OFFLINE |= {"messages", "openapi", "gate", "browser", "up"}
Server = Postgres | Valkey


def database_is_private() -> bool:
    return not env.str("DATABASE_URL", default="")


def valkey_is_private() -> bool:
    return not env.str("REDIS_URL", default="")


def for_command(arguments: Sequence[str]) -> AbstractContextManager[None]:
    """What `manage.py <arguments>` needs around it."""
    if not arguments or arguments[0] in OFFLINE or {"-h", "--help", "--version"} & set(arguments):
        return nullcontext()
    return _or_say_why()


@contextmanager
def _or_say_why() -> Iterator[None]:
    try:
        holding = attached()
        holding.__enter__()
    except PrivateServerError as error:
        sys.exit(str(error))
    try:
        yield
    finally:
        holding.__exit__(None, None, None)


@contextmanager
def attached(where: Places | None = None) -> Iterator[None]:
    """Hold the servers that no URL names; start them if nobody has. Raises `PrivateServerError`."""
    where = where or places()
    servers = _wanted(where)
    if not servers:
        yield
        return
    users = _enter(where, servers)
    try:
        yield
    finally:
        _leave(where, servers, users)


def _wanted(where: Places) -> list[Server]:
    servers: list[Server] = []
    if database_is_private():
        servers.append(Postgres(where))
    if valkey_is_private():
        servers.append(Valkey(where))
    return servers


def _enter(where: Places, servers: list[Server]) -> int:
    try:
        where.home.mkdir(parents=True, exist_ok=True)
        door = _open(where.home / "servers.lock")
        users = _open(where.home / "servers.users")
    except PermissionError as error:
        raise PrivateServerError(
            f"{error.filename} belongs to another user. Set HIROBA_VAR to a folder of your own, or become that user."
        ) from error
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        for server in servers:
            server.start()
    except BaseException:
        os.close(door)
        _leave(where, servers, users)
        raise
    os.close(door)
    return users


def _leave(where: Places, servers: list[Server], users: int) -> None:
    door = _open(where.home / "servers.lock")
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else still works with them
        for server in reversed(servers):
            server.stop()
    finally:
        os.close(users)
        os.close(door)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

"""The sockets a web process listens on: a port, a unix socket, or one that somebody else opened for us."""

import contextlib
import os
import socket
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNIX_MODE = 0o660  # the proxy shares our group; the folder may be stricter
BACKLOG = 1024


class CannotListen(Exception):
    """The address is taken, not ours, or no address at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One of three: `host` and `port`, the path of a unix socket, or the number of an open file descriptor."""

    host: str = "127.0.0.1"
    port: int = 8000
    unix: str = ""
    fd: int | None = None

    def __str__(self) -> str:
        if self.fd is not None:
            return f"file descriptor {self.fd}"
        return self.unix or f"{self.host}:{self.port}"

    @property
    def is_port(self) -> bool:
        return not self.unix and self.fd is None


def bound(address: Address, *, shared: bool = False) -> socket.socket:
    """A socket that listens nowhere yet. `shared`: others of ours bind the same port (SO_REUSEPORT).

    Raises `CannotListen`.
    """
    try:
        if address.fd is not None:
            return socket.socket(fileno=address.fd)
        if address.unix:
            return _unix(Path(address.unix))
        return _port(address.host, address.port, shared=shared)
    except (OSError, OverflowError) as error:
        raise CannotListen(f"Cannot listen on {address}: {error}") from error


@contextlib.contextmanager
def reserved(address: Address) -> Iterator[None]:
    """Hold a port that children of ours will share: nobody else has it now, and nobody else gets it meanwhile."""
    bound(address).close()  # without SO_REUSEPORT: taken means taken, also by a program like us
    with bound(address, shared=True):
        yield  # bound, but not listening, it is given no connection


def forget(path: str) -> None:
    """Take the file of a unix socket away, unless somebody already put another thing there."""
    with contextlib.suppress(OSError):
        if stat.S_ISSOCK(os.stat(path).st_mode):  # noqa: PTH116
            os.unlink(path)  # noqa: PTH108


def keep_paths(ports: Iterable[Any]) -> None:
    """Take back what Twisted does to a unix socket it is given: it opens it to everybody and shortens its queue; with
    the first process that ends it would remove the file, and shut the socket for the others as well.
    """
    for port in ports:
        if port.addressFamily == socket.AF_UNIX:
            Path(os.fsdecode(port.getHost().name)).chmod(UNIX_MODE)
            port.socket.listen(BACKLOG)
            port._bindPath = b"\0"  # as of a socket without a file
            port._shouldShutdown = False  # as of a port that was given


def _port(host: str, port: int, *, shared: bool) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    # A port whose last owner ended a minute ago is free.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((host, port))
    except BaseException:
        listening.close()
        raise
    return listening


def _unix(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _is_abandoned(path):
            path.unlink()
        listening.bind(str(path))
        path.chmod(UNIX_MODE)
    except BaseException:
        listening.close()
        raise
    return listening


def _is_abandoned(path: Path) -> bool:
    """Whether a socket lies there to which nobody listens any more: its owner was killed."""
    if not path.is_socket():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return True
    return False

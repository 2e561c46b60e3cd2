"""What both private servers need of the operating system."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from community.config.private.errors import PrivateServerError

SYSTEM_USER = "pgserver"


@dataclass(frozen=True, slots=True)
class Runner:
    """The system user a server runs as; None is whoever we are."""

    uid: int | None = None
    gid: int | None = None

    def owns(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    @property
    def uids(self) -> set[int]:
        return {os.geteuid()} if self.uid is None else {os.geteuid(), self.uid}


def runner() -> Runner:
    """PostgreSQL refuses to run as root, so root lends it a system user without a shell or a password."""
    if os.geteuid() != 0:
        return Runner()
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _new_system_user()
    return Runner(uid=entry.pw_uid, gid=entry.pw_gid)


def _new_system_user() -> pwd.struct_passwd:
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--shell",
        shutil.which("nologin") or "/usr/sbin/nologin",
        SYSTEM_USER,
    ]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PrivateServerError(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made. "
            "Run this as an ordinary user, or name a server in DATABASE_URL."
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def let_pass(path: Path) -> list[Path]:
    """Let the system user walk to `path`: adds the search bit, and nothing else, to folders that lack it."""
    opened = []
    for folder in [*reversed(path.parents), path]:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if folder.is_dir() and not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            opened.append(folder)
    return opened


def own_folder(path: Path, who: Runner) -> None:
    """Make a folder for sockets that only `who` and we can enter. Somebody else's folder of that name is refused."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in who.uids:
        raise PrivateServerError(
            f"{path} belongs to another user. Remove it, or set HIROBA_VAR to a folder of your own."
        )
    path.chmod(0o700)
    who.owns(path)


_started: list[subprocess.Popen[bytes]] = []


def spawn(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a server that may outlive us. A session of its own keeps the terminal's Ctrl-C from it."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
    _started.append(process)
    return process


def reap() -> None:
    """A child that died is gone only once its parent asked for it."""
    _started[:] = [process for process in _started if process.poll() is None]


def alive(pid: int, word: str) -> psutil.Process | None:
    """The running process `pid` if its command line holds `word`; a number that was given away again is not it."""
    try:
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE and any(word in part for part in process.cmdline()):
            return process
    except psutil.Error:
        return None
    return None


def read_pid(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def tail(path: Path, lines: int = 12) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""

"""What must never be in a committed file: hosts of registries, paths of one machine, secrets, invisible marks."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

# The words are put together here so that this file does not find itself.
HOSTS = re.compile(
    r"\b(?:" + "|".join(("pypi", "pythonhosted", "npmjs", "debian", "jsdelivr", "unpkg")) + r")\.(?:org|com|net)\b"
)
PATHS = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:" + "|".join(("work", "farm", "root", "home/[a-z]+")) + ")/")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE "
    r"KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bsk_live_[0-9A-Za-z]{10,}|"
    r"\bxox[baprs]-[0-9A-Za-z-]{10,}"
)
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LARGEST = 2_000_000
BINARY = frozenset({".png", ".webp", ".jpg", ".ico", ".woff2"})


def faults(house: Path) -> Iterator[str]:
    """Each finding as `file:line: what`."""
    for path in committed(house):
        name = path.relative_to(house)
        if path.stat().st_size > LARGEST:
            yield f"{name}: larger than {LARGEST:,} bytes"
        if path.suffix in BINARY:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            yield f"{name}: neither text nor a picture"
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield from (f"{name}:{number}: {what}" for what in in_line(line))


def in_line(line: str) -> Iterator[str]:
    if HOSTS.search(line):
        yield "names a package registry"
    if PATHS.search(line):
        yield "names a path of one machine"
    if SECRETS.search(line):
        yield "looks like a secret"
    if BIDI.search(line):
        yield "holds an invisible mark that turns the direction of text; write it as an escape"


def committed(house: Path) -> list[Path]:
    """Files that git has or would take; everything but hidden folders where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=house,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        return sorted(path for path in house.rglob("*") if path.is_file() and not _hidden(path.relative_to(house)))
    return sorted(path for name in listed.stdout.split("\0") if name and (path := house / name).is_file())


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in {"var", "__pycache__"} for part in path.parts)

"""Looks for a string in every place where the site keeps something."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from django.conf import settings
from django.db import connection

from community.core.valkey import client

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""


def places_with(canary: str) -> list[str]:
    """ "table.column", "valkey key" and "file" for everything that holds the string in any case or spelling of ours."""
    return [*_in_tables(canary), *_in_valkey(canary), *_in_files(canary)]


def in_logs(canary: str, *folders: Path) -> list[str]:
    """ "web-8000.log: …" for every line that a program has written under these folders and that holds the string."""
    words = [word.lower() for word in spellings(canary)]
    files = [path for folder in folders for path in sorted(folder.rglob("*.log"))]
    return [
        f"{path.name}: {line}"
        for path in files
        for line in path.read_text(errors="replace").splitlines()
        if any(word in line.lower() for word in words)
    ]


def spellings(canary: str) -> list[str]:
    """As it is, and as JSON writes what is not ASCII."""
    return sorted({canary, canary.encode("ascii", "backslashreplace").decode()})


def _in_tables(canary: str) -> Iterator[str]:
    patterns = [f"%{word}%" for word in spellings(canary)]
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column, kind in cursor.fetchall():
            text = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {text} ILIKE ANY(%s)', [patterns])
            if cursor.fetchone()[0]:
                yield f"{table}.{column}"


def _in_valkey(canary: str) -> Iterator[str]:
    valkey, words = client(), [word.lower().encode() for word in spellings(canary)]
    for key in valkey.scan_iter(count=1000):
        held = key + (valkey.dump(key) or b"")
        if any(word in held.lower() for word in words):
            yield f"valkey {key!r}"


def forget_files(canary: str) -> None:
    """Take away what an earlier test has left: tables and keys are emptied after each, folders are not."""
    for path in _files_with(canary):
        path.unlink()


def _in_files(canary: str) -> Iterator[str]:
    return (f"file {path.name}" for path in _files_with(canary))


def _files_with(canary: str) -> Iterator[Path]:
    words = [word.lower().encode() for word in spellings(canary)]
    for path in [*Path(settings.MEDIA_ROOT).rglob("*"), *Path(settings.ARCHIVE_ROOT).rglob("*")]:
        if path.is_file() and any(word in _held(path).lower() + path.name.lower().encode() for word in words):
            yield path


def _held(path: Path) -> bytes:
    if path.suffix != ".zip":
        return path.read_bytes()
    with ZipFile(path) as zipped:
        return b"".join(name.encode() + zipped.read(name) for name in zipped.namelist())

"""Records of a file, with the line they begin on. Nothing is held but the record at hand.

A line is what an editor calls one: it ends with a line feed. A carriage return inside a field is part of the field.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from community.catalog.actions.files.errors import FileError

CELL_LIMIT = 1 << 20  # characters of one cell, and of one line of JSON
Cells = Sequence[str] | dict[str, Any]
Picker = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file. `broken` says why it cannot be read; then there are no cells."""

    line: int
    cells: Any
    broken: str = ""


class Source:
    """A csv, csv.gz, ndjson, jsonl (or gzipped) file. Raises `FileError` when it cannot be opened or has no header."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_json = any(suffix in {".ndjson", ".jsonl"} for suffix in path.suffixes)
        self.columns: list[str] | None = None if self.is_json else self._header()
        self._place: Callable[[], int] = int

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def position(self) -> int:
        """Bytes of the file read so far."""
        return self._place()

    def has(self, column: str) -> bool:
        return self.columns is None or column in self.columns

    def picker(self, column: str) -> Picker:
        """How to get at a column of a record's cells."""
        if self.columns is None:
            return lambda cells: cells.get(column)
        place = self.columns.index(column)
        return lambda cells: cells[place]

    def records(self) -> Iterator[Record]:
        with self._open() as file:
            lines = _Lines(file)
            yield from self._json(lines) if self.is_json else self._csv(lines)

    def _csv(self, lines: "_Lines") -> Iterator[Record]:
        csv.field_size_limit(CELL_LIMIT)
        reader = csv.reader(lines)
        width = len(next(reader, []))
        while True:
            line = lines.count + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Record(line, None, _("This row is not CSV: %(error)s.") % {"error": error})
                continue
            if not cells:
                continue
            if len(cells) != width:
                counts = {"found": len(cells), "wanted": width}
                yield Record(line, None, _("The row has %(found)s cells, the header %(wanted)s.") % counts)
                continue
            yield Record(line, cells)

    def _json(self, lines: "_Lines") -> Iterator[Record]:
        for number, text in enumerate(lines, start=1):
            if text.strip():
                yield _json_record(number, text)

    def _header(self) -> list[str]:
        with self._open() as file:
            try:
                header = next(csv.reader(file), [])
            except csv.Error as error:
                raise FileError(f"{self.path.name}: {error}") from error
        if not header:
            raise FileError(_("%(file)s is empty: the first row must name the columns.") % {"file": self.path.name})
        return [name.strip() for name in header]

    @contextmanager
    def _open(self) -> Iterator[TextIO]:
        try:
            with self.path.open("rb") as raw:
                self._place = raw.tell
                unpacked = gzip.GzipFile(fileobj=raw) if self.path.suffix == ".gz" else raw
                # newline="" leaves line ends inside quoted cells as they are. Bytes that are no UTF-8 become U+FFFD.
                yield io.TextIOWrapper(unpacked, encoding="utf-8-sig", errors="replace", newline="")
                self._place = int
        except (OSError, EOFError) as error:
            raise FileError(f"{self.path.name}: {error}") from error


class _Lines:
    """The pieces of a text file, counting the line feeds that went by."""

    def __init__(self, file: Iterable[str]) -> None:
        self.file = iter(file)
        self.count = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        piece = next(self.file)
        if piece.endswith("\n"):
            self.count += 1
        return piece


def _json_record(number: int, text: str) -> Record:
    if len(text) > CELL_LIMIT:
        return Record(number, None, _("The line is longer than %(limit)s characters.") % {"limit": CELL_LIMIT})
    try:
        cells = json.loads(text)
    except (ValueError, RecursionError):
        return Record(number, None, _("The line is not JSON."))
    if not isinstance(cells, dict):
        return Record(number, None, _("The line is not a JSON object."))
    return Record(number, cells)

"""Bring a folder of files in. Memory holds a batch of rows and, for grouped files, the orders that are still open."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from community.catalog.actions import reading
from community.catalog.actions.creators import upsert_creators
from community.catalog.actions.customers import upsert_customers
from community.catalog.actions.files.errors import FileError
from community.catalog.actions.files.mapping import Mapping, Section, compiled
from community.catalog.actions.files.source import Record, Source
from community.catalog.actions.items import upsert_items
from community.catalog.actions.orders import upsert_orders
from community.catalog.actions.rows import Outcome, Result, Row
from community.catalog.models import Shop
from community.core.errors import Invalid

BATCH = 500

READERS: dict[str, Callable[[Any, Shop], Any]] = {
    "creators": reading.read_creator,
    "items": reading.read_item,
    "customers": reading.read_customer,
    "orders": reading.read_order,
}
WRITERS: dict[str, Callable[..., list[Result]]] = {
    "creators": upsert_creators,
    "items": upsert_items,
    "customers": upsert_customers,
    "orders": upsert_orders,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of a file that was refused, or kept with something left out (`outcome` "warning")."""

    file: str
    line: int
    external_id: str
    reason: str
    field: str
    outcome: str


@dataclass(slots=True)
class Tally:
    """What became of the rows of one kind. `lines` counts the lines of the orders that went in."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: int = 0


class Progress(Protocol):
    """Who wants to know how far we are."""

    def start(self, kind: str, file: str, size: int) -> None: ...
    def advance(self, position: int, rows: int) -> None: ...


@dataclass(slots=True)
class Given:
    """A raw row and where it stands: its own line, and those of its order lines."""

    line: int
    raw: dict[str, Any]
    lines: list[int] = field(default_factory=list)


def import_files(
    *, shop: Shop, folder: Path, mapping: Mapping, progress: Progress, report: Callable[[Fault], None]
) -> dict[str, Tally]:
    """Bring in what `mapping` finds in `folder`; returns the tally per kind.

    Good rows go in batch by batch, bad ones go to `report` by line. Raises `FileError` when a file or the mapping
    itself cannot be used; what went in before stays.
    """
    found = [(section, path) for section in mapping.sections if (path := section.find(folder)) is not None]
    if not found:
        names = ", ".join(section.files[0] for section in mapping.sections)
        raise FileError(
            _("%(folder)s holds none of the files of this mapping: %(names)s.") % {"folder": folder, "names": names}
        )
    tallies = {}
    for section, path in found:
        job = _Job(shop, section, Source(path), progress, report)
        tallies[section.kind] = job.run()
    return tallies


class _Job:
    """One file."""

    def __init__(
        self, shop: Shop, section: Section, source: Source, progress: Progress, report: Callable[[Fault], None]
    ) -> None:
        self.shop, self.section, self.source = shop, section, source
        self.progress, self.report = progress, report
        self.row_of = compiled(section.fields, source)
        self.line_of = compiled(section.lines, source) if section.group_by else None
        self.rules = [(rule, source.picker(rule.column)) for rule in section.rules]
        self.tally = Tally()

    def run(self) -> Tally:
        self.progress.start(self.section.kind, self.source.path.name, self.source.size)
        batch: list[tuple[Given, Row]] = []
        for given in self.grouped() if self.line_of else self.single():
            row = self.read(given)
            if row is not None:
                batch.append((given, row))
            if len(batch) >= BATCH:
                self.write(batch)
                batch = []
        self.write(batch)
        return self.tally

    def single(self) -> Iterator[Given]:
        for record in self.good_records():
            yield Given(record.line, self.row_of(record.cells))

    def grouped(self) -> Iterator[Given]:
        """Orders out of a file of lines, given out when their last line went by: the lines need not be neighbours."""
        assert self.line_of is not None
        key_of = self.source.picker(self.section.group_by)
        ahead = Counter(key_of(record.cells) for record in self.source.records() if not record.broken)
        open_ones: dict[Any, Given] = {}
        for record in self.good_records():
            key = key_of(record.cells)
            given = open_ones.get(key)
            if given is None:
                given = open_ones[key] = Given(record.line, self.row_of(record.cells) | {"lines": []})
            given.raw["lines"].append(self.line_of(record.cells))
            given.lines.append(record.line)
            ahead[key] -= 1
            if not ahead[key]:
                del ahead[key]
                yield open_ones.pop(key)

    def good_records(self) -> Iterator[Record]:
        for record in self.source.records():
            if record.broken:
                self.refuse(record.line, "", record.broken, "")
                continue
            rule = next((rule for rule, pick in self.rules if rule.hits(pick(record.cells))), None)
            if rule is not None and not self.section.group_by:
                self.refuse(
                    record.line, str(self.row_of(record.cells).get("external_id", "")), rule.reason, rule.column
                )
                continue
            yield record

    def read(self, given: Given) -> Row | None:
        try:
            row: Row = READERS[self.section.kind](given.raw, self.shop)
            return row
        except Invalid as error:
            place = _line_of(given, error.field or "")
            self.refuse(place, str(given.raw.get("external_id", ""))[:64], str(error), error.field or "")
            return None

    def write(self, batch: Sequence[tuple[Given, Row]]) -> None:
        rows = [row for _given, row in batch]
        for (given, row), result in zip(batch, WRITERS[self.section.kind](shop=self.shop, rows=rows), strict=True):
            self.tally.counts[result.outcome] += 1
            if result.outcome is not Outcome.STALE:
                self.tally.lines += len(given.lines)
            for warning in result.warnings:
                name, _colon, reason = warning.partition(": ")
                self.report(Fault(self.source.path.name, given.line, row.external_id, reason, name, "warning"))
        self.progress.advance(self.source.position(), sum(self.tally.counts.values()))

    def refuse(self, line: int, external_id: str, reason: str, field_name: str) -> None:
        self.tally.counts[Outcome.REFUSED] += 1
        self.report(Fault(self.source.path.name, line, external_id, reason, field_name, "refused"))


def _line_of(given: Given, field_name: str) -> int:
    """The line of the file that a field like "lines.3.quantity" stands on."""
    parts = field_name.split(".")
    if given.lines and len(parts) > 1 and parts[0] == "lines" and parts[1].isdigit():
        return given.lines[int(parts[1]) - 1]
    return given.line

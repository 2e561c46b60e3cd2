"""`manage.py import_shop FOLDER --preset stays`: a shop's files into the catalogue."""

import csv
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import transaction
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from community.catalog.actions import create_shop
from community.catalog.actions.files import (
    Fault,
    FileError,
    Mapping,
    Tally,
    import_files,
    load_mapping,
    preset_names,
    preset_path,
)
from community.catalog.actions.rows import Outcome
from community.catalog.models import Shop
from community.core.errors import RuleError

HEADER = ("file", "line", "external_id", "reason", "field", "outcome")
SPEAK_EVERY = 5.0  # seconds between lines where there is no terminal
SHOWN_FAULTS = 20


class Command(BaseCommand):
    help = "Bring in creators, items, customers and orders from a shop's files. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that holds the files")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--preset", choices=preset_names(), help="a column map that comes with Hiroba")
        how.add_argument("--mapping", type=Path, help="a column map of your own (TOML, docs/plug-in-a-shop.md)")
        parser.add_argument("--shop", default="", help="the shop's slug; it is made when it is not there yet")
        parser.add_argument("--dry-run", action="store_true", help="do everything, then take it back")
        parser.add_argument("--report", type=Path, help="where to write the rows with faults (CSV)")

    @no_translations  # one language for the screen, the report and the logs
    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            mapping = load_mapping(preset_path(options["preset"]) if options["preset"] else options["mapping"])
            with _Report(options["report"]) as report, self._progress() as progress, _maybe_undone(options["dry_run"]):
                shop = _shop(options["shop"], mapping)
                tallies = import_files(
                    shop=shop, folder=options["folder"], mapping=mapping, progress=progress, report=report
                )
        except (FileError, RuleError, OSError) as error:
            raise CommandError(str(error)) from error
        self._summary(tallies, report, seconds=time.monotonic() - started, dry_run=options["dry_run"])

    @contextmanager
    def _progress(self) -> Iterator["_Bar | _Lines"]:
        if not sys.stderr.isatty():
            yield _Lines(self.stderr.write)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, TextColumn("{task.fields[rows]:,} rows"), console=Console(stderr=True)) as progress:
            yield _Bar(progress)

    def _summary(self, tallies: dict[str, Tally], report: "_Report", *, seconds: float, dry_run: bool) -> None:
        for kind, tally in tallies.items():
            counts = ", ".join(f"{tally.counts[one]:,} {one}" for one in Outcome if one != "stale" or tally.counts[one])
            lines = f" ({tally.lines:,} lines)" if tally.lines else ""
            self.stdout.write(f"{kind}: {counts}{lines}")
        for fault in report.first:
            place = f"{fault.file}:{fault.line}"
            self.stdout.write(f"  {place} {fault.external_id} {fault.outcome}: {fault.field} {fault.reason}".rstrip())
        if report.count > len(report.first):
            more = report.count - len(report.first)
            where = str(report.path) if report.path else "--report FILE"
            self.stdout.write(
                f"  … {more:,} more in {where}" if report.path else f"  … {more:,} more ({where} keeps them all)"
            )
        ending = "nothing was written (dry run)" if dry_run else "done"
        self.stdout.write(f"{ending} in {seconds:.1f} s")


class _Report:
    """Faults into a CSV file, if one is wanted, and the first few for the screen: refused rows before warnings."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.count = 0
        self._first: list[Fault] = []
        self._file = path.open("w", encoding="utf-8", newline="") if path else None
        self._writer = csv.writer(self._file) if self._file else None
        if self._writer:
            self._writer.writerow(HEADER)

    @property
    def first(self) -> list[Fault]:
        return self._first[:SHOWN_FAULTS]

    def __enter__(self) -> "_Report":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def __call__(self, fault: Fault) -> None:
        self.count += 1
        if len(self._first) < SHOWN_FAULTS:
            self._first.append(fault)
        if self._writer:
            self._writer.writerow(
                (fault.file, fault.line, _cell(fault.external_id), _cell(fault.reason), fault.field, fault.outcome)
            )


class _Bar:
    """A bar per file, by bytes read."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.task: TaskID | None = None
        self.size = 0

    def start(self, kind: str, file: str, size: int) -> None:
        self.finish()
        self.size = size
        self.task = self.progress.add_task(f"{kind} ({file})", total=size, rows=0)

    def advance(self, position: int, rows: int) -> None:
        if self.task is not None:
            self.progress.update(self.task, completed=position or self.size, rows=rows)

    def finish(self) -> None:
        if self.task is not None:
            self.progress.update(self.task, completed=self.size)


class _Lines:
    """A line now and then, for logs."""

    def __init__(self, write: Callable[[str], Any]) -> None:
        self.write = write
        self.label, self.size, self.spoke = "", 0, 0.0

    def start(self, kind: str, file: str, size: int) -> None:
        self.label, self.size, self.spoke = f"{kind} ({file})", size, time.monotonic()

    def advance(self, position: int, rows: int) -> None:
        if time.monotonic() - self.spoke < SPEAK_EVERY:
            return
        self.spoke = time.monotonic()
        share = 100 * position // self.size if position and self.size else 100
        self.write(f"{self.label}: {rows:,} rows, {share} %")


@contextmanager
def _maybe_undone(dry_run: bool) -> Iterator[None]:
    if not dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _shop(slug: str, mapping: Mapping) -> Shop:
    """The shop that is named, else the mapping's, else the only one; made when it is not there."""
    wanted = slug or mapping.shop.get("slug", "")
    if not wanted:
        shops = list(Shop.objects.order_by("pk")[:2])
        if len(shops) == 1:
            return shops[0]
        raise FileError(_("Say which shop these files belong to: --shop SLUG."))
    shop = Shop.objects.filter(slug=wanted).first()
    return shop or create_shop(**{"name": wanted, **mapping.shop, "slug": wanted})


def _cell(text: str) -> str:
    """A spreadsheet must not take a shop's words for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text

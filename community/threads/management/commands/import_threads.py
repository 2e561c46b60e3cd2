"""`manage.py import_threads PATH`: talk from a Stack Exchange dump or an NDJSON file."""

import csv
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.text import slugify
from rich.progress import Progress, TaskID

from community.core import facts
from community.core.work import open_unit
from community.threads.facts import ThreadsImported
from community.threads.management.importing.load import Counts, Tally
from community.threads.management.importing.rows import ImportFault, SourceError
from community.threads.management.importing.run import PRESETS, import_threads, preset_for
from community.threads.models import Category, Thread

# Where the dumps of the shared data come from (its README); others are named with --site.
SITES = {
    "se-quantum": "https://quantumcomputing.stackexchange.com",
    "se-bicycles-meta": "https://bicycles.meta.stackexchange.com",
    "se-history-meta": "https://history.meta.stackexchange.com",
}
SHOWN_FAULTS = 20


class Command(BaseCommand):
    help = "Bring in threads from elsewhere. Running it again changes nothing; a later dump adds what is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a folder with posts, comments and users as CSV, or an NDJSON file")
        parser.add_argument("--preset", choices=PRESETS, help="default: a folder is a dump, a file is NDJSON")
        parser.add_argument("--category", default="", help="slug of the category; made if it is not there")
        parser.add_argument("--origin", default="", help="name of the source (default: the name of the path)")
        parser.add_argument("--site", default="", help="address of the source's site, for links to the originals")
        parser.add_argument("--dry-run", action="store_true", help="do it all and take it back")
        parser.add_argument("--report", type=Path, help="write refused rows to this CSV file")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        if not path.exists():
            raise CommandError(f"{path} is not there.")
        started = time.monotonic()
        origin = options["origin"] or slugify(path.name.split(".")[0])[:40]
        with ExitStack() as stack:
            faults = stack.enter_context(_faults(options["report"]))
            bar = stack.enter_context(_bar())
            stack.enter_context(_kept(not options["dry_run"]))
            try:
                tally = import_threads(
                    path=path,
                    preset=options["preset"] or preset_for(path),
                    origin=origin,
                    site=options["site"] or SITES.get(origin, ""),
                    category=_category(options["category"] or slugify(origin), path.name),
                    report=faults.add,
                    progress=bar.move,
                )
            except SourceError as error:
                raise CommandError(str(error)) from error
        self._say(tally, faults, seconds=time.monotonic() - started, dry_run=options["dry_run"])

    def _say(self, tally: Tally, faults: "_Faults", *, seconds: float, dry_run: bool) -> None:
        for fault in faults.first:
            self.stderr.write(f"{fault.file}:{fault.line} {fault.key}: {fault.reason}")
        if faults.count > len(faults.first):
            self.stderr.write(f"… and {faults.count - len(faults.first)} more (--report FILE has them all)")
        for name in ("threads", "posts", "members"):
            counts: Counts = getattr(tally, name)
            self.stdout.write(
                f"{name}: {counts.created} created, {counts.changed} changed, "
                f"{counts.unchanged} unchanged, {counts.refused} refused"
            )
        ending = "; a dry run, nothing was kept" if dry_run else ""
        self.stdout.write(f"{seconds:.1f} s{ending}")


class _Faults:
    """Counts refused rows, keeps the first for the screen and writes all to the report."""

    def __init__(self, writer: Any) -> None:
        self.count = 0
        self.first: list[ImportFault] = []
        self._writer = writer

    def add(self, fault: ImportFault) -> None:
        self.count += 1
        if len(self.first) < SHOWN_FAULTS:
            self.first.append(fault)
        if self._writer is not None:
            self._writer.writerow([fault.file, fault.line, _cell(fault.key), _cell(fault.reason)])


@contextmanager
def _faults(path: Path | None) -> Iterator[_Faults]:
    if path is None:
        yield _Faults(None)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "line", "id", "reason"])
        yield _Faults(writer)


def _cell(text: str) -> str:
    """A spreadsheet must not take somebody's words for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


class _Bar:
    """Progress: a bar on a terminal, nothing in a log."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def move(self, done: int, total: int) -> None:
        if self._progress is None:
            return
        if self._task is None:
            self._task = self._progress.add_task("posts", total=total or None)
        self._progress.update(self._task, completed=done)


@contextmanager
def _bar() -> Iterator[_Bar]:
    if not sys.stderr.isatty():
        yield _Bar(None)
        return
    with Progress() as progress:
        yield _Bar(progress)


@contextmanager
def _kept(keep: bool) -> Iterator[None]:
    if keep:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _category(slug: str, name: str) -> Category:
    """The category of this slug. A new one comes last, takes every kind and is opened by managers alone."""
    given = {
        "name_ja": name[:60],
        "name_en": name[:60],
        "kinds": list(Thread.Kind.values),
        "opened_by": Category.OpenedBy.MANAGERS,
        "position": 900,
    }
    with open_unit():
        category, is_new = Category.objects.get_or_create(slug=slug, defaults=given)
        if is_new:
            facts.record(ThreadsImported(category.pk))
    return category

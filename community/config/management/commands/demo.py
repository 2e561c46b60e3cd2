"""`manage.py demo`: a small craft market to look at, with makers, works and talk."""

import secrets
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from community.config.demo.book import BookError
from community.config.demo.load import Report, is_laid_out, lay_out
from community.config.demo.people import DOORS

# Open to everybody who reads this; hence only on a machine that is not a real shop.
WORD = "tenohira-hiroba"
ROLES = ("buyer", "creator", "moderator", "manager")


class Command(BaseCommand):
    help = "Lay out the demo market: 12 makers, 40 works, their pictures and talk. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is a shop or talk already")
        parser.add_argument(
            "--yes-really",
            action="store_true",
            help="under production settings as well; the accounts then get a password of their own",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        real = settings.SETTINGS_MODULE.rpartition(".")[2] == "production"
        if real and not options["yes_really"]:
            raise CommandError(
                "These are production settings, and the demo brings in people who do not exist. Nothing was written. "
                "If this is what you want, say --yes-really."
            )
        if options["if_empty"] and is_laid_out():
            self.stdout.write("There is a shop or talk already; the demo was left out.")
            return
        password = secrets.token_urlsafe(12) if real else WORD
        began = time.monotonic()
        try:
            report = self._lay_out(password)
        except BookError as error:
            raise CommandError(str(error)) from error
        self._summary(report, password, time.monotonic() - began)

    def _lay_out(self, password: str) -> Report:
        columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:

            def begin(name: str, length: int) -> Callable[[], None]:
                task = progress.add_task(name, total=length)
                return lambda: progress.advance(task)

            return lay_out(password=password, begin=begin)

    def _summary(self, report: Report, password: str, seconds: float) -> None:
        if not report.changed:
            self.stdout.write("The demo market is here already; nothing was changed.")
            return
        self.stdout.write(
            f"The demo market is laid out ({seconds:.0f} s): {report.members} new members, "
            f"{report.pictures} pictures, {report.posts} posts and answers taken."
        )
        if report.members:
            self.stdout.write(f"Sign in with the password {password} as")
            for role, email in zip(ROLES, DOORS, strict=True):
                self.stdout.write(f"  {role:10} {email}")

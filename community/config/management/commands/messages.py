"""`manage.py messages`: strings out of the sources, catalogs into .mo files, and what is missing."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from community.config import messages
from community.config.messages import Area


class Command(BaseCommand):
    help = "Read translatable strings into locale/<area>/ja, and compile them."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("areas", nargs="*", help="Areas; all without any.")
        parser.add_argument("--compile", action="store_true", help="Only compile what is newer than its .mo.")
        parser.add_argument(
            "--check", action="store_true", help="Change nothing; fail if anything is missing or wrong."
        )
        parser.add_argument("--prune", action="store_true", help="Also drop translations nobody uses any more.")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = set(options["areas"]) - set(settings.AREAS)
        if unknown:
            raise CommandError(f"No such area: {', '.join(sorted(unknown))}. There are: {', '.join(settings.AREAS)}.")
        areas = [Area(settings.BASE_DIR, name) for name in options["areas"] or settings.AREAS]
        if options["check"]:
            self._check(areas)
            return
        for area in areas:
            if not options["compile"] and messages.update(area, prune=options["prune"]):
                self.stdout.write(f"{area.po.relative_to(settings.BASE_DIR)} updated")
            if messages.compile_area(area) and options["verbosity"] > 1:
                self.stdout.write(f"{area.name} compiled")

    def _check(self, areas: list[Area]) -> None:
        found = [fault for area in areas for fault in messages.faults(area)]
        found += messages.conflicts(areas)
        for fault in found:
            self.stdout.write(fault)
        if found:
            raise CommandError(
                f"{len(found)} messages need care; `make messages` writes the missing ones into the catalogs."
            )

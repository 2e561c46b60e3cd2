"""`manage.py reindex`: make the search index anew, while people go on posting."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.search.actions.rebuild import rebuild, settle
from community.search.registry import source, sources


class Command(BaseCommand):
    help = "Make the search index anew, kind by kind. A run that was broken off goes on where it was."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("kinds", nargs="*", help="Kinds of document; all without any.")
        parser.add_argument("--anew", action="store_true", help="From the beginning, whatever a broken-off run did.")

    def handle(self, *args: Any, kinds: list[str], anew: bool, **options: Any) -> None:
        unknown = [kind for kind in kinds if source(kind) is None]
        if unknown:
            known = ", ".join(one.kind for one in sources())
            raise CommandError(f"No such kind: {', '.join(unknown)}. There are: {known}")
        for one in sources():
            if kinds and one.kind not in kinds:
                continue
            done = rebuild(one, anew=anew, progress=self._say)
            self.stdout.write(f"\r{one.kind:<10} {done:>10,} done")
        settle()

    def _say(self, kind: str, done: int) -> None:
        self.stdout.write(f"\r{kind:<10} {done:>10,}", ending="")
        self.stdout.flush()

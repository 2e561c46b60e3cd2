"""`manage.py trust` does what is left of today's round; `--explain <handle>` says why somebody is on their level."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from community.core.text import canonical_name
from community.members import actions, trust
from community.members.models import Member


class Command(BaseCommand):
    help = "Count community levels for today, or explain one."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--explain", metavar="HANDLE", help="Each requirement, what there is and what is needed.")

    def handle(self, *args: Any, explain: str | None, **options: Any) -> None:
        if explain is None:
            done = actions.settle_trust()
            self.stdout.write(f"{done.looked_at} members counted, {done.moved} moved.")
            return
        member = Member.objects.filter(handle=canonical_name(explain.lstrip("@"))).first()
        if member is None:
            raise CommandError(f"There is no member @{explain.lstrip('@')}.")
        with translation.override("en"):
            self._explain(trust.overview(member))

    def _explain(self, shown: trust.Overview) -> None:
        settled = ", settled by a manager" if shown.is_locked else ""
        self.stdout.write(f"@{shown.member.handle}: level {shown.level} ({Member.Trust(shown.level).label}{settled})")
        word = "Keeps" if shown.is_top else "Next"
        self.stdout.write(f"{word}: level {shown.asks}, over {shown.span_days} days until {shown.day}")
        for row in shown.rows:
            mark = "✓" if row.is_met else "·"
            self.stdout.write(f"  {mark} {row.measure:<16} {row.have:>6} of {row.need:<5} {row.label}")
        if shown.goes_on is not None:
            self.stdout.write(f"Below {trust.KEEP_PERCENT} %: lost on {shown.goes_on} if it stays so.")
        for change in shown.history:
            self.stdout.write(f"  {change.at:%Y-%m-%d} {change.before} -> {change.after} ({change.cause})")

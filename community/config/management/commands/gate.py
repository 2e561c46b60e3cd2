"""`manage.py gate`, which `make check` calls: everything that can be said about the code without running its tests."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError
from django.template.loader import get_template

from community.config import scan

# A made-up but complete production: nothing is contacted.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "community.config.settings.production",
    "HIROBA_ENV_FILE": "",
    "SECRET_KEY": "deploy-check-" + "".join(chr(97 + index % 26) for index in range(50)),
    "ALLOWED_HOSTS": "community.example.com",
    "SITE_ORIGIN": "https://community.example.com",
    "DATABASE_URL": "postgres://hiroba@127.0.0.1/hiroba",
    "REDIS_URL": "redis://127.0.0.1/0",
    "EMAIL_URL": "smtp+tls://127.0.0.1:587",
    "DEFAULT_FROM_EMAIL": "community@example.com",
}


@dataclass(frozen=True, slots=True)
class Step:
    """`run` returns what is wrong; nothing means all is well."""

    name: str
    run: Callable[[], str]


class Command(BaseCommand):
    help = "Run every check and say which failed."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("only", nargs="*", help="Names of checks; all without any.")

    def handle(self, *args: Any, only: list[str], **options: Any) -> None:
        failed = []
        for step in STEPS:
            if only and step.name not in only:
                continue
            began = time.monotonic()
            words = step.run()
            self.stdout.write(f"{'✗' if words else '✓'} {step.name:<12} {time.monotonic() - began:5.1f} s")
            if words:
                self.stdout.write(words.rstrip() + "\n")
                failed.append(step.name)
            self.stdout.flush()
        if failed:
            raise CommandError(f"Not in order: {', '.join(failed)}. One alone: manage.py gate {failed[0]}")


def program(*arguments: str, **environment: str) -> Callable[[], str]:
    """A step that is a program of the virtual environment; its words count only when it fails."""

    def run() -> str:
        bin_folder = Path(sys.executable).parent
        done = subprocess.run(
            [sys.executable, *arguments]
            if arguments[0] == "-m" or arguments[0].endswith(".py")
            else [bin_folder / arguments[0], *arguments[1:]],
            cwd=settings.BASE_DIR,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.stdout or "failed without a word" if done.returncode else ""

    return run


def templates() -> str:
    """Every template compiles: an unknown tag or an open block is found here, not by a visitor."""
    root = Path(settings.BASE_DIR) / "templates"
    wrong = []
    for path in sorted(root.rglob("*")):
        if path.suffix in {".html", ".txt"}:
            name = str(path.relative_to(root))
            try:
                get_template(name)
            except TemplateSyntaxError as error:
                wrong.append(f"templates/{name}: {error}")
    return "\n".join(wrong)


def repository() -> str:
    return "\n".join(scan.faults(Path(settings.BASE_DIR)))


STEPS = [
    Step("style", program("ruff", "check", ".")),
    Step("format", program("ruff", "format", "--check", ".")),
    Step("types", program("mypy")),
    Step("imports", program("lint-imports", "--no-cache")),
    Step("templates", templates),
    Step("markup", program("djlint", "templates", "--lint", "--quiet")),
    Step("migrations", program("manage.py", "makemigrations", "--check", "--dry-run")),
    Step("deploy", program("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)),
    Step("openapi", program("manage.py", "openapi", "--check")),
    Step("messages", program("manage.py", "messages", "--check")),
    Step("repository", repository),
]

"""`manage.py openapi`: the API's description, kept in the repository so that a change of it is seen in review."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from community.config.api import api

SNAPSHOT = Path("docs/openapi.json")


class Command(BaseCommand):
    help = "Write docs/openapi.json."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only say whether it is up to date.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / SNAPSHOT
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(described(), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != described():
            raise CommandError(
                f"{SNAPSHOT} is not what the API says of itself now. Look at the change: manage.py openapi"
            )


def described() -> str:
    """The description as stable text."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True, default=str) + "\n"

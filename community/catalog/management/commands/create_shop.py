"""`manage.py create_shop "Kobo Lane" --currency JPY`: plug a shop in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.catalog.actions import create_shop
from community.core.errors import RuleError


class Command(BaseCommand):
    help = "Plug a shop in. Make a key for its programs with create_api_key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", default="", help="how addresses and commands call it (default: from the name)")
        parser.add_argument("--site-url", default="", help="where the shop itself is")
        parser.add_argument("--currency", default="JPY", help="ISO 4217 (default: JPY)")
        parser.add_argument(
            "--time-zone", default="Asia/Tokyo", help="of times without an offset (default: Asia/Tokyo)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = {name: options[name] for name in ("name", "slug", "site_url", "currency", "time_zone")}
        try:
            shop = create_shop(**given)
        except RuleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(shop.slug)

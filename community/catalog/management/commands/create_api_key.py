"""`manage.py create_api_key kobo-lane "nightly sync" --scope items:write`: a key, shown once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.catalog.actions import create_api_key
from community.catalog.actions.shops import SCOPES
from community.catalog.models import Shop
from community.core.errors import RuleError


class Command(BaseCommand):
    help = "Make an API key for a shop. It is printed once; only a hash of it is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", help="the shop's slug")
        parser.add_argument("name", help="what the key is for")
        parser.add_argument(
            "--scope", action="append", choices=SCOPES, help="may be given several times (default: every scope)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(slug=options["shop"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['shop']}”. Make it with create_shop.")
        try:
            _key, token = create_api_key(shop=shop, name=options["name"], scopes=options["scope"] or SCOPES)
        except RuleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(token)

"""`manage.py push_keys`: the key that messages to browsers are signed with."""

import argparse
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.core import webpush


class Command(BaseCommand):
    help = "Make a key for HIROBA_PUSH_KEY, or show the public half of the one that is set. Nothing is stored."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--public", action="store_true", help="What browsers are told of the key that is set.")

    def handle(self, *args: Any, public: bool, **options: Any) -> None:
        if not public:
            # Any number below the order of the curve will do, and 32 random bytes are one but in 1 of 2**32 cases.
            self.stdout.write(f"HIROBA_PUSH_KEY={secrets.token_urlsafe(32)}")
            return
        if not webpush.is_on():
            raise CommandError("HIROBA_PUSH_KEY is not set, so no messages go to browsers.")
        self.stdout.write(webpush.public_key())

"""`manage.py serve`: one web process."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from community.config.lifeline import follow_parent


class Command(BaseCommand):
    help = "Serve the site (pages, API and sockets) in this process until it is told to stop."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        from daphne.cli import CommandLineInterface

        follow_parent()
        CommandLineInterface().run(
            [
                "--bind",
                host,
                "--port",
                str(port),
                "--verbosity",
                "0",
                "--no-server-name",
                "community.config.asgi:application",
            ]
        )

"""`manage.py migrate`: Django's own, with time for an index over a million rows."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.commands import migrate
from django.db import DatabaseError, connections


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """A request may not take 15 s; a migration may. It still waits 5 s at most for a lock that others hold, so that
        no queue of requests grows behind it: then it fails, has changed nothing, and is run again.
        """
        with self._unhurried(options["database"]):
            super().handle(*args, **options)

    @contextmanager
    def _unhurried(self, alias: str) -> Iterator[None]:
        with connections[alias].cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        try:
            yield
        finally:
            # The connection goes on to live, in a test run or in the pool of `manage.py up`.
            with suppress(DatabaseError), connections[alias].cursor() as cursor:
                cursor.execute("RESET statement_timeout")

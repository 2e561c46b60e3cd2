"""Migrations under the limits of the site."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection


def limits() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        found: tuple[str, str] = cursor.fetchone()
    return found


@pytest.mark.django_db
def test_a_migration_may_take_long_but_does_not_wait_long_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits() == ("15s", "5s")
    seen = []

    def look(*_args: Any, **_options: Any) -> None:
        seen.append(limits())

    monkeypatch.setattr(migrate.Command, "handle", look)
    call_command("migrate", verbosity=0)
    assert seen == [("0", "5s")]
    assert limits() == ("15s", "5s")

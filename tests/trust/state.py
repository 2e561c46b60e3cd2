"""What the database holds, in one line: to show that a refusal wrote nothing."""

from functools import cache

from django.apps import apps
from django.db import connection

# Sessions and the answers that are kept for repeated commands change with refusals, too, and mean nothing by it.
PASSING = {"django_session", "core_idempotencykey"}
# That a key or a sign-in was used is noted, whatever it was used for.
NOTED = {"catalog_apikey": "last_used_at", "members_signin": "seen_at"}


def fingerprint() -> dict[str, str]:
    """Rows and a sum over their contents, by table. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_question())
        return {table: f"{count} {total}" for table, count, total in cursor.fetchall()}


def changed(before: dict[str, str]) -> list[str]:
    """The tables that are not as they were."""
    return [table for table, mark in fingerprint().items() if before[table] != mark]


@cache
def _question() -> str:
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - PASSING)
    there = set(connection.introspection.table_names())
    # Names of our own tables, not anybody's input.
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended({_row(table)}, 0)), 0) FROM \"{table}\" t"
        for table in tables
        if table in there
    )


def _row(table: str) -> str:
    return f"(to_jsonb(t) - '{NOTED[table]}')::text" if table in NOTED else "t::text"

"""What an import costs beside a bare batched INSERT of the same rows, measured in one run.

The import is the whole command: reading the files, HTML to Markdown to safe HTML, comparing, writing, counting. The
bare INSERT has finished values in memory and writes the very same rows (members, threads, posts, tags of threads)
into the same tables, with all their indexes, constraints and foreign keys, 1,000 rows a statement, ON CONFLICT DO
NOTHING.
"""

import time
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction

from community.members.models import Member
from community.threads.models import Post, TaggedThread, Thread
from tests.data import data_file

TABLES: tuple[type[models.Model], ...] = (Member, Thread, Post, TaggedThread)
BATCH = 1_000
WANTED = 5
ROUNDS = 5


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def kept_rows() -> dict[type[models.Model], tuple[list[str], list[tuple[Any, ...]]]]:
    """Every row as the database gives it, ready to be given back."""
    kept = {}
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY id')
            kept[model] = ([column.name for column in cursor.description], cursor.fetchall())
    return kept


def empty() -> None:
    with connection.cursor() as cursor:
        names = ", ".join(f'"{model._meta.db_table}"' for model in TABLES)
        cursor.execute(f"TRUNCATE {names} CASCADE")


def insert_bare(kept: dict[type[models.Model], tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    # One transaction: a thread and its accepted answer point at each other.
    with transaction.atomic(), connection.cursor() as cursor:
        for model, (columns, rows) in kept.items():
            names = ", ".join(f'"{name}"' for name in columns)
            one = f"({', '.join(['%s'] * len(columns))})"
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                values = ", ".join([one] * len(batch))
                flat = [value for row in batch for value in row]
                table = model._meta.db_table
                cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES {values} ON CONFLICT DO NOTHING', flat)


@pytest.mark.django_db(transaction=True)
def test_a_row_costs_at_most_five_times_a_bare_insert(capsys: pytest.CaptureFixture[str]) -> None:
    folder = data_file("threads/se-quantum")
    call_command("import_threads", folder, stdout=StringIO(), stderr=StringIO())
    kept = kept_rows()
    rows = sum(len(found) for _columns, found in kept.values())
    imports, bare = [], []
    # The best of up to five rounds: another program on the machine may slow one down, nothing makes one faster.
    while len(imports) < ROUNDS and (not imports or min(imports) > WANTED * min(bare)):
        empty()
        bare.append(seconds(lambda: insert_bare(kept)))
        empty()
        imports.append(seconds(lambda: call_command("import_threads", folder, stdout=StringIO(), stderr=StringIO())))
    cost, floor = min(imports) / rows, min(bare) / rows
    with capsys.disabled():
        figures = f"{cost * 1e6:.0f} µs a row, bare INSERT {floor * 1e6:.0f} µs, ratio {cost / floor:.1f}"
        print(f"\nimport_threads: {rows} rows, {figures}")
    assert cost <= WANTED * floor

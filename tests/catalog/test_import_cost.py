"""What an import costs beside the least that PostgreSQL can be asked to do with the same rows (issue bar: 5 times)."""

import csv
import gzip
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from community.catalog import models
from community.catalog.actions import create_shop
from community.catalog.actions.files import Fault, Tally, import_files, load_mapping, preset_path
from tests.data import data_file

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = 5.0  # times the bare inserts
LINES = 60_000
BATCH = 1_000
# Parents first; the columns that the conflict is about.
TABLES: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (models.Creator, ("shop_id", "external_id")),
    (models.Tag, ("key",)),
    (models.Item, ("shop_id", "external_id")),
    (models.TaggedItem, ("tag_id", "content_object_id")),
    (models.Customer, ("shop_id", "external_id")),
    (models.Order, ("shop_id", "external_id")),
    (models.OrderLine, ("order_id", "number")),
)


class Quiet:
    def start(self, kind: str, file: str, size: int) -> None: ...
    def advance(self, position: int, rows: int) -> None: ...


def test_bringing_stays_in_costs_at_most_five_bare_inserts():
    folder = data_file("marketplace-stays")
    seconds, tallies = timed_import("stays", folder)
    assert tallies["creators"].counts["created"] == 915
    assert tallies["items"].counts["created"] == 3483
    assert_within_limit("stays", seconds)


def test_bringing_orders_in_costs_at_most_five_bare_inserts(tmp_path: Path):
    folder = first_lines(data_file("orders-retail"), tmp_path)
    seconds, tallies = timed_import("retail", folder)
    assert tallies["orders"].lines == LINES
    assert_within_limit("retail", seconds)


def first_lines(folder: Path, into: Path) -> Path:
    """The same set with its first order lines only."""
    for name in ("products.csv.gz", "customers.csv.gz"):
        shutil.copyfile(folder / name, into / name)
    with (
        gzip.open(folder / "order_lines.csv.gz", "rt", encoding="utf-8", newline="") as source,
        gzip.open(into / "order_lines.csv.gz", "wt", encoding="utf-8", newline="") as target,
    ):
        csv.writer(target).writerows(islice(csv.reader(source), LINES + 1))
    return into


def timed_import(preset: str, folder: Path) -> tuple[float, dict[str, Tally]]:
    mapping = load_mapping(preset_path(preset))
    shop = create_shop(**mapping.shop)
    faults: list[Fault] = []
    started = time.perf_counter()
    tallies = import_files(shop=shop, folder=folder, mapping=mapping, progress=Quiet(), report=faults.append)
    return time.perf_counter() - started, tallies


def assert_within_limit(name: str, seconds: float) -> None:
    rows = {model: stored(model) for model, _key in TABLES}
    bare = (bare_inserts(rows) + bare_inserts(rows)) / 2
    count = sum(len(found) for _columns, found in rows.values())
    ratio = seconds / bare
    print(f"\n{name}: {count:,} rows, import {seconds:.2f} s, bare inserts {bare:.2f} s, {ratio:.2f} times")
    assert ratio <= LIMIT


def stored(model: type[Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """What the import wrote, as parameters."""
    columns = [one.column for one in model._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(model._meta.db_table)}")
        adapt = {place for place, one in enumerate(model._meta.concrete_fields) if one.db_type(connection) == "jsonb"}
        rows = cursor.fetchall()
    return columns, [tuple(json.dumps(value) if i in adapt else value for i, value in enumerate(row)) for row in rows]


def bare_inserts(rows: dict[type[Any], tuple[list[str], list[tuple[Any, ...]]]]) -> float:
    """Seconds for the same rows with nothing around them: no reading, no checks, a commit per batch."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(quoted(model._meta.db_table) for model, _key in TABLES)} CASCADE")
    started = time.perf_counter()
    for model, key in TABLES:
        columns, found = rows[model]
        for batch in batches(found):
            insert(model, columns, key, batch)
    return time.perf_counter() - started


def insert(model: type[Any], columns: list[str], key: tuple[str, ...], batch: list[tuple[Any, ...]]) -> None:
    values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(batch))
    updates = ", ".join(f"{quoted(one)} = EXCLUDED.{quoted(one)}" for one in columns if one not in {*key, "id"})
    action = f"DO UPDATE SET {updates}" if updates else "DO NOTHING"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quoted(model._meta.db_table)} ({', '.join(map(quoted, columns))}) OVERRIDING SYSTEM VALUE"
            f" VALUES {values} ON CONFLICT ({', '.join(map(quoted, key))}) {action}",
            [value for row in batch for value in row],
        )


def batches(rows: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(rows), BATCH):
        yield list(rows[start : start + BATCH])


def quoted(name: str) -> str:
    return f'"{name}"'

"""Many rows in one statement.

Rows travel as one JSON parameter, which PostgreSQL turns back into a typed table; there the keys are resolved, sorted
and upserted. Names of tables and columns come from our models only, values only as that parameter.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

Record = Mapping[str, Any]


def upsert(
    model: type[models.Model],
    records: Sequence[Record],
    *,
    key: Sequence[str],
    once: Iterable[str] = (),
    unless: Mapping[str, str] | None = None,
    where: str = "",
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Insert `records` (equal keys, all columns) in the order of `key`, or update the rows that have that key.

    Taking the row locks in one order is what keeps concurrent imports from waiting for each other in a circle.
    `once`: columns written by the insert alone. `unless`: column → condition under which it keeps its value.
    `where`: condition of the update; `t` is the row in the table, `EXCLUDED` the new one.
    """
    if not records:
        return []
    columns = list(records[0])
    names = ", ".join(_quoted(columns))
    skipped = {*key, *once}
    updates = [_assignment(name, (unless or {}).get(name)) for name in columns if name not in skipped]
    action = f"DO UPDATE SET {', '.join(updates)} {where}" if updates else "DO NOTHING"
    statement = (
        f"INSERT INTO {_table(model)} AS t ({names}) SELECT {names} FROM {recordset(model, columns)} "  # noqa: S608
        f"ORDER BY {_sorted_by(model, key)} ON CONFLICT ({', '.join(_quoted(key))}) {action}"
    )
    return run(statement + (f" RETURNING {returning}" if returning else ""), [as_json(records)], fetch=bool(returning))


def recordset(model: type[models.Model], columns: Iterable[str]) -> str:
    """The JSON parameter as a table `r` with the types of the model's columns."""
    types = _types(model)
    typed = ", ".join(f'"{name}" {types[name]}' for name in columns)
    return f"json_to_recordset(%s) AS r({typed})"


def run(statement: str, parameters: Sequence[Any], *, fetch: bool = True) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if fetch else []


def as_json(records: Any) -> str:
    return json.dumps(records, default=datetime.isoformat, ensure_ascii=False, separators=(",", ":"))


def _assignment(name: str, kept_if: str | None) -> str:
    if kept_if is None:
        return f'"{name}" = EXCLUDED."{name}"'
    return f'"{name}" = CASE WHEN {kept_if} THEN t."{name}" ELSE EXCLUDED."{name}" END'


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def _types(model: type[models.Model]) -> dict[str, str]:
    return {str(one.column): str(one.db_type(connection)) for one in model._meta.concrete_fields}


def _sorted_by(model: type[models.Model], key: Iterable[str]) -> str:
    """Text by code point, as Python sorts it, whatever the database's own collation."""
    types = _types(model)
    return ", ".join(f'"{name}" COLLATE "C"' if "char" in types[name] else f'"{name}"' for name in key)

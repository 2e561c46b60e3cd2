"""Keep the index in step: in the transaction that changes what can be found."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django import app

from community.core import work
from community.search.actions.vectors import vector
from community.search.models import Document
from community.search.registry import Entry, source

FEW = 50
"""Documents that are written at once; more are left to the worker."""

_COLUMNS = ("kind", "object_id", "thread_id", "author_id", "place", "created_at", "price", "length", "words")
_ROW = "(" + ", ".join("%s::tsvector" if name == "words" else "%s" for name in _COLUMNS) + ")"
_CHANGES = ", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS[2:])


def put(entries: Sequence[Entry]) -> None:
    """Write documents, new or changed, in one statement. In the order of their ids, as every writer does."""
    if entries:
        with connection.cursor() as cursor:
            cursor.execute(*_upsert(sorted(entries, key=lambda one: (one.kind, one.object_id))))


def put_at_the_end(entry: Entry) -> None:
    """The same for one that is new, in the last round trip of the open unit: whoever posts waits for nothing more."""
    work.at_the_end(*_upsert([entry]))


def index(kind: str, ids: Iterable[int]) -> None:
    """Make the documents of these rows what the rows are now; those of rows that cannot be found go.

    The documents are held before the rows are read, those that are missing too (as empty ones). Who changes a row at
    that moment either was there before, and this waits and reads what they wrote, or waits and has the last word.
    """
    wanted, plugged = sorted(set(ids)), source(kind)
    if not wanted or plugged is None:
        return
    with transaction.atomic():
        _hold(kind, wanted)
        entries = list(plugged.entries(wanted))
        put(entries)
        gone = set(wanted) - {entry.object_id for entry in entries}
        if gone:
            remove(kind, gone)


def index_later(kind: str, ids: Sequence[int]) -> None:
    """The same, at once for a few and by the worker for many; the job commits with what it is about."""
    if len(ids) <= FEW:
        index(kind, ids)
    else:
        app.configure_task("search.index").defer(kind=kind, ids=list(ids))


def remove(kind: str, ids: Iterable[int]) -> None:
    Document.objects.filter(kind=kind, object_id__in=list(ids)).delete()


def remove_thread(thread_id: int) -> None:
    """All that was said in a thread."""
    Document.objects.filter(thread_id=thread_id).delete()


def place_thread(thread_id: int, place: str) -> bool:
    """A thread is read by others than before; says whether anything stood elsewhere."""
    return bool(Document.objects.filter(thread_id=thread_id).exclude(place=place).update(place=place))


def _upsert(entries: Sequence[Entry]) -> tuple[str, list[Any]]:
    values: list[Any] = []
    for entry in entries:
        words, length = vector(entry)
        values += [entry.kind, entry.object_id, entry.thread_id, entry.author_id, entry.place]
        values += [entry.created_at, entry.price, length, words]
    rows = ", ".join([_ROW] * len(entries))
    return (
        f"INSERT INTO search_document ({', '.join(_COLUMNS)}) VALUES {rows} "  # noqa: S608  columns of our model
        f"ON CONFLICT (kind, object_id) DO UPDATE SET {_CHANGES}",
        values,
    )


def _hold(kind: str, ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_document (kind, object_id, place, created_at, length, words) "
            "SELECT %s, id, '', now(), 0, '' FROM unnest(%s::bigint[]) AS id ORDER BY id "
            "ON CONFLICT (kind, object_id) DO NOTHING",
            [kind, ids],
        )
        cursor.execute(
            "SELECT FROM search_document WHERE kind = %s AND object_id = ANY(%s) ORDER BY object_id FOR UPDATE",
            [kind, ids],
        )

"""Make the index anew from the rows, while people go on posting.

Batches go by the rows' ids, each in a transaction of its own; `index` says why nobody's change is lost. A batch and a
writer that wait for each other are told apart by patience: the batch gives up first, and tries again.
"""

from collections.abc import Callable

from django.db import OperationalError, connection, transaction

from community.core.clock import now
from community.search.actions.index import index
from community.search.models import Document, Rebuild
from community.search.registry import Source

BATCH = 500
TRIES = 20
PATIENCE_MS = 400  # less than PostgreSQL waits before it looks for who waits in a circle (1 s)
Progress = Callable[[str, int], None]
"""Told after every batch: the kind, and how many of it are done."""


def rebuild(source: Source, *, anew: bool = False, progress: Progress = lambda _kind, _done: None) -> int:
    """Bring every document of a kind up to date, and take out those whose rows are gone; returns how many rows there
    are. Goes on where a run was broken off, unless `anew`.
    """
    mark, _made = Rebuild.objects.get_or_create(kind=source.kind, defaults={"begun_at": now()})
    if anew:
        Rebuild.objects.filter(pk=mark.pk).update(after_id=0, done=0, begun_at=now())
        mark.refresh_from_db()
    count = BATCH
    while count == BATCH:
        count = _patiently(source, mark)
        progress(source.kind, mark.done)
    mark.delete()
    return mark.done


def _patiently(source: Source, mark: Rebuild) -> int:
    for attempt in range(TRIES):
        try:
            return _batch(source, mark)
        except OperationalError:
            if attempt == TRIES - 1:
                raise
            mark.refresh_from_db()
    raise AssertionError("unreachable")


@transaction.atomic
def _batch(source: Source, mark: Rebuild) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_MS}ms'")
    ids = source.ids(mark.after_id, BATCH)
    _sweep(source.kind, mark.after_id, ids)
    index(source.kind, ids)
    mark.done += len(ids)
    mark.after_id = ids[-1] if ids else mark.after_id
    mark.save(update_fields=["done", "after_id"])
    return len(ids)


def settle() -> None:
    """Let PostgreSQL sort in what waits and count the words: which of them are rare decides the order of results."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('search_words'::regclass)")
        cursor.execute("ANALYZE search_document")


def _sweep(kind: str, after: int, ids: list[int]) -> None:
    """Documents between two ids whose rows are not there."""
    gone = Document.objects.filter(kind=kind, object_id__gt=after).exclude(object_id__in=ids)
    (gone.filter(object_id__lte=ids[-1]) if len(ids) == BATCH else gone).delete()

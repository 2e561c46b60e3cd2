"""The order of an import: read, make the texts, write; the next texts are made while a batch is written."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from community.threads.management.importing import ndjson
from community.threads.management.importing.load import Loader, Tally
from community.threads.management.importing.rows import Report, SourceError, Talk
from community.threads.management.importing.stackexchange import Dump
from community.threads.management.importing.words import Source, Words, Workshop, workshop
from community.threads.models import Category, Post

BATCH = 1_000  # posts of a transaction, about
AHEAD = 2  # batches whose texts are under way while one is written
PRESETS = ("stackexchange", "ndjson")

Progress = Callable[[int, int], None]
"""Told after every batch: posts done, and posts there are (0 while nobody knows)."""

Pending = tuple[list[Talk], Iterator[Words]]


def import_threads(
    *, path: Path, preset: str, origin: str, site: str, category: Category, report: Report, progress: Progress
) -> Tally:
    """Bring in everything at `path`. `origin` names where it comes from: the same name finds the same rows again.

    Raises `SourceError` when the files cannot be read at all.
    """
    talks, total = _read(path, preset, site, report)
    loader = Loader(origin=origin, category=category, report=report)
    done = 0
    with workshop(texts=total or 1_000_000) as shop:
        for batch, words in _under_way(talks, shop, origin):
            loader.write([(talk, [next(words) for _message in talk.messages]) for talk in batch])
            done += sum(len(talk.messages) for talk in batch)
            progress(done, total)
    return loader.tally


def preset_for(path: Path) -> str:
    """A folder is a dump, a file is NDJSON."""
    return "stackexchange" if path.is_dir() else "ndjson"


def _read(path: Path, preset: str, site: str, report: Report) -> tuple[Iterable[Talk], int]:
    if preset == "ndjson":
        return ndjson.read(path, report), 0
    if not path.is_dir():
        raise SourceError(f"{path}: a dump is a folder")
    talks = Dump(folder=path, site=site.rstrip("/"), report=report).read()
    return talks, sum(len(talk.messages) for talk in talks)


def _under_way(talks: Iterable[Talk], shop: Workshop, origin: str) -> Iterator[Pending]:
    waiting: deque[Pending] = deque()
    for batch in _batches(talks):
        waiting.append((batch, shop.start(_sources(batch, origin))))
        if len(waiting) > AHEAD:
            yield waiting.popleft()
    yield from waiting


def _batches(talks: Iterable[Talk]) -> Iterator[list[Talk]]:
    batch: list[Talk] = []
    size = 0
    for talk in talks:
        batch.append(talk)
        size += len(talk.messages)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _sources(batch: Sequence[Talk], origin: str) -> list[Source]:
    """HTML is made for what is new; of the rest the Markdown is enough to see whether it changed."""
    keys = [message.key for talk in batch for message in talk.messages]
    here = set(Post.objects.filter(origin=origin, origin_id__in=keys).values_list("origin_id", flat=True))
    return [(message.form, message.text, message.key not in here) for talk in batch for message in talk.messages]

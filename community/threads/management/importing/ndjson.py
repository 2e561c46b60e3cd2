"""Threads as NDJSON: one JSON object a line (plain or .gz), one thread an object.

    {"id": "t1", "title": "…", "kind": "talk", "tags": ["wax"], "views": 12, "accepted": "p3",
     "posts": [{"id": "p1", "author": {"id": "u1", "name": "Hana", "joined": "2020-01-01"}, "body": "Markdown …",
                "created_at": "2024-05-01T09:00:00+09:00", "score": 3, "reply_to": null, "url": "https://…",
                "licence": "CC BY 4.0", "format": "markdown"}, …]}

Needed are the thread's `id`, `title` and `posts`, and of a post `id`, `author.id`, `author.name`, `body` and
`created_at` (ISO 8601; without an offset it is UTC). Posts stand in their order, the first one opens the thread. `id`s
are unique over the whole file. `format` is "markdown" or "html". `kind` is talk (default), question, idea or
announcement. A post with a fault is refused alone, a thread with a fault with all its posts.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from community.threads.management.importing.rows import (
    Author,
    Form,
    ImportFault,
    Message,
    Refused,
    Report,
    SourceError,
    Talk,
    moment,
    number,
)

KINDS = ("talk", "question", "idea", "announcement")
FORMS: dict[str, Form] = {"markdown": "markdown", "html": "html"}


def read(path: Path, report: Report) -> Iterator[Talk]:
    """Thread after thread, as they are read; raises `SourceError`."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for line, raw in enumerate(lines, start=1):
                if raw.strip():
                    talk = _talk(raw, path.name, line, report)
                    if talk is not None:
                        yield talk
    except (OSError, EOFError) as error:
        raise SourceError(f"{path}: {error}") from error


def _talk(raw: bytes, file: str, line: int, report: Report) -> Talk | None:
    key = ""
    try:
        given = _object(json.loads(raw))
        key = _text(given, "id", 64)
        kind = given.get("kind", "talk")
        if kind not in KINDS:
            raise Refused(f"kind is one of {', '.join(KINDS)}")
        talk = Talk(
            key=key,
            title=_text(given, "title", 1000),
            kind=kind,
            messages=[],
            tags=[str(tag) for tag in _list(given, "tags")],
            accepted=given.get("accepted"),
            views=max(0, number(given.get("views"))),
        )
        for place, one in enumerate(_list(given, "posts")):
            _add(talk, one, file, line, place, report)
        if not talk.messages:
            raise Refused("a thread needs a first post")
    except (Refused, ValueError) as error:
        report(ImportFault(file, line, key, str(error)))
        return None
    return talk


def _add(talk: Talk, given: Any, file: str, line: int, place: int, report: Report) -> None:
    try:
        talk.messages.append(_message(_object(given), file, line))
    except Refused as refusal:
        if place == 0:
            raise
        report(ImportFault(file, line, f"{talk.key} post {place + 1}", str(refusal)))


def _message(given: dict[str, Any], file: str, line: int) -> Message:
    author = _object(given.get("author"))
    joined = author.get("joined")
    form = given.get("format", "markdown")
    if form not in FORMS:
        raise Refused(f"format is one of {', '.join(FORMS)}")
    return Message(
        key=_text(given, "id", 64),
        author=Author(_text(author, "id", 64), _text(author, "name", 1000), moment(joined) if joined else None),
        text=_text(given, "body", 1 << 20),
        form=FORMS[form],
        created_at=moment(_text(given, "created_at", 40)),
        score=number(given.get("score")),
        reply_to=given.get("reply_to"),
        url=str(given.get("url") or ""),
        licence=str(given.get("licence") or ""),
        file=file,
        line=line,
    )


def _object(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Refused("an object is wanted here")
    return given


def _list(given: dict[str, Any], name: str) -> list[Any]:
    found = given.get(name, [])
    if not isinstance(found, list):
        raise Refused(f"{name} is not a list")
    return found


def _text(given: dict[str, Any], name: str, limit: int) -> str:
    found = given.get(name)
    if not isinstance(found, str) or not found.strip():
        raise Refused(f"{name} is missing")
    if len(found) > limit:
        raise Refused(f"{name} has more than {limit} characters")
    return found

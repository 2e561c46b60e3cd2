"""The content files, read and checked: who is here, what is sold, what is said, and how long ago."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("content")
_AGE = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")

Raw = dict[str, Any]


class BookError(Exception):
    """The content files contradict themselves; the message names the place."""


@dataclass(frozen=True)
class Message:
    """One post. `age` is how long before the loading it was written, `to` the number of the post it answers."""

    by: str
    text: str
    age: timedelta
    to: int | None = None
    likes: dict[str, int] = field(default_factory=dict)
    picture: Raw | None = None


@dataclass(frozen=True)
class Conversation:
    """A thread with its posts in order; `item` and `creator` are keys of the catalogue."""

    category: str
    kind: str
    title: str
    messages: tuple[Message, ...]
    item: str = ""
    creator: str = ""
    tags: tuple[str, ...] = ()
    accepted: int | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Book:
    """Everything the demo lays out."""

    members: list[Raw]
    shops: list[Raw]
    creators: list[Raw]
    categories: list[Raw]
    conversations: list[Conversation]


def age(text: str) -> timedelta:
    """ "12d3h" or "40m" as a span of time. Raises `BookError`."""
    match = _AGE.fullmatch(text)
    if not text or match is None:
        raise BookError(f"“{text}” is no span of time; write it like 12d3h or 40m.")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def read_book() -> Book:
    """Read all files. Raises `BookError` where a name leads nowhere."""
    catalogue = _read("shop.toml")
    talk = [row for path in sorted((FOLDER / "talk").glob("*.toml")) for row in _read(path)["thread"]]
    book = Book(
        members=_read("people.toml")["member"],
        shops=catalogue["shop"],
        creators=catalogue["creator"],
        categories=_read("categories.toml")["category"],
        conversations=[_conversation(row) for row in talk],
    )
    _check(book)
    return book


def handles(book: Book) -> set[str]:
    return {row["handle"] for row in (*book.members, *book.creators)}


def _read(name: str | Path) -> Raw:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def _conversation(row: Raw) -> Conversation:
    return Conversation(
        category=row["category"],
        kind=row["kind"],
        title=row["title"],
        messages=tuple(_messages(row)),
        item=row.get("item", ""),
        creator=row.get("creator", ""),
        tags=tuple(row.get("tags", ())),
        accepted=row.get("accepted"),
        pinned=row.get("pinned", False),
    )


def _messages(row: Raw) -> list[Message]:
    """The opening and the replies, each with its age."""
    opened = age(row["ago"])
    pauses = [age(reply["after"]) for reply in row["replies"]]
    total = sum(pauses, timedelta())
    if "until" in row and total:
        stretch = (opened - age(row["until"])) / total
        pauses = [pause * stretch for pause in pauses]
    found = [_message(row, opened)]
    left = opened
    for reply, pause in zip(row["replies"], pauses, strict=True):
        left -= pause
        found.append(_message(reply, left))
    if left < timedelta():
        raise BookError(f"“{row['title']}” ends in the future.")
    return found


def _message(row: Raw, left: timedelta) -> Message:
    words = row.get("likes", "").replace(",", " ").split()
    return Message(
        by=row["by"],
        text=row["text"].strip(),
        age=left,
        to=row.get("to"),
        likes={kind: int(count) for kind, count in zip(words[::2], words[1::2], strict=True)},
        picture=row.get("picture"),
    )


def _check(book: Book) -> None:
    people, places = handles(book), {row["slug"] for row in book.categories}
    items = {item["key"] for row in book.creators for item in row["item"]}
    makers = {row["slug"] for row in book.creators}
    for talk in book.conversations:
        unknown = {message.by for message in talk.messages} - people
        lost = {talk.category} - places | ({talk.item} - items - {""}) | ({talk.creator} - makers - {""})
        ahead = [n for n, message in enumerate(talk.messages, 1) if message.to is not None and message.to >= n]
        if unknown or lost or ahead or (talk.accepted or 1) > len(talk.messages):
            raise BookError(f"“{talk.title}”: {sorted(unknown | lost)} or a number leads nowhere.")

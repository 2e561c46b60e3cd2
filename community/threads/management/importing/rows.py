"""What a reader of files hands on: threads with their messages, in order, and what it had to refuse."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Form = Literal["html", "markdown", "line"]
"""How a text is written; "line" is the short Markdown of comments: marks inside a line, no blocks."""


class SourceError(Exception):
    """The files as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ImportFault:
    """A row that was refused. `line` is where it begins in the file, from 1."""

    file: str
    line: int
    key: str
    reason: str


Report = Callable[[ImportFault], None]


class Refused(Exception):
    """One row cannot be used; caught where the row is read."""


@dataclass(frozen=True, slots=True)
class Author:
    """`key` is the person's id where they come from."""

    key: str
    name: str
    joined: datetime | None = None


@dataclass(slots=True)
class Message:
    """One post to be. `reply_to` is the key of another message of the same thread."""

    key: str
    author: Author
    text: str
    form: Form
    created_at: datetime
    score: int = 0
    reply_to: str | None = None
    url: str = ""
    licence: str = ""
    file: str = ""
    line: int = 0


@dataclass(slots=True)
class Talk:
    """One thread to be. `messages[0]` opens it; the others follow in the order of time."""

    key: str
    title: str
    kind: str
    messages: list[Message]
    tags: list[str] = field(default_factory=list)
    accepted: str | None = None
    views: int = 0


def moment(text: str) -> datetime:
    """An ISO 8601 time; one without an offset is UTC. Raises `Refused`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"“{text[:40]}” is not a time") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def number(text: str | int | None, *, default: int = 0) -> int:
    """A whole number that a column of ours can hold. Raises `Refused`."""
    try:
        found = int(text) if text not in (None, "") else default
    except (TypeError, ValueError) as error:
        raise Refused(f"“{str(text)[:40]}” is not a number") from error
    if not -(2**31) < found < 2**31:
        raise Refused(f"“{found}” is out of range")
    return found

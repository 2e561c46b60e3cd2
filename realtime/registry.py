"""Which kinds of stream exist and who may watch them. Apps register in their `topics` module."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"([a-z]+)\.([0-9]{1,18})", re.ASCII)

MaySubscribe = Callable[[Any, int], bool]


@dataclass(frozen=True, slots=True)
class Topic:
    """`may_subscribe(user, pk)` runs in a worker thread with a database; `user` may be AnonymousUser."""

    prefix: str
    may_subscribe: MaySubscribe
    presence: bool


_topics: dict[str, Topic] = {}
_apart_of: Callable[[Any], frozenset[int]] | None = None


def register(prefix: str, *, may_subscribe: MaySubscribe, presence: bool = False) -> None:
    """Declare the streams `<prefix>.<pk>`. Raises ValueError for a prefix that is malformed or taken.

    The answer for a stream whose row does not exist must be False: hidden and missing look alike.
    """
    if not re.fullmatch(r"[a-z]{1,24}", prefix):
        raise ValueError(f"not a stream prefix: {prefix!r}")
    if (known := _topics.get(prefix)) is not None and known.may_subscribe is not may_subscribe:
        raise ValueError(f"stream prefix registered twice: {prefix!r}")
    _topics[prefix] = Topic(prefix, may_subscribe, presence)


def topic_of(name: str) -> tuple[Topic, int] | None:
    """The topic and the pk that a stream name speaks of, None for a name that means nothing here."""
    match = NAME.fullmatch(name)
    if match is None or (topic := _topics.get(match[1])) is None:
        return None
    pk = int(match[2])
    return (topic, pk) if match[2] == str(pk) else None  # thread.05 is not another name of thread.5


def may_watch(user: Any, name: str) -> bool:
    """Whether `user` may read the stream now. Asks the database: never call it on an event loop."""
    found = topic_of(name)
    if found is None:
        return False
    topic, pk = found
    return bool(topic.may_subscribe(user, pk))


def allowed(user: Any, names: Iterable[str]) -> set[str]:
    return {name for name in names if may_watch(user, name)}


def has_presence(name: str) -> bool:
    found = topic_of(name)
    return found is not None and found[0].presence


def keep_apart(apart_of: Callable[[Any], frozenset[int]]) -> None:
    """Say who tells of whom a user gets nothing: ids of users. It may ask the database."""
    global _apart_of
    _apart_of = apart_of


def apart_of(user: Any) -> frozenset[int]:
    """The ids of those of whom `user` gets nothing, whose `author_id` an event has. May ask the database."""
    found = _apart_of(user) if _apart_of is not None else frozenset()
    if found:
        user.live_apart = found
    return found


def known_apart(user: Any) -> frozenset[int]:
    """The same as it was last asked for this very object; asks nothing, so an event loop may."""
    found: frozenset[int] = getattr(user, "live_apart", frozenset())
    return found

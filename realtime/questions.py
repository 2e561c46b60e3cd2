"""What sockets ask the database. Equal questions of many sockets become one (`Batch`), so that a storm of pages coming
back costs a handful of queries, not thousands.
"""

from typing import Any

from realtime import registry
from realtime.auth import users_of_sessions
from realtime.batch import Batch
from realtime.log import Page, Reset, latest, read


class Questions:
    """One per hub.

    - `users`: a session key → the member signed in under it, or None
    - `may_watch`: (user, stream) → whether they may
    - `newest`: a stream → the number of its newest event
    - `pages`: (stream, after, limit) → what the log says. Pages are shared: do not change them.
    """

    def __init__(self) -> None:
        self.users: Batch[str, Any] = Batch(users_of_sessions)
        self.may_watch: Batch[tuple[Any, str], bool] = Batch(_may_watch)
        self.newest: Batch[str, int] = Batch(latest)
        self.pages: Batch[tuple[str, int, int], Page | Reset] = Batch(_pages, most=20)


def _may_watch(asked: list[tuple[Any, str]]) -> dict[tuple[Any, str], bool]:
    return {(user, name): registry.may_watch(user, name) for user, name in asked}


def _pages(asked: list[tuple[str, int, int]]) -> dict[tuple[str, int, int], Page | Reset]:
    return {(name, after, limit): read(name, after, limit) for name, after, limit in asked}

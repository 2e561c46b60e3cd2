"""Who may still watch: asked again when the log or another process says so, and by the clock (S7, S8)."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from realtime import registry
from realtime.auth import Viewer, still_valid, users_of_sessions
from realtime.connection import SIGNED_OUT, Connection
from realtime.events import frame
from realtime.offload import in_thread

if TYPE_CHECKING:
    from realtime.hub import Hub

A_MOMENT = 60.0
"""Seconds: longer than any question to the database takes."""

SLICE = 50
"""People asked about in one go: other database work of the sockets comes in between."""


class Access:
    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._parted: deque[tuple[float, int, int, bool]] = deque()  # when, between whom, and whether it began

    async def recheck(self, name: str) -> None:
        """Ask again for every reader of a stream, once per person; who may not watch any more is told and
        removed.
        """
        room = self._hub.rooms.get(name)
        if room is None:
            return
        people = list({c.viewer.user_id: c.viewer.user for c in room.members}.items())
        refused: set[int | None] = set()
        for start in range(0, len(people), SLICE):
            refused |= await in_thread(_refused, name, people[start : start + SLICE])
        if not refused:
            return
        told = frame(type="revoked", stream=name)
        for connection in [c for c in room.members if c.viewer.user_id in refused]:
            self._hub.unsubscribe(connection, name)
            connection.push(told)

    def revoke_user(self, user_id: int) -> None:
        self._close_where(lambda c: c.viewer.user_id == user_id)

    def revoke_session(self, session_key: str) -> None:
        self._close_where(lambda c: c.viewer.session_key == session_key)

    def _close_where(self, test: Callable[[Connection], bool]) -> None:
        for connection in [c for c in self._hub.connections if test(c)]:
            connection.close(SIGNED_OUT)

    async def recheck_people(self) -> None:
        """Look every session up again: gone, banned or signed out closes its sockets with 4401."""
        sockets: dict[str, list[Connection]] = defaultdict(list)
        for connection in self._hub.connections:
            if connection.viewer.session_key is not None:
                sockets[connection.viewer.session_key].append(connection)
        keys = list(sockets)
        for start in range(0, len(keys), SLICE):
            users = await in_thread(users_of_sessions, keys[start : start + SLICE])
            for key, user in users.items():
                for connection in sockets[key]:
                    self._see(connection, user)

    def _see(self, connection: Connection, user: Any | None) -> None:
        now = still_valid(connection.viewer, user)
        if now is None:
            connection.close(SIGNED_OUT)
        else:
            self._hub.see_as(connection, self.as_told(now))

    def part(self, one: int, other: int, *, apart: bool) -> None:
        """From here on two people get nothing of each other any more, or again (`apart` False)."""
        self._parted.append((time.monotonic(), one, other, apart))
        for connection in list(self._hub.connections):
            self._hub.see_as(connection, _parted(connection.viewer, one, other, apart=apart))

    def as_told(self, viewer: Viewer) -> Viewer:
        """A viewer who was read a moment ago, as they are by what was told since: the word may have overtaken the
        reading.
        """
        while self._parted and self._parted[0][0] < time.monotonic() - A_MOMENT:
            self._parted.popleft()
        for _at, one, other, apart in self._parted:
            viewer = _parted(viewer, one, other, apart=apart)
        return viewer

    async def recheck_all(self) -> None:
        await self.recheck_people()
        for name in list(self._hub.rooms):
            await self.recheck(name)


def _parted(viewer: Viewer, one: int, other: int, *, apart: bool) -> Viewer:
    if viewer.user_id not in (one, other):
        return viewer
    them = {one, other} - {viewer.user_id}
    return replace(viewer, apart=viewer.apart | them if apart else viewer.apart - them)


def _refused(name: str, people: list[tuple[int | None, Any]]) -> set[int | None]:
    return {user_id for user_id, user in people if not registry.may_watch(user, name)}

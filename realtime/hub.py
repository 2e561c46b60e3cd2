"""The hub: one per process. Takes events in, keeps every stream contiguous, and gives them to the open
sockets.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from realtime import registry
from realtime.auth import Viewer, still_valid
from realtime.conf import LiveSettings, live
from realtime.connection import RESTART, SIGNED_OUT, TOO_MANY, Connection
from realtime.events import ACCESS, Event, frame
from realtime.log import Page, Reset, latest, read
from realtime.offload import in_thread
from realtime.rooms import EARLY, Room, Subscription

log = logging.getLogger("hiroba.live")

SETTLE = 0.02
"""Seconds an event may wait for an earlier one: publishes of two commits can overtake each other by that
much.
"""


class Hub:
    """Lives on one event loop; every method runs there, and none of them blocks it."""

    def __init__(self, conf: LiveSettings | None = None) -> None:
        self.conf = conf or live()
        self.rooms: dict[str, Room] = {}
        self.connections: set[Connection] = set()
        self.draining = False
        self._tasks: set[asyncio.Task[Any]] = set()

    # -- sockets

    def admit(self, connection: Connection) -> int | None:
        """Take a socket in; or the close code that refuses it. The limits count this process alone."""
        if self.draining:
            return RESTART
        viewer, conf = connection.viewer, self.conf
        same_address = sum(c.viewer.address == viewer.address for c in self.connections)
        same_user = sum(c.viewer.user_id == viewer.user_id for c in self.connections)
        if same_address >= conf.sockets_per_address:
            return TOO_MANY
        if viewer.user_id is not None and same_user >= conf.sockets_per_user:
            return TOO_MANY
        self.connections.add(connection)
        return None

    def leave(self, connection: Connection) -> None:
        self.connections.discard(connection)
        for name in list(connection.watching):
            self.unsubscribe(connection, name)

    def unsubscribe(self, connection: Connection, name: str) -> None:
        connection.watching.discard(name)
        room = self.rooms.get(name)
        if room is not None:
            room.members.pop(connection, None)
            if not room.members:
                del self.rooms[name]

    async def subscribe(self, connection: Connection, name: str, after: int | None) -> None:
        """Register first, then replay what follows `after`, then go live: no hole, and nothing twice.

        The caller has asked `registry.may_watch`. `after` None means "from now on".
        """
        self.unsubscribe(connection, name)
        room = self.rooms.setdefault(name, Room(name))
        subscription = room.members[connection] = Subscription(connection, after or 0)
        connection.watching.add(name)
        told = False
        while room.members.get(connection) is subscription and connection.closing is None:
            page = await self._page(room, subscription, fresh=after is None and not told)
            room.heard = max(room.heard, page.seq)
            if not told:
                connection.push(frame(type="subscribed", streams={name: page.seq}))
                told = True
            if isinstance(page, Reset):
                connection.push(frame(type="reset", stream=name, seq=page.seq))
                subscription.last = page.seq
            else:
                await self._replay(connection, subscription, page)
            if subscription.last >= max(page.seq, room.seq or 0):
                break
        if room.members.get(connection) is subscription:
            self._go_live(room, subscription)

    async def _page(self, room: Room, subscription: Subscription, *, fresh: bool) -> Page | Reset:
        if fresh:
            subscription.last = (await in_thread(latest, [room.name]))[room.name]
            return Page([], subscription.last)
        return await in_thread(read, room.name, subscription.last, self.conf.replay_batch)

    async def _replay(self, connection: Connection, subscription: Subscription, page: Page) -> None:
        for event in page.events:
            if event.kind == ACCESS:
                await self.recheck(event.stream)
            if connection.closing is not None or event.stream not in connection.watching:
                return
            subscription.last = event.seq
            await connection.send(event.frame(connection.viewer.language))

    def _go_live(self, room: Room, subscription: Subscription) -> None:
        # No await between the last check and here: an event is either in what was replayed or delivered by
        # the room.
        if room.seq is None:
            room.seq = subscription.last
        subscription.live = True
        if room.behind:
            self._start_fill(room)

    # -- events in

    def deliver(self, event: Event) -> None:
        """An event arrived from Valkey: deliver it if it is the next, keep it if it is early, drop it if
        known.
        """
        room = self.rooms.get(event.stream)
        if room is None:
            return
        room.heard = max(room.heard, event.seq)
        if room.seq is None or room.busy or event.seq <= room.seq:
            return  # the replay or the fill that is under way reads it from the log
        if event.seq != room.seq + 1:
            self._keep_early(room, event)
        elif event.kind == ACCESS:
            self._start_fill(room)
        else:
            room.push(event)
            self._push_early(room)

    def hint(self, newest: dict[str, int]) -> None:
        """Numbers that exist in the log: read what is missing of the streams held here."""
        for name, seq in newest.items():
            room = self.rooms.get(name)
            if room is not None and seq > room.heard:
                room.heard = seq
            if room is not None and room.behind:
                self._start_fill(room)

    def _keep_early(self, room: Room, event: Event) -> None:
        if not room.early:
            asyncio.get_running_loop().call_later(SETTLE, self._settle, room)
        if len(room.early) < EARLY:
            room.early[event.seq] = event

    def _push_early(self, room: Room) -> None:
        while room.early and room.seq is not None and (event := room.early.pop(room.seq + 1, None)) is not None:
            if event.kind == ACCESS:
                self._start_fill(room)
                return
            room.push(event)

    def _settle(self, room: Room) -> None:
        room.early = {seq: event for seq, event in room.early.items() if seq > (room.seq or 0)}
        if room.early:
            self._start_fill(room)

    def _start_fill(self, room: Room) -> None:
        if not room.busy and self.rooms.get(room.name) is room:
            room.busy = True
            self.spawn(self._fill(room))

    async def _fill(self, room: Room, *, recheck: bool = False) -> None:
        """Read the hole from the log and deliver it. The room takes nothing else meanwhile."""
        try:
            if recheck:
                await self.recheck(room.name)
            while room.members and room.seq is not None and room.seq < room.heard:
                page = await in_thread(read, room.name, room.seq, self.conf.replay_batch)
                if isinstance(page, Reset):
                    self._reset(room, page.seq)
                elif not page.events:
                    room.heard = page.seq  # heard of a number that the log does not have
                else:
                    await self._push_all(room, page.events)
        finally:
            room.early.clear()
            room.busy = False

    async def _push_all(self, room: Room, events: list[Event]) -> None:
        for event in events:
            if event.kind == ACCESS:
                await self.recheck(room.name)
            room.push(event)
        await asyncio.sleep(0)  # let the writers take it

    def _reset(self, room: Room, seq: int) -> None:
        room.seq = room.heard = seq
        room.announce(frame(type="reset", stream=room.name, seq=seq))
        for subscription in room.members.values():
            subscription.last = seq

    # -- who may still watch

    async def recheck(self, name: str) -> None:
        """Ask again for every reader of a stream, once per person; who may not watch any more is told and
        removed.
        """
        room = self.rooms.get(name)
        if room is None:
            return
        people = {c.viewer.user_id: c.viewer.user for c in room.members}
        refused = await in_thread(lambda: {pk for pk, user in people.items() if not registry.may_watch(user, name)})
        for connection in [c for c in room.members if c.viewer.user_id in refused]:
            self.unsubscribe(connection, name)
            connection.push(frame(type="revoked", stream=name))

    def revoke_user(self, user_id: int) -> None:
        self._close_where(lambda c: c.viewer.user_id == user_id)

    def revoke_session(self, session_key: str) -> None:
        self._close_where(lambda c: c.viewer.session_key == session_key)

    def revoke_stream(self, name: str) -> None:
        """Hold the stream back, ask again for all its readers, then deliver what came meanwhile."""
        room = self.rooms.get(name)
        if room is None:
            return
        if room.busy:
            self.spawn(self.recheck(name))
        else:
            room.busy = True
            self.spawn(self._fill(room, recheck=True))

    def _close_where(self, test: Callable[[Connection], bool]) -> None:
        for connection in [c for c in self.connections if test(c)]:
            connection.close(SIGNED_OUT)

    async def recheck_people(self) -> None:
        """Look every signed-in reader up again: gone, banned or signed out closes the socket with 4401."""
        signed_in = [c for c in self.connections if c.viewer.user_id is not None]
        for chunk in (signed_in[i : i + 50] for i in range(0, len(signed_in), 50)):
            viewers = [c.viewer for c in chunk]
            for connection, now in zip(chunk, await in_thread(_look_up, viewers), strict=True):
                if now is None:
                    connection.close(SIGNED_OUT)
                else:
                    connection.viewer = now

    async def recheck_all(self) -> None:
        await self.recheck_people()
        for name in list(self.rooms):
            await self.recheck(name)

    # -- catching up

    async def poll(self) -> None:
        """Ask the log for the newest number of every stream held here, and fetch what is missing."""
        names = [room.name for room in self.rooms.values() if room.seq is not None]
        self.hint(await in_thread(latest, names))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background; what it raises is logged, and the next poll tries again."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("live work failed, the next poll tries again: %r", error)

    def drain(self) -> None:
        """Before the process stops: take no new socket, ask every open one to come back elsewhere."""
        self.draining = True
        for connection in list(self.connections):
            connection.close(RESTART)


def _look_up(viewers: list[Viewer]) -> list[Viewer | None]:
    return [still_valid(viewer) for viewer in viewers]

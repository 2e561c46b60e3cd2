"""The hub: one per process. Takes events in, keeps every stream contiguous, and gives them to the open
sockets.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any

from realtime import metrics
from realtime.access import Access
from realtime.auth import Viewer
from realtime.conf import LiveSettings, live
from realtime.connection import RESTART, TOO_MANY, Connection
from realtime.events import ACCESS, NOBODY, Event, bunches, frame
from realtime.log import Page, Reset, latest, read
from realtime.offload import in_thread
from realtime.pace import Pace
from realtime.questions import Questions
from realtime.rooms import EARLY, Room, Subscription

log = logging.getLogger("hiroba.live")

SETTLE = 0.02
"""Seconds an event may wait for an earlier one: publishes of two commits can overtake each other by that
much.
"""

_resets = metrics.counter(
    "hiroba_live_resets_total", "Times a stream could not be caught up and its readers were reset."
)
_fills = metrics.counter("hiroba_live_fills_total", "Holes that were read from the log because a wake-up was missed.")
_replays = metrics.counter("hiroba_live_replays_total", "Readers who came back and were given what they had missed.")


class Hub:
    """Lives on one event loop; every method runs there, and none of them blocks it."""

    def __init__(self, conf: LiveSettings | None = None) -> None:
        self.conf = conf or live()
        self.rooms: dict[str, Room] = {}
        self.connections: dict[Connection, None] = {}  # in the order of their coming
        self.questions = Questions()
        self.access = Access(self)
        self.pace = Pace(self.conf.opens_per_second, self.conf.open_wait)
        self.draining = False
        self._of_address: Counter[str] = Counter()
        self._of_user: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()

    # -- sockets

    def admit(self, connection: Connection) -> int | None:
        """Take a socket in; or the close code that refuses it. The limits count this process alone."""
        if self.draining:
            return RESTART
        viewer, conf = connection.viewer, self.conf
        if self._of_address[viewer.address] >= conf.sockets_per_address:
            return TOO_MANY
        if viewer.user_id is not None and self._of_user[viewer.user_id] >= conf.sockets_per_user:
            return TOO_MANY
        connection.viewer = self.access.as_told(connection.viewer)
        self.connections[connection] = None
        self._count(connection, 1)
        return None

    def leave(self, connection: Connection) -> None:
        if connection in self.connections:
            del self.connections[connection]
            self._count(connection, -1)
        for name in list(connection.watching):
            self.unsubscribe(connection, name)

    def _count(self, connection: Connection, change: int) -> None:
        viewer = connection.viewer
        _add(self._of_address, viewer.address, change)
        if viewer.user_id is not None:
            _add(self._of_user, viewer.user_id, change)

    def unsubscribe(self, connection: Connection, name: str) -> None:
        connection.watching.discard(name)
        room = self.rooms.get(name)
        if room is not None:
            room.leave(connection)
            if not room.members:
                del self.rooms[name]

    async def subscribe(self, connection: Connection, name: str, after: int) -> None:
        """Register first, then replay what follows `after`, then go live: no hole, and nothing twice.

        The caller has asked whether the reader may watch the stream.
        """
        self.unsubscribe(connection, name)
        room = self.rooms.get(name) or self._room(name)
        subscription = room.join(connection, after)
        connection.watching.add(room.name)
        told = False
        while room.members.get(connection) is subscription and connection.open:
            known = room.seq or 0
            page = await self.questions.pages.get((name, subscription.last, self.conf.replay_batch))
            room.heard = max(room.heard, page.seq)
            if not told:
                connection.push(frame(type="subscribed", streams={name: page.seq}))
                told = True
            if page.seq < known:  # a log that is older than we are: the database was put back
                page = Reset(known)
            if isinstance(page, Reset):
                _resets.add()
                connection.push(frame(type="reset", stream=name, seq=page.seq))
                subscription.last = page.seq
            else:
                await self._replay(connection, subscription, page.events)
            if subscription.last >= max(page.seq, room.seq or 0):
                break
        if room.members.get(connection) is subscription:
            # No await since the last check: an event is either in what was replayed or delivered by the room.
            room.go_live(subscription)
            if room.behind:
                self._start_fill(room)

    def _room(self, name: str) -> Room:
        # A quarter of what may queue: a burst must not close a reader who only had no time to read it.
        self.rooms[name] = Room(name, self.conf.coalesce, self.conf.outbox_frames // 4)
        return self.rooms[name]

    async def _replay(self, connection: Connection, subscription: Subscription, events: Sequence[Event]) -> None:
        if events:
            _replays.add()
        language = connection.viewer.language
        for bunch in bunches(events, language):
            if bunch[0].kind == ACCESS:
                await self.access.recheck(bunch[0].stream)
            if not connection.open or bunch[0].stream not in connection.watching:
                return
            subscription.last = bunch[-1].seq
            await connection.send([event.frame(*connection.viewer.sight) for event in bunch])

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

    # -- catching up

    def _start_fill(self, room: Room, *, recheck: bool = False) -> None:
        if not room.busy and self.rooms.get(room.name) is room:
            room.busy = True
            self.spawn(self._fill(room, recheck=recheck))

    async def _fill(self, room: Room, *, recheck: bool) -> None:
        """Read the hole from the log and deliver it. The room takes nothing else meanwhile."""
        _fills.add()
        try:
            if recheck:
                await self.access.recheck(room.name)
            while room.members and room.seq is not None and room.seq < room.heard:
                page = await in_thread(read, room.name, room.seq, self.conf.replay_batch)
                if isinstance(page, Reset):
                    _resets.add()
                    room.reset(page.seq, frame(type="reset", stream=room.name, seq=page.seq))
                elif not page.events:
                    room.heard = page.seq  # heard of a number that the log does not have
                else:
                    await self._push_page(room, page)
        finally:
            room.early.clear()
            room.busy = False

    async def _push_page(self, room: Room, page: Page) -> None:
        for bunch in bunches(page.events, next(iter(room.lanes), ("", NOBODY))[0]):
            if bunch[0].kind == ACCESS:
                await self.access.recheck(room.name)
            room.push_all(bunch)
        await asyncio.sleep(0)  # let the others have their turn

    def see_as(self, connection: Connection, viewer: Viewer) -> None:
        """The person behind a socket is known anew: what they see from here on goes by it."""
        if viewer.sight != connection.viewer.sight:
            for name in connection.watching:
                self.rooms[name].turn(connection, viewer)
        connection.viewer = viewer

    def revoke_stream(self, name: str) -> None:
        """Hold the stream back, ask again for all its readers, then deliver what came meanwhile."""
        room = self.rooms.get(name)
        if room is not None and room.busy:
            self.spawn(self.access.recheck(name))
        elif room is not None:
            self._start_fill(room, recheck=True)

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


def _add(counter: "Counter[Any]", key: Any, change: int) -> None:
    counter[key] += change
    if not counter[key]:
        del counter[key]

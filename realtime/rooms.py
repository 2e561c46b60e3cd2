"""The hub's book-keeping for one stream in this process."""

import asyncio
from collections.abc import Sequence

from realtime import metrics
from realtime.auth import Sight, Viewer
from realtime.connection import Connection
from realtime.events import TOGETHER, Event, Frame
from realtime.transport import Wire, spray

EARLY = 256
"""How many events may wait for an earlier one; beyond that the log is read anyway."""

_delivered = metrics.counter("hiroba_live_deliveries_total", "Events given to readers: events times readers.")
_writes = metrics.counter("hiroba_live_writes_total", "Writes to sockets that carried live events.")
_coalesced = metrics.counter("hiroba_live_coalesced_total", "Events that left together with an earlier one.")


class Subscription:
    """One reader of a room. `last` is the newest number its replay gave it; once `live`, it stands where the room does,
    and nothing is counted per reader any more.
    """

    __slots__ = ("connection", "last", "live")

    def __init__(self, connection: Connection, last: int) -> None:
        self.connection = connection
        self.last = last
        self.live = False


class Lane:
    """The live readers of one sight, and the frames that are about to leave to them. Nearly all sights differ in the
    language alone; who is kept apart from somebody has one of their own.
    """

    __slots__ = ("frames", "others", "size", "wires")

    def __init__(self) -> None:
        self.wires: dict[Wire, Connection] = {}
        self.others: dict[Connection, None] = {}
        self.frames: list[Frame] = []
        self.size = 0

    def __len__(self) -> int:
        return len(self.wires) + len(self.others)

    def join(self, connection: Connection) -> None:
        if connection.wire is not None:
            self.wires[connection.wire] = connection
        else:
            self.others[connection] = None

    def leave(self, connection: Connection) -> None:
        self.others.pop(connection, None)
        if connection.wire is not None:
            self.wires.pop(connection.wire, None)

    def flush(self) -> None:
        frames, self.frames, self.size = self.frames, [], 0
        if frames:
            _delivered.add(len(frames) * len(self))
            self.send(frames)

    def send(self, frames: Sequence[Frame]) -> None:
        """One write to each reader, who gets ordinary separate frames; those who cannot take it now get it queued."""
        late: list[Connection] = []
        if self.wires:
            late = [self.wires[wire] for wire in spray(b"".join([frame.wire for frame in frames]), self.wires)]
        _writes.add(len(self))
        for connection in (*late, *self.others):
            for frame in frames:
                connection.push(frame)


class Room:
    """`seq` is the newest number given to the live readers (None before the first replay has told), `heard` the newest
    number known to exist. While `busy`, one task reads the log and nothing else may deliver.

    The first event after a quiet moment leaves at once; those that follow within `window` seconds leave together. They
    count as given meanwhile, so whoever is to see them, or is not, is decided before `flush`.
    """

    __slots__ = (
        "_ahead", "_timer", "busy", "changes", "early", "heard", "lanes", "members", "most", "name", "seq",
        "ungreeted", "window",
    )  # fmt: skip

    def __init__(self, name: str, window: float = 0.0, most: int = 250) -> None:
        self.name = name
        self.window = window
        self.most = most  # events that leave together
        self.seq: int | None = None
        self.heard = 0
        self.busy = False
        self.members: dict[Connection, Subscription] = {}
        self.lanes: dict[Sight, Lane] = {}
        self.early: dict[int, Event] = {}
        self.changes = 0  # how often somebody came or left
        self.ungreeted: set[Subscription] = set()  # who came and was not told yet how many are here
        self._ahead: list[Subscription] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def behind(self) -> bool:
        return self.seq is not None and self.seq < self.heard

    # -- readers

    def join(self, connection: Connection, after: int) -> Subscription:
        """Register a reader, who is fed by a replay until `go_live`."""
        subscription = self.members[connection] = Subscription(connection, after)
        self.ungreeted.add(subscription)
        self.changes += 1
        return subscription

    def go_live(self, subscription: Subscription) -> None:
        """From here on this reader gets what the room gets. A replay may have read further than the room has come; then
        the room catches up first."""
        subscription.live = True
        if self.seq is None:
            self.seq = subscription.last
        if subscription.last > self.seq:
            self._ahead.append(subscription)
        else:
            self.flush()  # what waits is older than this reader
            self._lane(subscription.connection).join(subscription.connection)

    def leave(self, connection: Connection) -> None:
        subscription = self.members.pop(connection, None)
        if subscription is None:
            return
        self.changes += 1
        self.ungreeted.discard(subscription)
        if not subscription.live:
            return
        if subscription in self._ahead:
            self._ahead.remove(subscription)
        else:
            self._leave_lane(connection)

    def turn(self, connection: Connection, viewer: Viewer) -> None:
        """The reader sees less, or more, from here on: what waits leaves to them as they were."""
        subscription = self.members.get(connection)
        if subscription is None or not subscription.live or subscription in self._ahead:
            return  # whose frames are made one by one, by `connection.viewer`
        self.flush()
        self._leave_lane(connection)
        self.lanes.setdefault(viewer.sight, Lane()).join(connection)

    def _leave_lane(self, connection: Connection) -> None:
        if (lane := self.lanes.get(sight := connection.viewer.sight)) is not None:
            lane.leave(connection)
            if not lane:
                del self.lanes[sight]

    def _lane(self, connection: Connection) -> Lane:
        return self.lanes.setdefault(connection.viewer.sight, Lane())

    # -- frames

    def push(self, event: Event) -> None:
        """Give the next event to every live reader; the caller has made sure that it is the next."""
        self._take(event)
        if self._timer is None:
            self.flush()
            self._open_window()
        else:
            _coalesced.add()
        if self._ahead:
            self._let_in()

    def push_all(self, events: Sequence[Event]) -> None:
        """The same for several that are here already."""
        for event in events:
            self._take(event)
            if self._ahead:
                self._let_in()
        self.flush()

    def _take(self, event: Event) -> None:
        self.seq = event.seq
        full = False
        for sight, lane in self.lanes.items():
            frame = event.frame(*sight)
            lane.frames.append(frame)
            lane.size += frame.size
            full = full or lane.size >= TOGETHER or len(lane.frames) >= self.most
        if full:
            self.flush()

    def flush(self) -> None:
        """Let go what waits."""
        for lane in self.lanes.values():
            lane.flush()

    def announce(self, frame: Frame) -> None:
        """Give a frame that is not part of the log to every reader."""
        self.flush()
        for lane in self.lanes.values():
            lane.send([frame])
        for subscription in [s for s in self.members.values() if not s.live or s in self._ahead]:
            subscription.connection.push(frame)

    def reset(self, seq: int, frame: Frame) -> None:
        """What follows cannot be given: everybody is told, and stands at `seq`."""
        self.seq = self.heard = seq
        self.announce(frame)
        for subscription in self.members.values():
            subscription.last = seq
        self._let_in()

    def _let_in(self) -> None:
        self.flush()
        seq = self.seq or 0
        ready, self._ahead = [s for s in self._ahead if s.last <= seq], [s for s in self._ahead if s.last > seq]
        for subscription in ready:
            self._lane(subscription.connection).join(subscription.connection)

    # -- time

    def _open_window(self) -> None:
        if self.window:
            self._timer = asyncio.get_running_loop().call_later(self.window, self._window_ends)

    def _window_ends(self) -> None:
        self._timer = None
        if any(lane.frames for lane in self.lanes.values()):
            self.flush()
            self._open_window()

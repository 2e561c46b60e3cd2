"""The hub's book-keeping for one stream in this process."""

from dataclasses import dataclass, field

from realtime.connection import Connection
from realtime.events import Event, Frame

EARLY = 256
"""How many events may wait for an earlier one; beyond that the log is read anyway."""


@dataclass(slots=True, eq=False)
class Subscription:
    """`last` is the newest number this reader was given. Until `live` it is fed by its own replay."""

    connection: Connection
    last: int
    live: bool = False

    def push(self, event: Event) -> None:
        if self.live and event.seq > self.last:
            self.last = event.seq
            self.connection.push(event.frame(self.connection.viewer.language))


@dataclass(slots=True, eq=False)
class Room:
    """`seq` is the newest number given to the live readers (None before the first replay has told), `heard`
    the newest number known to exist. While `busy`, one task reads the log and nothing else may deliver."""

    name: str
    seq: int | None = None
    heard: int = 0
    busy: bool = False
    members: dict[Connection, Subscription] = field(default_factory=dict)
    early: dict[int, Event] = field(default_factory=dict)

    @property
    def behind(self) -> bool:
        return self.seq is not None and self.seq < self.heard

    def push(self, event: Event) -> None:
        """Give the next event to every live reader; the caller has made sure that it is the next."""
        self.seq = event.seq
        for subscription in self.members.values():
            subscription.push(event)

    def announce(self, frame: Frame) -> None:
        """Give a frame that is not part of the log to every reader."""
        for connection in list(self.members):
            connection.push(frame)

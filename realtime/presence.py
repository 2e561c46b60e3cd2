"""How many people have a stream open. Counted in Valkey, outside the log; without Valkey there is simply no
count.
"""

import asyncio
import logging
import time
from dataclasses import dataclass

from realtime import registry
from realtime.events import control_to_wire, frame
from realtime.hub import Hub
from realtime.rooms import Room
from realtime.valkey import ValkeyError, async_client

log = logging.getLogger("hiroba.live")

# One step for one stream, on Valkey's own clock: forget who expired, take out who left, refresh who is here,
# count. Atomic, so that two processes never count a half-updated set.
_COUNT = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local gone = tonumber(ARGV[2])
for i = 3, #ARGV do
  if i < 3 + gone then redis.call('ZREM', KEYS[1], ARGV[i])
  else redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('ZCARD', KEYS[1])
"""


SLICE = 50  # readers who are told in one turn of the loop

Call = tuple[list[str], list[str | int]]


@dataclass(slots=True)
class Count:
    """What is known of one stream: who of this process is in Valkey's set and since when, the number that is to be
    told, and the one that was. `seen` is the room's `changes` at the last look.
    """

    here: frozenset[str] = frozenset()
    refreshed: float = float("-inf")
    seen: int = -1
    pending: int | None = None
    told: int | None = None


class Presence:
    """Every `presence_every` seconds: count the streams whose readers changed, and tell them the new number
    once."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._counts: dict[str, Count] = {}

    def heard(self, counts: dict[str, int]) -> None:
        """Another process counted; our readers hear of it with the next tick."""
        for name, count in counts.items():
            if name in self.hub.rooms:
                self._counts.setdefault(name, Count()).pending = count

    async def run(self) -> None:
        while True:
            try:
                async with async_client() as client:
                    count = client.register_script(_COUNT)
                    while True:
                        await asyncio.sleep(self.hub.conf.presence_every)
                        counted = {name: await count(*call) for name, call in self._due()}
                        if changed := {name: n for name, n in counted.items() if self._is_news(name, n)}:
                            await client.publish(self.hub.conf.channel, control_to_wire(presence=changed))
                        await self._tell()
            except (ValkeyError, OSError) as error:
                for known in self._counts.values():
                    known.refreshed = float("-inf")  # whatever Valkey forgot, it is told again
                log.info("presence is not counted: %s", error)

    def _due(self) -> list[tuple[str, Call]]:
        """What to ask Valkey: streams whose readers here changed, and those whose entries would expire before long."""
        old = time.monotonic() - self.hub.conf.presence_ttl / 3
        rooms = self.hub.rooms
        gone = [name for name in self._counts if name not in rooms]
        due = [(name, self._call(name, self._counts.pop(name), None, fresh=False)) for name in gone]
        for name, room in list(rooms.items()):
            if not registry.has_presence(name):
                room.ungreeted.clear()
                continue
            known = self._counts.setdefault(name, Count())
            fresh = known.refreshed < old
            if fresh or room.changes != known.seen:
                due.append((name, self._call(name, known, room, fresh=fresh)))
        return due

    def _call(self, name: str, known: Count, room: Room | None, *, fresh: bool) -> Call:
        """Tell Valkey who left and who came; all who are here when their entries grow old."""
        here = frozenset(c.key for c in room.members) if room else frozenset()
        left, came = known.here - here, here if fresh else here - known.here
        known.here, known.seen = here, room.changes if room else -1
        if fresh:
            known.refreshed = time.monotonic()
        ttl = int(self.hub.conf.presence_ttl * 1000)
        return [f"{self.hub.conf.channel}:here:{name}"], [ttl, len(left), *left, *came]

    def _is_news(self, name: str, count: int) -> bool:
        known = self._counts.get(name)
        if known is None:  # nobody here any more; the others are to know
            return True
        known.pending = count
        return known.told != count

    async def _tell(self) -> None:
        """One frame per stream: to all when the number changed, else to those who have not heard it yet. Fifty readers
        at a time: an event that comes meanwhile does not wait for a thousand.
        """
        for name, known in list(self._counts.items()):
            room = self.hub.rooms.get(name)
            count = known.told if known.pending is None else known.pending
            known.pending = None
            if room is None or count is None:
                continue
            message = frame(type="presence", stream=name, count=count)
            readers = list(room.members) if count != known.told else [one.connection for one in room.ungreeted]
            room.ungreeted.clear()
            known.told = count
            for start in range(0, len(readers), SLICE):
                for connection in readers[start : start + SLICE]:
                    if name in connection.watching:
                        connection.push(message)
                await asyncio.sleep(0)

"""How many people have a stream open. Counted in Valkey, outside the log; without Valkey there is simply no
count.
"""

import asyncio
import logging
import time

from realtime import registry
from realtime.connection import Connection
from realtime.events import control_to_wire, frame
from realtime.hub import Hub
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


class Presence:
    """Every `presence_every` seconds: count the streams whose readers changed, and tell them the new number
    once."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._counted: dict[str, frozenset[str]] = {}
        self._refreshed: dict[str, float] = {}
        self._pending: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._greeted: dict[str, set[Connection]] = {}

    def heard(self, counts: dict[str, int]) -> None:
        """Another process counted; our readers hear of it with the next tick."""
        self._pending.update({name: count for name, count in counts.items() if name in self.hub.rooms})

    async def run(self) -> None:
        while True:
            try:
                async with async_client() as client:
                    count = client.register_script(_COUNT)
                    while True:
                        await asyncio.sleep(self.hub.conf.presence_every)
                        counts = {name: await count(*self._call(name)) for name in self._due()}
                        if changed := {n: c for n, c in counts.items() if self._told.get(n) != c}:
                            wire = control_to_wire(presence=changed)
                            await client.publish(self.hub.conf.channel, wire)
                        self._pending.update(changed)
                        self._tell()
            except (ValkeyError, OSError) as error:
                log.info("presence is not counted: %s", error)

    def _here(self, name: str) -> frozenset[str]:
        room = self.hub.rooms.get(name)
        return frozenset(c.viewer.key or c.id for c in room.members) if room else frozenset()

    def _due(self) -> list[str]:
        """Streams whose readers here changed, and those whose entries would expire before long."""
        names = {name for name in self.hub.rooms if registry.has_presence(name)} | self._counted.keys()
        old = time.monotonic() - self.hub.conf.presence_ttl / 3
        return [
            name
            for name in names
            if self._here(name) != self._counted.get(name, frozenset()) or self._refreshed.get(name, 0.0) < old
        ]

    def _call(self, name: str) -> tuple[list[str], list[str | int]]:
        here, before = self._here(name), self._counted.get(name, frozenset())
        gone = before - here
        if here:
            self._counted[name] = here
            self._refreshed[name] = time.monotonic()
        else:
            self._forget(name)
        ttl = int(self.hub.conf.presence_ttl * 1000)
        return [f"{self.hub.conf.channel}:here:{name}"], [ttl, len(gone), *gone, *here]

    def _forget(self, name: str) -> None:
        for known in (self._counted, self._refreshed, self._pending, self._told, self._greeted):
            known.pop(name, None)

    def _tell(self) -> None:
        """One frame per stream: to all when the number changed, else to those who have not heard it yet."""
        for name, room in self.hub.rooms.items():
            count = self._pending.pop(name, self._told.get(name))
            if count is None:
                continue
            heard = self._greeted.get(name, set()) if self._told.get(name) == count else set()
            message = frame(type="presence", stream=name, count=count)
            for connection in room.members.keys() - heard:
                connection.push(message)
            self._told[name] = count
            self._greeted[name] = set(room.members)

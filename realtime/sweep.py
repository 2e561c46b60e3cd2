"""What happens to all open sockets by the clock: heartbeat, idle and age limits, and the question who they
still are.
"""

import asyncio
import json
import logging
import time

from realtime import metrics
from realtime.connection import IDLE, RESTART, Connection
from realtime.events import Frame
from realtime.hub import Hub

log = logging.getLogger("hiroba.live")

SLICE = 50
"""Sockets that hear their beat in one turn of the loop. A round is spread over the whole interval."""

_loop_lag = metrics.histogram("hiroba_loop_lag_seconds", "How late the event loop comes to what is due.")


async def beat_forever(hub: Hub) -> None:
    """Tell every socket the newest numbers of its streams once in `beat` seconds, so that a lost last message heals."""
    while True:
        connections = list(hub.connections)
        turns = max(1, -(-len(connections) // SLICE))
        for turn in range(turns):
            await asyncio.sleep(hub.conf.beat / turns)
            frames: dict[tuple[str, ...], Frame] = {}
            for connection in connections[turn * SLICE : (turn + 1) * SLICE]:
                _beat(hub, connection, frames)


def _beat(hub: Hub, connection: Connection, frames: dict[tuple[str, ...], Frame]) -> None:
    instant, conf = time.monotonic(), hub.conf
    if instant - connection.heard > conf.idle:
        connection.close(IDLE)
    elif instant - connection.opened > conf.lifetime:
        connection.close(RESTART)
    else:
        key = tuple(sorted(connection.watching))
        if key not in frames:
            frames[key] = Frame(json.dumps({"type": "beat", "streams": _newest(hub, key)}, separators=(",", ":")))
        connection.push(frames[key])


def _newest(hub: Hub, names: tuple[str, ...]) -> dict[str, int]:
    newest = {}
    for name in names:
        room = hub.rooms.get(name)
        if room is not None and room.seq is not None:
            room.flush()  # a number must not overtake its event, or the page would fetch what is on its way
            newest[name] = room.heard
    return newest


async def recheck_forever(hub: Hub) -> None:
    """Ban, log-out and lost rights reach every socket within `recheck` seconds, even with no Valkey to say
    so.
    """
    while True:
        await asyncio.sleep(hub.conf.recheck)
        try:
            await hub.access.recheck_all()
        except Exception as error:  # the database may be away; the next round asks again
            log.warning("could not look the readers up again: %r", error)


async def watch_loop() -> None:
    """Measure how late a sleep ends: what every request and every event waits as well."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + 0.25
        await asyncio.sleep(0.25)
        _loop_lag.observe(max(0.0, clock() - due))

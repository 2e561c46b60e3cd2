"""What happens to all open sockets by the clock: heartbeat, idle and age limits, and the question who they
still are.
"""

import asyncio
import json
import logging
import time

from realtime.connection import IDLE, RESTART, Connection
from realtime.events import Frame
from realtime.hub import Hub

log = logging.getLogger("hiroba.live")


async def beat_forever(hub: Hub) -> None:
    """Tell every socket the newest numbers of its streams, so that a lost last message heals."""
    while True:
        await asyncio.sleep(hub.conf.beat)
        frames: dict[tuple[str, ...], Frame] = {}
        for count, connection in enumerate(list(hub.connections), start=1):
            _beat(hub, connection, frames)
            if count % 200 == 0:
                await asyncio.sleep(0)


def _beat(hub: Hub, connection: Connection, frames: dict[tuple[str, ...], Frame]) -> None:
    instant, conf = time.monotonic(), hub.conf
    if instant - connection.heard > conf.idle:
        connection.close(IDLE)
    elif instant - connection.opened > conf.lifetime:
        connection.close(RESTART)
    else:
        key = tuple(sorted(connection.watching))
        if key not in frames:
            streams = {n: r.heard for n in key if (r := hub.rooms.get(n)) is not None and r.seq is not None}
            frames[key] = Frame(json.dumps({"type": "beat", "streams": streams}, separators=(",", ":")))
        connection.push(frames[key])


async def recheck_forever(hub: Hub) -> None:
    """Ban, log-out and lost rights reach every socket within `recheck` seconds, even with no Valkey to say
    so.
    """
    while True:
        await asyncio.sleep(hub.conf.recheck)
        try:
            await hub.recheck_all()
        except Exception as error:  # the database may be away; the next round asks again
            log.warning("could not look the readers up again: %r", error)

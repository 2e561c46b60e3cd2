"""The one Valkey subscription of this process, and what keeps the hub whole when Valkey is not there."""

import asyncio
import json
import logging
import random
import time
from datetime import datetime
from typing import Any

from realtime import metrics
from realtime.events import Event
from realtime.hub import Hub
from realtime.presence import Presence
from realtime.valkey import ValkeyError, async_client

log = logging.getLogger("hiroba.live")

_lag = metrics.histogram(
    "hiroba_live_lag_seconds", "From the moment an event was written until it was given to the sockets of this process."
)

SILENCE = 3.0
"""A subscription that has not answered a ping for twice this long is dead, whatever its socket says."""


class Listener:
    """Feeds the hub from Valkey; `connected` says whether wake-ups can be expected."""

    def __init__(self, hub: Hub, presence: Presence) -> None:
        self.hub = hub
        self.presence = presence
        self.connected = False

    async def run(self) -> None:
        """Subscribe, listen, and after every loss read what was missed from the log and subscribe again."""
        delay = 0.1
        while True:
            try:
                await self._listen()
            except (ValkeyError, OSError, TimeoutError) as error:
                if self.connected:
                    log.warning("lost valkey, polling the log instead: %s", error)
                    delay = 0.1
            self.connected = False
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            delay = min(delay * 2, 2.0)

    async def _listen(self) -> None:
        async with async_client() as client, client.pubsub() as subscription:
            await subscription.subscribe(self.hub.conf.channel)
            heard = time.monotonic()
            while True:
                message = await subscription.get_message(timeout=SILENCE)
                if message is not None:
                    heard = time.monotonic()
                    await self._take(message)
                elif time.monotonic() - heard > 2 * SILENCE:
                    raise TimeoutError("no answer to a ping")
                else:
                    await subscription.ping()

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self.connected = True
            self.hub.spawn(self.hub.poll())  # what was published before we listened
        elif message["type"] == "message":
            try:
                self._dispatch(json.loads(message["data"]))
            except (ValueError, KeyError, TypeError) as error:
                log.warning("not a live message: %r", error)

    def _dispatch(self, message: dict[str, Any]) -> None:
        for row in message.get("e", ()):
            event = Event(*row)
            self.hub.deliver(event)
            _lag.observe(max(0.0, time.time() - datetime.fromisoformat(event.at).timestamp()))
        if newest := message.get("n"):
            self.hub.hint(newest)
        if counts := message.get("presence"):
            self.presence.heard(counts)
        if (user_id := message.get("revoke_user")) is not None:
            self.hub.access.revoke_user(user_id)
        if (session_key := message.get("revoke_session")) is not None:
            self.hub.access.revoke_session(session_key)
        for word in ("part", "rejoin"):
            if (pair := message.get(word)) is not None:
                self.hub.access.part(*pair, apart=word == "part")
        if (stream := message.get("revoke_stream")) is not None:
            self.hub.revoke_stream(stream)

    async def poll_forever(self) -> None:
        """The safety net under the wake-ups: a publish lost between commit and Valkey arrives within one
        poll.
        """
        conf = self.hub.conf
        while True:
            await asyncio.sleep(conf.poll if self.connected else min(conf.poll, conf.poll_when_down))
            await self._poll_once()

    async def _poll_once(self) -> None:
        try:
            await self.hub.poll()
        except Exception as error:  # a database that is away for a moment must not end the loop
            log.warning("could not poll the log: %r", error)

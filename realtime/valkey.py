"""The one door to Valkey (or Redis). Nothing here is the truth: every caller must live without it."""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from realtime.conf import live

log = logging.getLogger("hiroba.live")
T = TypeVar("T")

DOWN = (RedisError, OSError)
"""What a Valkey that cannot be used raises."""


@cache
def _client(url: str, timeout: float) -> redis.Redis:
    # One immediate retry, for broken connections only: after a restart every pooled connection is a dead one.
    # Never for time-outs, which would double what a hanging server costs.
    retry = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(
        url,
        protocol=2,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=retry,
        retry_on_timeout=False,
        max_connections=64,
    )


def client() -> redis.Redis:
    """The shared, pooled, thread-safe client; a call takes 0.25 s at most, then raises one of `DOWN`."""
    return _client(settings.REDIS_URL, 0.25)


def async_client() -> "redis.asyncio.Redis":
    """A new client for the running event loop. The caller closes it (`await client.aclose()`)."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        protocol=2,
        socket_timeout=5,
        socket_connect_timeout=2,
        retry=AsyncRetry(NoBackoff(), 0),
    )


class Breaker:
    """Stops asking a server that does not answer: one failure, then `pause` seconds of silence, then one
    probe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self.skipped = 0

    def attempt(self, call: Callable[[], T], *, default: T, pause: float) -> T:
        """`call()`, or `default` when Valkey fails or failed less than `pause` seconds ago. Never raises
        `DOWN`.
        """
        if not self._may_try(pause):
            self.skipped += 1
            return default
        try:
            result = call()
        except DOWN as error:
            with self._lock:
                self._closed_until = time.monotonic() + pause
            log.warning("valkey does not answer, skipping it for %.1f s: %s", pause, error)
            return default
        with self._lock:
            self._closed_until = 0.0
        return result

    def _may_try(self, pause: float) -> bool:
        with self._lock:
            instant = time.monotonic()
            if instant < self._closed_until:
                return False
            if self._closed_until:  # ours is the probe; the others keep skipping until it has answered
                self._closed_until = instant + pause
            return True


breaker = Breaker()
"""Shared by everything in this process that can do without an answer."""


def attempt(call: Callable[[redis.Redis], T], *, default: T) -> T:
    """`call(client())` behind the breaker: `default` when Valkey is down. For limits, caches, counters."""
    return breaker.attempt(lambda: call(client()), default=default, pause=live().publish_pause)


def publish(data: bytes) -> bool:
    """Wake every web process. Returns whether Valkey took it; adds `publish_timeout` at most, and never
    raises.
    """
    conf = live()

    def send() -> bool:
        _client(settings.REDIS_URL, conf.publish_timeout).publish(conf.channel, data)
        return True

    return breaker.attempt(send, default=False, pause=conf.publish_pause)

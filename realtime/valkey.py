"""The one door to Valkey (or Redis). Nothing here is the truth: every caller must live without it."""

import logging
import threading
import time
from functools import cache
from typing import Any, cast

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from realtime.conf import live

log = logging.getLogger("hiroba.live")

ValkeyError = redis.RedisError
"""What every call may raise; callers go on without an answer."""

DOWN = (redis.ConnectionError, redis.TimeoutError, OSError)
"""The kinds of it that mean: not there, or not in time."""


class Breaker:
    """Stops asking a server that does not answer: after a failure `pause` seconds of silence, then one probe.

    Without it a dead Valkey would cost every request its time-out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed_until = 0.0

    def enter(self, pause: float) -> None:
        """Raises redis.ConnectionError while the server is being left alone."""
        with self._lock:
            instant = time.monotonic()
            if instant < self._closed_until:
                raise redis.ConnectionError("Valkey did not answer a moment ago")
            if self._closed_until:  # ours is the probe; the others keep out until it has answered
                self._closed_until = instant + pause

    def failed(self, pause: float, error: Exception) -> None:
        with self._lock:
            news, self._closed_until = not self._closed_until, time.monotonic() + pause
        if news:
            log.warning("valkey does not answer, asking again every %.1f s: %s", pause, error)

    def answered(self) -> None:
        with self._lock:
            news, self._closed_until = bool(self._closed_until), 0.0
        if news:
            log.warning("valkey answers again")


breaker = Breaker()
"""Shared by every client of this process."""


class Client(redis.Redis):
    """A client behind the breaker: a call to a dead server fails at once, not after its time-out."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        pause = live().publish_pause
        breaker.enter(pause)
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except DOWN as error:
            breaker.failed(pause, error)
            raise
        except redis.ResponseError:
            breaker.answered()
            raise
        breaker.answered()
        return answer


def _url() -> str:
    return str(settings.REDIS_URL)


@cache
def _client(url: str, timeout: float) -> Client:
    # One immediate retry, for broken connections only: after a restart every pooled connection is a dead one.
    # Never for time-outs, which would double what a hanging server costs.
    retry = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return cast(
        "Client",
        Client.from_url(
            url,
            protocol=2,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=retry,
            max_connections=64,
        ),
    )


def client() -> Client:
    """The shared, pooled, thread-safe client. A call takes 0.25 s at most, then raises `ValkeyError`."""
    return _client(_url(), 0.25)


def async_client() -> redis.asyncio.Redis:
    """A new client for the running event loop. The caller closes it (`async with`)."""
    return redis.asyncio.Redis.from_url(
        _url(), protocol=2, socket_timeout=5, socket_connect_timeout=2, retry=AsyncRetry(NoBackoff(), 0)
    )


def publish(data: bytes) -> bool:
    """Wake every web process. Returns whether Valkey took it; adds `publish_timeout` at most; never raises."""
    conf = live()
    try:
        _client(_url(), conf.publish_timeout).publish(conf.channel, data)
    except (ValkeyError, OSError):
        return False
    return True

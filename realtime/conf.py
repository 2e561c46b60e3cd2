"""Settings of live delivery: `settings.LIVE` (a dict) over the defaults below, and `HIROBA_LIVE_<NAME>` over both."""

import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings

PREFIX = "HIROBA_LIVE_"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """Times are seconds, sizes bytes, counts plain numbers."""

    channel: str = "hiroba:live:1"  # one Valkey channel per site; two sites on one Valkey need two names
    keep_events: int = 10_000  # per stream; a reader further behind is told to reload (REL-8)
    keep_days: float = 7
    publish_timeout: float = 0.05  # the most a dead Valkey may add to one post
    publish_pause: float = 2.0  # after a failure nobody asks Valkey again for this long
    hint_above: int = 256 * 1024  # a batch larger than this is announced by number, and read from the log
    coalesce: float = 0.02  # after an event, those that follow within this time leave together; 0: each at once
    poll: float = 5.0  # how often the log is asked for what a lost wake-up hid
    poll_when_down: float = 2.0  # the same while Valkey cannot be reached
    beat: float = 20.0  # heartbeat to every socket
    recheck: float = 25.0  # session, member and streams of every socket are looked up again
    idle: float = 60.0  # a socket that has said nothing for this long is closed
    lifetime: float = 12 * 3600.0  # then the page opens a new one
    db_threads: int = 4
    opens_per_second: int = 150  # sockets beyond it wait for their turn, so that a storm leaves room for requests
    open_wait: float = 8.0  # the longest such wait; pages give up after 10 s
    frame_bytes: int = 16 * 1024  # S27
    messages_per_second: int = 20
    sockets_per_user: int = 5
    sockets_per_address: int = 20
    streams_per_socket: int = 30
    outbox_frames: int = 1_000  # a reader further behind than this is closed with 4408 and catches up
    outbox_bytes: int = 1024 * 1024
    outbox_wait: float = 8.0  # so is one that takes nothing for this long while something waits for it
    replay_batch: int = 100
    presence_every: float = 2.0
    presence_ttl: float = 30.0


_TYPES: dict[str, Callable[[str], Any]] = {field.name: type(field.default) for field in fields(LiveSettings)}
_made: tuple[dict[str, Any] | None, LiveSettings] | None = None


def live() -> LiveSettings:
    """The settings in force; long-lived objects read them once. Raises TypeError for a name that does not exist,
    ValueError for an environment variable that is no number.
    """
    global _made
    chosen: dict[str, Any] | None = getattr(settings, "LIVE", None)
    if _made is None or _made[0] is not chosen:  # a test may put another dict in its place
        _made = (chosen, LiveSettings(**{**(chosen or {}), **_from_environment()}))
    return _made[1]


def _from_environment() -> dict[str, Any]:
    found = {key.removeprefix(PREFIX).lower(): text for key, text in os.environ.items() if key.startswith(PREFIX)}
    return {name: _TYPES.get(name, str)(text) for name, text in found.items()}

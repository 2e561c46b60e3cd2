"""Rate limits: atomic, per person AND per address AND per target, counted before anything else is done (S20).

One script in Valkey decides about all buckets of a call at once, so of 100 parallel calls against a limit of 10
exactly 10 pass. The rules are data in `settings.LIMITS`:

    {"post_reply": {"user": (10, 60), "address": (60, 60), "target": (300, 60)}}     # (how many, per seconds)

A rule for "user.0" is one more bucket of those whom their community level 0 lets do less (or more) than others.

With Valkey down a call passes: the place stays open, and the log says so.
"""

import logging
import time
from collections.abc import Mapping
from typing import cast

from django.conf import settings
from django.utils.translation import gettext as _

from community.core.errors import TooSoon
from community.core.valkey import ValkeyError, client
from community.core.waiting import wait_words

log = logging.getLogger(__name__)

# A sliding window in two fixed ones: the last window counts by the part of it that still overlaps. Nothing is
# counted unless every bucket has room, so a refused call does not use up another bucket.
_TAKE = """
local now = tonumber(ARGV[1])
local worst = 0
for i = 1, #KEYS do
  local limit, span = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local window = math.floor(now / span)
  local past = tonumber(redis.call('GET', KEYS[i] .. ':' .. (window - 1)) or '0')
  local here = tonumber(redis.call('GET', KEYS[i] .. ':' .. window) or '0')
  local into = now - window * span
  if past * (span - into) / span + here + 1 > limit then
    local wait = span - into
    if wait > worst then worst = wait end
  end
end
if worst > 0 then return math.ceil(worst) end
for i = 1, #KEYS do
  local span = tonumber(ARGV[2 * i + 1])
  local key = KEYS[i] .. ':' .. math.floor(now / span)
  redis.call('INCR', key)
  redis.call('EXPIRE', key, 2 * span)
end
return 0
"""


def take(
    action: str,
    *,
    user_id: int | None = None,
    address: str | None = None,
    target: str | int | None = None,
    level: int | None = None,
) -> None:
    """Count one `action`; raises `TooSoon` with the seconds to wait when a bucket is full.

    `level` is the person's community level, where the action has rules for levels. Buckets without a value
    (`user_id=None` for a visitor) or without a rule are left out.
    """
    given: Mapping[str, str | int | None] = {"user": user_id, "address": address, "target": target}
    if level is not None:
        given = {**given, f"user.{level}": user_id}
    buckets = [
        (f"limit:{action}:{name}:{given[name]}", limit, span)
        for name, (limit, span) in settings.LIMITS.get(action, {}).items()
        if given.get(name) is not None
    ]
    wait = _ask(buckets) if buckets else 0
    if wait:
        raise TooSoon(
            _("That was a little fast. Please try again in %(wait)s; what you wrote is kept.")
            % {"wait": wait_words(wait)},
            retry_after=wait,
        )


def _ask(buckets: list[tuple[str, int, int]]) -> int:
    keys = [key for key, _limit, _span in buckets]
    numbers = [number for _key, limit, span in buckets for number in (limit, span)]
    try:
        return int(cast(int, client().eval(_TAKE, len(keys), *keys, time.time(), *numbers)))
    except ValkeyError:
        log.warning("limits_unavailable")
        return 0

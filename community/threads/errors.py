"""Refusals that only threads know."""

from community.core.errors import TooSoon


class SlowMode(TooSoon):
    """The thread wants a pause between two posts of one member."""

    default_code = "slow_mode"

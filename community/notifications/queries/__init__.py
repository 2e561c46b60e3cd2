"""Reads of inboxes, levels and preferences."""

from community.notifications.queries.inbox import Line, inbox, lines_of, sources_at, told_of
from community.notifications.queries.levels import Followed, followed, kinds_followed, level_of, levels_of
from community.notifications.queries.preferences import KindWays, preferences
from community.notifications.queries.standing import Standing, standing

__all__ = [
    "Followed",
    "KindWays",
    "Line",
    "Standing",
    "followed",
    "inbox",
    "kinds_followed",
    "level_of",
    "levels_of",
    "lines_of",
    "preferences",
    "sources_at",
    "standing",
    "told_of",
]

"""Reads of inboxes, levels and preferences."""

from community.notifications.queries.browsers import browser_of, browsers_of, is_listening
from community.notifications.queries.inbox import Line, inbox, lines_of, sources_at, still_unread, told_of
from community.notifications.queries.levels import (
    Followed,
    followed,
    kinds_followed,
    level_of,
    levels_of,
    spots_followed,
)
from community.notifications.queries.preferences import KindWays, preferences
from community.notifications.queries.standing import Standing, standing

__all__ = [
    "Followed",
    "KindWays",
    "Line",
    "Standing",
    "browser_of",
    "browsers_of",
    "followed",
    "inbox",
    "is_listening",
    "kinds_followed",
    "level_of",
    "levels_of",
    "lines_of",
    "preferences",
    "sources_at",
    "spots_followed",
    "standing",
    "still_unread",
    "told_of",
]

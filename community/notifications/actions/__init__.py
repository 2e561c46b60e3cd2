"""Writes of inboxes, one verb each. Every verb that touches notices holds the inbox of each member concerned."""

from community.notifications.actions.browsers import add_browser, forget_browsers, remove_browser
from community.notifications.actions.levels import set_level, stop_following
from community.notifications.actions.mails import write_due, write_to
from community.notifications.actions.preferences import Ways, set_preferences, unsubscribe
from community.notifications.actions.pushes import deliver, push_to
from community.notifications.actions.reading import arrive, mark_all_read, mark_read, undo_all_read
from community.notifications.actions.telling import look_again, settle, tell, withdraw_between

__all__ = [
    "Ways",
    "add_browser",
    "arrive",
    "deliver",
    "forget_browsers",
    "look_again",
    "mark_all_read",
    "mark_read",
    "push_to",
    "remove_browser",
    "set_level",
    "set_preferences",
    "settle",
    "stop_following",
    "tell",
    "undo_all_read",
    "unsubscribe",
    "withdraw_between",
    "write_due",
    "write_to",
]

"""Writes of threads, one verb per file.

Each opens its own unit of work, takes ids and plain values (never a request), asks the gate and the rule, writes, and
records what happened. Locks are taken in one order: thread, post, members by id, category, item, live log.

Rate limits are the edges' matter, because only they know the address: views and API call `core.limits.take` with
member, address and target before they call an action. Slow mode is the thread's own rule and is kept here.
"""

from community.threads.actions.accept_answer import accept_answer, unaccept_answer
from community.threads.actions.bookmarks import (
    forget_bookmarks,
    remind,
    remove_bookmark,
    restore_bookmark,
    save_bookmark,
    sweep_bookmarks,
)
from community.threads.actions.delete_post import delete_post, restore_post
from community.threads.actions.drafts import discard_draft, restore_draft, save_draft, settle_draft, sweep_drafts
from community.threads.actions.edit_post import edit_post
from community.threads.actions.feed import publish_all, publish_items, publish_threads, sweep_feed
from community.threads.actions.hide_revision import hide_revision
from community.threads.actions.manage_thread import lock_thread, move_thread, pin_thread, set_slow_mode
from community.threads.actions.open_thread import open_thread
from community.threads.actions.post_reply import ReplyDraft, draft_reply, post_reply, send_reply
from community.threads.actions.react import react
from community.threads.actions.reading import mark_all_read, mark_read, undo_all_read
from community.threads.actions.set_up_category import set_up_category
from community.threads.actions.writing import NewPicture

__all__ = [
    "NewPicture",
    "ReplyDraft",
    "accept_answer",
    "delete_post",
    "discard_draft",
    "draft_reply",
    "edit_post",
    "forget_bookmarks",
    "hide_revision",
    "lock_thread",
    "mark_all_read",
    "mark_read",
    "move_thread",
    "open_thread",
    "pin_thread",
    "post_reply",
    "publish_all",
    "publish_items",
    "publish_threads",
    "react",
    "remind",
    "remove_bookmark",
    "restore_bookmark",
    "restore_draft",
    "restore_post",
    "save_bookmark",
    "save_draft",
    "send_reply",
    "set_slow_mode",
    "set_up_category",
    "settle_draft",
    "sweep_bookmarks",
    "sweep_drafts",
    "sweep_feed",
    "unaccept_answer",
    "undo_all_read",
]

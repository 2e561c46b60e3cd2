"""What somebody who answers in a thread reads: what the rules and the new post's face ask for, and no more.

The wide rows of `gates` show a page; here people wait for each other at one row, so what is read is compiled once and
narrow, and what is read under the lock is the thread's own row alone.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from community.catalog.models import Item
from community.core.errors import NotVisible
from community.core.prepared import Given, Prepared
from community.core.verdicts import ensure
from community.members.permissions import Viewer
from community.threads.models import Post, State, Thread
from community.threads.permissions import can_see_thread
from community.threads.queries.posts import shown_items

# What changes while a thread is talked in, or is changed by those who look after it. A rule that asks for a field which
# is not here would be told what it was before the wait: a test goes through all fields.
LIVING = (
    *("category_id", "kind", "title", "slug", "item_id", "creator_id", "state", "last_number", "reply_count"),
    *("reaction_count", "last_post_at", "last_poster_id", "accepted_post_id", "hot_score"),
    *("pinned_at", "locked_at", "slow_mode_seconds"),
)
_PLACES = ("category_id", "item_id", "creator_id")

_THREAD: Prepared[Thread] = Prepared(
    lambda: (
        Thread.objects.select_related("category", "item__creator", "creator")
        .only(
            *(field.name for field in Thread._meta.concrete_fields),
            *("category__slug", "category__read_by", "category__opened_by"),
            *("item__creator", "item__creator__member", "item__creator__craft_started_year"),
            *("creator__member", "creator__craft_started_year"),
        )
        .filter(pk=Given("thread_id"))
    )
)
_ANSWERED: Prepared[Post] = Prepared(
    lambda: (
        Post.objects.select_related("author")
        .only("number", "thread", "answer_number", "author__handle", "author__display_name")
        .filter(pk=Given("post_id"), thread=Given("thread_id"), state=State.VISIBLE)
    )
)


def thread_to_answer(*, thread_id: int, viewer: Viewer) -> Thread:
    """A thread with what `can_reply` and the face of a new post ask for. Raises `NotVisible`. 1 query."""
    thread = _THREAD.first(thread_id=thread_id)
    if thread is None:
        raise NotVisible(_("There is no such thread."))
    ensure(can_see_thread(viewer, thread))
    return thread


def stands_now(thread: Thread, row: Sequence[Any] | None) -> Thread:
    """The thread as its row says it (its `LIVING` fields, read under the lock). Raises `NotVisible` when there is none.

    What hangs on it (category, item, maker) stays as it was read a moment ago, for nobody holds that for us in any
    case; a thread that was moved meanwhile is read anew, 1 query.
    """
    if row is None:
        raise NotVisible(_("There is no such thread."))
    now = dict(zip(LIVING, row, strict=True))
    if any(now[name] != getattr(thread, name) for name in _PLACES):
        again = _THREAD.first(thread_id=thread.pk)
        assert again is not None  # its row is locked
        return again
    for name, value in now.items():
        setattr(thread, name, value)
    return thread


def answered_post(*, thread: Thread, post_id: int) -> Post | None:
    """The post of this thread that is spoken to, with its author's name, if it can be read. 1 query."""
    return _ANSWERED.first(post_id=post_id, thread_id=thread.pk)


def cards_of(item_ids: Sequence[int]) -> list[Item]:
    """The items of a new text's cards, as `thread_posts` gives them. 2 queries, none without a card."""
    items = shown_items(set(item_ids)) if item_ids else {}
    return [items[item_id] for item_id in item_ids if item_id in items]

"""Stored counts. A thread's own change at once; those of members, categories and items, which other threads want as
well, are written by the last statements of the transaction (`work.tally`), so that nobody waits long for them. Always
in the order thread → members → category → item, so that two writers who touch several of them never wait for each other
in a circle.

What they mean (a test counts the rows and compares):
`Thread.reply_count` visible replies · `Thread.reaction_count` reactions to visible posts · `Category.thread_count`
visible threads · `Category.post_count` visible posts of visible threads · `Member.post_count` visible posts ·
`Member.thread_count` visible threads · `Member.accepted_count` accepted answers to other people's questions ·
`Item.thread_count`, `question_count`, `answered_count` visible threads, questions, and questions with an answer.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Model

from community.catalog.models import Item
from community.core.work import tally
from community.members.models import Member
from community.threads.models import Category, Post, State, Thread

PLACES: tuple[type[Model], ...] = (Member, Category, Item)
"""The order of locks after the thread's."""

_TALKED = "UPDATE catalog_item SET last_talk_at = greatest(last_talk_at, %s) WHERE id = %s"  # NULL loses


def change_thread(thread: Thread, **changes: Any) -> None:
    """The one UPDATE of the thread's row; counts come as `F("reply_count") + 1`, so that they add to what is stored."""
    Thread.objects.filter(pk=thread.pk).update(**changes)


def change_members(**changes: dict[int, int]) -> None:
    """Add per member and count: `post_count={7: 1}`."""
    for name, amounts in changes.items():
        for member_id, amount in amounts.items():
            _add(Member, member_id, **{name: amount})


def change_category(category_id: int, *, threads: int = 0, posts: int = 0) -> None:
    _add(Category, category_id, thread_count=threads, post_count=posts)


def change_item(item_id: int | None, *, talked_at: datetime | None = None, **amounts: int) -> None:
    """Add to an item's counts; `talked_at` moves its last talk forward."""
    if item_id is None:
        return
    _add(Item, item_id, **amounts)
    if talked_at is not None:
        tally(PLACES.index(Item), item_id, _TALKED, talked_at, merge=max)


def change_whole_thread(thread: Thread, *, sign: int) -> None:
    """Count a thread with all its visible posts in (`sign` +1) or out (-1) of its category and item.

    The thread's row and its authors' posts are the caller's.
    """
    change_category(thread.category_id, threads=sign, posts=sign * _visible_posts(thread))
    change_item(
        thread.item_id,
        thread_count=sign,
        question_count=sign * thread.is_question,
        answered_count=sign * (thread.is_question and thread.is_answered),
    )


def accepted_credit(thread: Thread, post: Post, amount: int) -> Counter[int]:
    """What an accepted answer adds to its author: nothing for answering oneself."""
    return Counter({post.author_id: amount}) if post.author_id != thread.author_id else Counter()


def newest_visible(thread: Thread) -> dict[str, Any]:
    """`last_post_at` and `last_poster_id` as the visible posts say; the opening when no other is left."""
    rows = Post.objects.filter(thread=thread, state=State.VISIBLE).order_by("-number")
    last = rows.values("created_at", "author_id").first()
    if last is None:
        return {"last_post_at": thread.created_at, "last_poster_id": thread.author_id}
    return {"last_post_at": last["created_at"], "last_poster_id": last["author_id"]}


def _visible_posts(thread: Thread) -> int:
    return thread.reply_count + 1


def _add(kind: type[Model], pk: int, **amounts: int) -> None:
    for name, amount in amounts.items():
        if amount:
            sql = f"UPDATE {kind._meta.db_table} SET {name} = {name} + %s WHERE id = %s"  # noqa: S608  our words
            tally(PLACES.index(kind), pk, sql, amount)

"""Stored counts. They change by F(), always in the order thread → members → category → item, so that two writers who
touch several of them never wait for each other in a circle.

What they mean (a test counts the rows and compares):
`Thread.reply_count` visible replies · `Thread.reaction_count` reactions to visible posts · `Category.thread_count`
visible threads · `Category.post_count` visible posts of visible threads · `Member.post_count` visible posts ·
`Member.thread_count` visible threads · `Member.accepted_count` accepted answers to other people's questions ·
`Item.thread_count`, `question_count`, `answered_count` visible threads, questions, and questions with an answer.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from community.catalog.models import Item
from community.members.models import Member
from community.threads.models import Category, Post, State, Thread


def change_thread(thread: Thread, **changes: Any) -> None:
    """The one UPDATE of the thread's row; counts come as `F("reply_count") + 1`, so that they add to what is stored."""
    Thread.objects.filter(pk=thread.pk).update(**changes)


def change_members(**changes: dict[int, int]) -> None:
    """Add per member and count: `post_count={7: 1}`. Members in the order of their ids."""
    by_member: dict[int, dict[str, int]] = {}
    for name, amounts in changes.items():
        for member_id, amount in amounts.items():
            if amount:
                by_member.setdefault(member_id, {})[name] = amount
    for member_id in sorted(by_member):
        Member.objects.filter(pk=member_id).update(**_added(by_member[member_id]))


def change_category(category_id: int, *, threads: int = 0, posts: int = 0) -> None:
    amounts = {name: n for name, n in {"thread_count": threads, "post_count": posts}.items() if n}
    if amounts:
        Category.objects.filter(pk=category_id).update(**_added(amounts))


def change_item(item_id: int | None, *, talked_at: datetime | None = None, **amounts: int) -> None:
    """Add to an item's counts; `talked_at` moves its last talk forward."""
    changes: dict[str, Any] = _added({name: n for name, n in amounts.items() if n})
    if talked_at is not None:
        changes["last_talk_at"] = Greatest("last_talk_at", talked_at)  # in PostgreSQL NULL loses
    if item_id is not None and changes:
        Item.objects.filter(pk=item_id).update(**changes)


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


def _added(amounts: dict[str, int]) -> dict[str, Any]:
    return {name: F(name) + amount for name, amount in amounts.items()}

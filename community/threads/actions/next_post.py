"""The rows of a reply, written in one round trip.

Everybody who talks in a thread waits for its row, and the fewer questions and answers travel while it is held, the
sooner the next one has it. So the lock, the count and the post go to the database together, as two statements that
PostgreSQL runs one after the other (psycopg sends a text of several statements as it is, with the values written into
it). What the thread counts comes first, because it takes the lock, and gives the post its number. The counts of member,
category and item, which other threads want as well, wait for the end (`counters`).

The moment of a post was taken before the lock; the later of it and of the last post is stored, so that times follow
numbers however long somebody waited.
"""

from functools import cache
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from community.threads.actions.counters import change_category, change_item, change_members
from community.threads.actions.heat import POST, SAME_VOICE, share
from community.threads.models import Post
from community.threads.queries.answering import LIVING, stands_now

# What a new post is made of; every other field has the model's default.
_GIVEN = ("thread_id", "author_id", "reply_to_id", "body", "body_html", "item_ids", "picture_count", "created_at")
# Of the thread's row as the first statement left it.
_MADE = {
    "number": "last_number",
    "created_at": "last_post_at",
    "answer_number": "coalesce(%(answer_number)s::int, last_number)",
}

# The score is `heat.warmer` in plain words: log2(2^old + 2^share). All of it stands on the row itself, and not on a
# second look at it: PostgreSQL makes it anew of the row that it finds after the wait.
_SHARE = "CASE last_poster_id WHEN %(author_id)s THEN %(again)s::float8 ELSE %(anew)s::float8 END"
_COUNT = f"""
UPDATE threads_thread SET last_number = last_number + 1, reply_count = reply_count + 1,
  last_post_at = greatest(last_post_at, %(created_at)s), last_poster_id = %(author_id)s,
  hot_score = greatest(hot_score, {_SHARE})
    + ln(1 + power(2, greatest(-abs(hot_score - {_SHARE}), -60))) / ln(2::float8)
WHERE id = %(thread_id)s RETURNING {", ".join(LIVING)}"""  # noqa: S608  our words


def write_reply(post: Post) -> None:
    """Store a new visible post as the next one of its thread, whose row it locks, and count it everywhere.

    Sets the post's id and number, and `post.thread` as it now stands; that may be another state than the one the rules
    were asked about, so ask them again. Raises `NotVisible` when the thread is gone.
    """
    thread, at = post.thread, post.created_at
    values: dict[str, Any] = {name: getattr(post, name) for name in _GIVEN} | {"item_ids": Jsonb(post.item_ids)}
    values["answer_number"] = post.answer_number or None
    shares = {"again": share(at, SAME_VOICE), "anew": share(at, POST)}
    with connection.cursor() as cursor:
        cursor.execute(f"{_COUNT};{_insert()}", values | shares)
        post.thread = stands_now(thread, cursor.fetchone())
        cursor.nextset()
        post.pk, post.number, post.created_at, post.answer_number = cursor.fetchone()
    post._state.adding = False
    _count(post)


def _count(post: Post) -> None:
    change_members(post_count={post.author_id: 1})
    change_category(post.thread.category_id, posts=1)
    change_item(post.thread.item_id, talked_at=post.created_at)


@cache
def _insert() -> str:
    """The INSERT; its columns come from the model, so that a new field is not forgotten here."""
    places = {name: f"%({name})s" for name in _GIVEN} | _MADE
    for field in Post._meta.concrete_fields:
        if not field.primary_key and field.column not in places:
            default = field.get_db_prep_save(field.get_default(), connection)
            places[str(field.column)] = connection.ops.compose_sql("%s", [default]).replace("%", "%%")  # type: ignore[attr-defined]
    names, values = ", ".join(places), ", ".join(places.values())
    return (
        f"INSERT INTO threads_post ({names}) SELECT {values} "  # noqa: S608  names and defaults of our model
        "FROM threads_thread WHERE id = %(thread_id)s RETURNING id, number, created_at, answer_number"
    )

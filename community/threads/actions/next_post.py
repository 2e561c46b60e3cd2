"""The rows of a reply, written in one round trip.

Everybody who talks in a thread waits for its row, and the fewer questions and answers travel while it is held, the
sooner the next one has it. So the lock, the post and the counts go to the database together, as six statements that
PostgreSQL runs one after the other, each seeing what the ones before it waited for (psycopg sends a text of several
statements as it is, with the values written into it). Their order is the order of locks of `counters`: thread → member
→ category → item. One statement with six parts (WITH …) would not do: PostgreSQL runs such parts in its own order.

The moment of a post was taken before the lock; the later of it and of the last post is stored, so that times follow
numbers however long somebody waited.
"""

from functools import cache
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from community.threads.actions.heat import POST, SAME_VOICE, share
from community.threads.models import Post
from community.threads.queries.answering import LOCK, stands_now

# What a new post is made of; every other field has the model's default.
_GIVEN = ("thread_id", "author_id", "reply_to_id", "body", "body_html", "item_ids", "picture_count", "created_at")
_MADE = {"number": "last_number + 1", "created_at": "greatest(%(created_at)s, last_post_at)"}

# The score is `heat.warmer` in plain words: log2(2^old + 2^share).
_COUNT = """
UPDATE threads_thread t SET last_number = last_number + 1, reply_count = reply_count + 1,
  last_post_at = greatest(last_post_at, %(created_at)s), last_poster_id = %(author_id)s,
  hot_score = greatest(hot_score, s.share) + ln(1 + power(2, greatest(-abs(hot_score - s.share), -60))) / ln(2::float8)
FROM (SELECT CASE last_poster_id WHEN %(author_id)s THEN %(again)s ELSE %(anew)s END::float8 AS share
      FROM threads_thread WHERE id = %(thread_id)s) s
WHERE t.id = %(thread_id)s RETURNING last_number, reply_count, last_post_at, last_poster_id, hot_score;
UPDATE members_member SET post_count = post_count + 1 WHERE id = %(author_id)s;
UPDATE threads_category SET post_count = post_count + 1
WHERE id = (SELECT category_id FROM threads_thread WHERE id = %(thread_id)s);
UPDATE catalog_item SET last_talk_at = greatest(last_talk_at, %(created_at)s)
WHERE id = (SELECT item_id FROM threads_thread WHERE id = %(thread_id)s)
"""
_COUNTED = ("last_number", "reply_count", "last_post_at", "last_poster_id", "hot_score")


def write_reply(post: Post) -> None:
    """Store a new visible post as the next one of its thread, whose row it locks, and count it everywhere.

    Sets the post's id and number, and `post.thread` as it now stands; that may be another state than the one the rules
    were asked about, so ask them again. Raises `NotVisible` when the thread is gone.
    """
    thread, at = post.thread, post.created_at
    values: dict[str, Any] = {name: getattr(post, name) for name in _GIVEN} | {"item_ids": Jsonb(post.item_ids)}
    shares = {"again": share(at, SAME_VOICE), "anew": share(at, POST)}
    with connection.cursor() as cursor:
        cursor.execute(f"{LOCK};{_insert()};{_COUNT}", values | shares)
        post.thread = stands_now(thread, cursor.fetchone())
        cursor.nextset()
        post.pk, post.number, post.created_at = cursor.fetchone()
        cursor.nextset()
        for name, value in zip(_COUNTED, cursor.fetchone(), strict=True):
            setattr(post.thread, name, value)
    post._state.adding = False


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
        "FROM threads_thread WHERE id = %(thread_id)s RETURNING id, number, created_at"
    )

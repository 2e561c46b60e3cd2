"""The rows of a reply, written in one round trip.

Everybody who talks in a thread waits for its row, and the fewer questions and answers travel while it is held, the
sooner the next one has it. So the post and the counts go to the database together, as five statements that PostgreSQL
runs one after the other (psycopg sends a text of several statements as it is, with the values written into it). Their
order is the order of locks of `counters`: thread → member → category → item. One statement with five parts (WITH …)
would not do: PostgreSQL runs such parts in an order of its own.
"""

from typing import Any

from django.db import connection

from community.threads.models import Post, Thread

_COUNT = """
UPDATE threads_thread SET last_number = %(number)s, reply_count = reply_count + 1,
  last_post_at = %(at)s, last_poster_id = %(author)s, hot_score = %(heat)s WHERE id = %(thread)s;
UPDATE members_member SET post_count = post_count + 1 WHERE id = %(author)s;
UPDATE threads_category SET post_count = post_count + 1 WHERE id = %(category)s;
UPDATE catalog_item SET last_talk_at = greatest(last_talk_at, %(at)s) WHERE id = %(item)s
"""


def write_reply(post: Post, thread: Thread, *, heat: float) -> None:
    """Store a new visible post and count it everywhere; the thread's row is locked by the caller.

    `heat` is the thread's new `hot_score`. Sets the post's id, and the thread's counts as they are now.
    """
    # Their columns come from the model, so that a new field is not forgotten here.
    columns = [field for field in Post._meta.concrete_fields if not field.primary_key]
    values: dict[str, Any] = {
        f"post_{field.column}": field.get_db_prep_save(getattr(post, field.attname), connection) for field in columns
    }
    names, places = ", ".join(str(field.column) for field in columns), ", ".join(f"%({name})s" for name in values)
    insert = f"INSERT INTO threads_post ({names}) VALUES ({places}) RETURNING id;"  # noqa: S608  names of our model
    counts = {
        "thread": thread.pk,
        "number": post.number,
        "at": post.created_at,
        "author": post.author_id,
        "heat": heat,
        "category": thread.category_id,
        "item": thread.item_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(insert + _COUNT, values | counts)
        [post.pk] = cursor.fetchone()
    post._state.adding = False
    _tell(thread, post, heat)


def _tell(thread: Thread, post: Post, heat: float) -> None:
    """The row at hand as it now stands: nobody else changes it while it is locked."""
    thread.last_number = post.number
    thread.reply_count += 1
    thread.last_post_at = post.created_at
    thread.last_poster_id = post.author_id
    thread.hot_score = heat

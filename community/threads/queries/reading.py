"""How far a member has read: one question for all rows of a page, one for the page of a thread.

A thread that the member opened has a position; what comes after it is unread. One that they never opened is new for two
weeks, if it was opened after they joined; then it counts as read, so that nobody drowns in what was there before them.
"All read" (`ReadMark`) holds for both. What is muted has nothing new: of a thread its own level goes before that of the
places it lies in, as it does for notices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from community.core.clock import now
from community.members.models import Member
from community.members.permissions import Viewer
from community.notifications.queries import is_quiet
from community.threads.models import Thread
from community.threads.permissions import listed_threads

NEW_FOR = timedelta(days=14)
# A mark is looked up among the newest posts only: who is further behind has "999+" to read either way.
FAR = 1000

# A mark may stand beyond the position: then the last number that was written before it counts.
_POSITIONS = """
SELECT thread.id, position.number, mark.before,
  CASE WHEN position.number < thread.last_number AND mark.before >= thread.created_at THEN
    (SELECT post.number FROM threads_post post
     WHERE post.thread_id = thread.id AND post.created_at <= mark.before
       AND post.number > greatest(position.number, thread.last_number - %(far)s)
     ORDER BY post.number DESC LIMIT 1) END
FROM threads_thread thread
  LEFT JOIN threads_readposition position ON position.thread_id = thread.id AND position.member_id = %(member)s
  LEFT JOIN LATERAL (
    SELECT max(one.before) AS before FROM threads_readmark one
    WHERE one.member_id = %(member)s AND (one.category_id IS NULL OR one.category_id = thread.category_id)
  ) mark ON true
WHERE thread.id = ANY(%(threads)s)
"""
# The levels that `is_quiet` asks for: of the thread itself, and of the places it lies in.
_LEVELS = """, (
  SELECT own.level FROM notifications_level own
  WHERE own.member_id = %(member)s AND own.kind = 'thread' AND own.target_id = found.id
), ARRAY(
  SELECT level.level FROM (
    SELECT 'category' AS kind, thread.category_id AS target_id
    UNION ALL SELECT 'member', thread.author_id
    UNION ALL SELECT 'item', thread.item_id
    UNION ALL SELECT 'shop', item.shop_id
    UNION ALL SELECT 'creator', coalesce(thread.creator_id, item.creator_id)
    UNION ALL SELECT 'tag', tagged.tag_id FROM threads_taggedthread tagged WHERE tagged.content_object_id = thread.id
  ) place JOIN notifications_level level USING (kind, target_id) WHERE level.member_id = %(member)s
)
"""
_NEWS = f"""
SELECT found.*{_LEVELS} FROM ({_POSITIONS}) found
  JOIN threads_thread thread ON thread.id = found.id
  LEFT JOIN catalog_item item ON item.id = thread.item_id
"""  # noqa: S608  our own words
# Threads by their ids, and of each item the latest of each kind: where there is more talk, what is new is among them.
_OF_LISTS = """
SELECT unnest(%s::bigint[]) UNION
SELECT latest.id FROM unnest(%s::bigint[]) item(id) CROSS JOIN unnest(%s::varchar[]) kind(name) CROSS JOIN LATERAL (
  SELECT thread.id FROM threads_thread thread
  WHERE thread.item_id = item.id AND thread.kind = kind.name AND thread.state = 'visible'
  ORDER BY thread.last_post_at DESC, thread.id DESC LIMIT 50
) latest
"""
# The same for the page of one thread, with what is known of the draft of a reply to it.
_PLACE = f"""
SELECT found.*, draft.sequence, draft.gone_at IS NULL
FROM ({_POSITIONS}) found
  LEFT JOIN threads_draft draft ON draft.member_id = %(member)s AND draft.context = %(context)s
"""  # noqa: S608  our own words


@dataclass(frozen=True, slots=True)
class News:
    """What a member has not read of a thread. `read` is the last number they read; 0 for a thread that is new to them,
    which counts as one thing whatever its length.
    """

    read: int
    unread: int


@dataclass(frozen=True, slots=True)
class ListNews:
    """What a member has not read, by the id of the thread; and how much that is about an item, by the item's id."""

    threads: Mapping[int, News]
    items: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member stands in one thread: the last number they read (0: never opened), and their draft there."""

    read: int = 0
    draft: int = 0  # its sequence; 0 where there never was one
    has_draft: bool = False

    @property
    def first_unread(self) -> int:
        """The number that comes next; 0 for a thread that was never opened."""
        return self.read + 1 if self.read else 0


def news_in_lists(*, viewer: Viewer, thread_ids: Sequence[int] = (), item_ids: Sequence[int] = ()) -> ListNews:
    """What is unread of the threads of a list, and about the items of one, as far as lists show it to the viewer.

    2 queries however many there are of either, none for a visitor.
    """
    if viewer.pk is None or not (thread_ids or item_ids):
        return ListNews({}, {})
    among = RawSQL(_OF_LISTS, [list(thread_ids), list(item_ids), Thread.Kind.values])  # noqa: S611  our own words
    rows = Thread.objects.filter(listed_threads(viewer), pk__in=among)
    threads = list(rows.only("created_at", "author_id", "last_number", "item_id"))
    news, items = news_of(viewer=viewer, threads=threads), dict.fromkeys(item_ids, 0)
    for thread in threads:
        if thread.pk in news and thread.item_id in items:
            items[thread.item_id] += news[thread.pk].unread
    asked = set(thread_ids)
    return ListNews(
        {pk: one for pk, one in news.items() if pk in asked}, {pk: count for pk, count in items.items() if count}
    )


def news_of(*, viewer: Viewer, threads: Sequence[Thread]) -> Mapping[int, News]:
    """What is unread, by thread id; threads that are read or muted are left out. 1 query, none for a visitor."""
    if not isinstance(viewer, Member) or not threads:
        return {}
    given: dict[str, Any] = {"member": viewer.pk, "threads": [thread.pk for thread in threads], "far": FAR}
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, given)
        known = {pk: rest for pk, *rest, own, places in cursor.fetchall() if not is_quiet(own, places)}
    horizon = max(viewer.joined_at, now() - NEW_FOR)
    found = {}
    for thread in threads:
        if thread.pk in known and (news := _news(thread, viewer, horizon, *known[thread.pk])) is not None:
            found[thread.pk] = news
    return found


def _news(
    thread: Thread, viewer: Member, horizon: datetime, position: int | None, before: datetime | None, marked: int | None
) -> News | None:
    if position is None:
        since = max(horizon, before) if before else horizon
        is_new = thread.created_at > since and thread.author_id != viewer.pk
        return News(read=0, unread=1) if is_new else None
    read = max(position, marked or 0)
    return News(read=read, unread=thread.last_number - read) if read < thread.last_number else None


def place_in(*, viewer: Viewer, thread: Thread) -> Place:
    """Where the viewer stands in this thread. 1 query, none for a visitor."""
    if viewer.pk is None:
        return Place()
    given: dict[str, Any] = {"member": viewer.pk, "threads": [thread.pk], "far": FAR, "context": f"reply:{thread.pk}"}
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, given)
        row = cursor.fetchone()
    if row is None:
        return Place()
    _pk, position, _before, marked, sequence, alive = row
    return Place(max(position or 0, marked or 0), sequence or 0, bool(sequence and alive))

"""What is new at each place that can be followed, kept ready for personal feeds (`FeedEntry`).

Jobs call this after something happened; it looks at the rows as they are then, and makes the entries what they have to
be: missing ones are written, those that are not so any more go. So a job may be late, or be done twice.

New are threads, items, and of replies those that people look for: accepted answers, and what makers write.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from community.catalog.models import Item
from community.catalog.permissions import visible_items
from community.core import facts
from community.core.clock import now
from community.core.work import unit
from community.members.permissions import VISITOR
from community.threads.facts import FeedGrew
from community.threads.models import FeedEntry, Thread
from community.threads.permissions import visible_threads

KEEP = timedelta(days=365)  # what is older is no news
BATCH = 200
MANY = 20  # new things at once, of which open feeds are told that there are some, not where

# Where each thread lies. A thread on an item's page is also about the item's maker and shop.
_ABOUT = """
about AS (
  SELECT t.id, t.category_id, t.author_id, t.created_at, t.accepted_post_id, t.item_id, item.shop_id,
    coalesce(t.creator_id, item.creator_id) AS creator_id
  FROM threads_thread t LEFT JOIN catalog_item item ON item.id = t.item_id
  WHERE t.id = ANY(%(threads)s) AND t.state = 'visible'
), spots AS (
  SELECT id AS thread_id, 'category' AS kind, category_id AS target_id FROM about
  UNION ALL SELECT id, 'item', item_id FROM about WHERE item_id IS NOT NULL
  UNION ALL SELECT id, 'shop', shop_id FROM about WHERE shop_id IS NOT NULL
  UNION ALL SELECT id, 'creator', creator_id FROM about WHERE creator_id IS NOT NULL
  UNION ALL SELECT of.content_object_id, 'tag', of.tag_id
    FROM threads_taggedthread of JOIN about ON about.id = of.content_object_id
), things AS (
  SELECT 'thread' AS source, id AS source_id, id AS thread_id, author_id, created_at AS at FROM about
  WHERE %(post)s::bigint IS NULL
  UNION ALL
  SELECT 'reply', p.id, p.thread_id, p.author_id,
    CASE WHEN p.id = about.accepted_post_id THEN coalesce(%(accepted)s::timestamptz, p.created_at) ELSE p.created_at END
  FROM threads_post p JOIN about ON about.id = p.thread_id
  WHERE p.number > 1 AND p.state = 'visible' AND (%(post)s::bigint IS NULL OR p.id = %(post)s)
    AND (p.id = about.accepted_post_id OR EXISTS (SELECT FROM catalog_creator c WHERE c.member_id = p.author_id))
), places AS (
  SELECT source, source_id, thread_id, at, kind, target_id FROM things JOIN spots USING (thread_id)
  UNION SELECT source, source_id, thread_id, at, 'member', author_id FROM things
  UNION SELECT source, source_id, thread_id, at, 'thread', thread_id FROM things
  UNION SELECT source, source_id, thread_id, at, 'creator', c.id
    FROM things JOIN catalog_creator c ON c.member_id = things.author_id
)"""
_ITEMS = """
things AS (
  SELECT 'item' AS source, id AS source_id, NULL::bigint AS thread_id, published_at AS at, shop_id, creator_id
  FROM catalog_item WHERE id = ANY(%(items)s) AND state <> 'withdrawn'
), places AS (
  SELECT source, source_id, thread_id, at, 'shop' AS kind, shop_id AS target_id FROM things
  UNION SELECT source, source_id, thread_id, at, 'item', source_id FROM things
  UNION SELECT source, source_id, thread_id, at, 'creator', creator_id FROM things WHERE creator_id IS NOT NULL
  UNION SELECT source, source_id, thread_id, at, 'tag', of.tag_id
    FROM things JOIN catalog_taggeditem of ON of.content_object_id = source_id
)"""
# A thread and an item are places of their own: to be muted by, not to be followed by.
_WRITE = """
, wanted AS (
  SELECT places.*, array_agg(kind || ':' || target_id) OVER (PARTITION BY source, source_id) AS all_places FROM places
  WHERE at > %(since)s
), shown AS (
  SELECT * FROM wanted WHERE (source, kind) <> ('thread', 'thread') AND (source, kind) <> ('item', 'item')
), gone AS (
  DELETE FROM threads_feedentry e WHERE {scope} AND NOT EXISTS (
    SELECT FROM shown WHERE (shown.source, shown.source_id, shown.kind, shown.target_id)
      = (e.source, e.source_id, e.kind, e.target_id))
)
INSERT INTO threads_feedentry AS e (kind, target_id, at, source, source_id, thread_id, places)
SELECT kind, target_id, at, source, source_id, thread_id, all_places FROM shown
ORDER BY source, source_id, kind, target_id
ON CONFLICT (source, source_id, kind, target_id) DO UPDATE SET places = excluded.places
WHERE e.places <> excluded.places
RETURNING e.source, e.source_id, e.thread_id, e.places, xmax = 0 AS is_new
"""


class Fresh(NamedTuple):
    """Something that was not in feeds before, and all places that it lies in."""

    source: str
    source_id: int
    thread_id: int | None
    places: tuple[str, ...]

    @property
    def author_id(self) -> int | None:
        spots = (spot.partition(":") for spot in self.places)
        return next((int(pk) for kind, _colon, pk in spots if kind == "member"), None)


_OF_THREADS = """e.thread_id = ANY(%(threads)s)
    AND (%(post)s::bigint IS NULL OR (e.source = 'reply' AND e.source_id = %(post)s))"""
_OF_ITEMS = "e.source = 'item' AND e.source_id = ANY(%(items)s)"
_THREADS = f"WITH {_ABOUT}{_WRITE.format(scope=_OF_THREADS)}"
_THINGS = f"WITH {_ITEMS}{_WRITE.format(scope=_OF_ITEMS)}"


@unit
def publish_threads(thread_ids: Sequence[int], *, post_id: int | None = None, accepted: datetime | None = None) -> None:
    """Have feeds show what there is of these threads now; `post_id`: of this reply alone. One that is known keeps its
    place in time, one that was `accepted` just now is new at that moment. 1 query, 2 where something is new.
    """
    given = {"threads": list(thread_ids), "post": post_id, "accepted": accepted}
    _write(_THREADS, given)


@unit
def publish_items(item_ids: Sequence[int]) -> None:
    """The same for items. As many queries."""
    _write(_THINGS, {"items": list(item_ids)})


def publish_all() -> None:
    """Make the entries of everything that is new enough anew, `BATCH` threads or items a transaction."""
    for rows, publish in (
        (Thread.objects.filter(last_post_at__gt=now() - KEEP), publish_threads),
        (Item.objects.filter(published_at__gt=now() - KEEP), publish_items),
    ):
        after = 0
        while ids := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            publish(ids)
            after = ids[-1]


def sweep_feed() -> int:
    """Forget what is a year old; returns how many rows went."""
    return FeedEntry.objects.filter(at__lt=now() - KEEP).delete()[0]


def _write(sql: str, given: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, given | {"since": now() - KEEP})
        rows = cursor.fetchall()
    # A row for each place that the thing is shown at; all of them say all places.
    fresh = {
        (source, pk): Fresh(source, pk, thread_id, tuple(places))
        for source, pk, thread_id, places, is_new in rows
        if is_new
    }
    if fresh:
        _tell(list(fresh.values()))


def _tell(fresh: Sequence[Fresh]) -> None:
    """Have open feeds hear of it. Where it lies is said of what everybody may see."""
    if len(fresh) > MANY:
        facts.record(FeedGrew())
        return
    seen = _seen_by_all(fresh)
    for one in fresh:
        places = one.places if _thing(one) in seen else ()
        facts.record(FeedGrew(places, one.author_id))


def _seen_by_all(fresh: Iterable[Fresh]) -> set[tuple[str, int]]:
    ids: dict[str, set[int]] = {"thread": set(), "item": set()}
    for kind, pk in map(_thing, fresh):
        ids[kind].add(pk)
    found: set[tuple[str, int]] = set()
    if ids["thread"]:
        threads = Thread.objects.filter(visible_threads(VISITOR), pk__in=ids["thread"])
        found |= {("thread", pk) for pk in threads.values_list("pk", flat=True)}
    if ids["item"]:
        items = Item.objects.filter(visible_items(VISITOR), pk__in=ids["item"])
        found |= {("item", pk) for pk in items.values_list("pk", flat=True)}
    return found


def _thing(one: Fresh) -> tuple[str, int]:
    """What decides who may see it: of a reply, its thread."""
    return ("item", one.source_id) if one.thread_id is None else ("thread", one.thread_id)

"""What is new in what a member follows: one walk over the places they follow, each by its own part of one index.

Of each place no more than one page is looked at, of most one entry. That is enough: what stands on the page of the feed
is among the first of any place it lies in. What was muted or blocked is left out there, by the row itself; what may not
be seen (any more) is asked again when the rows are read.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils.dateparse import parse_datetime

from community.catalog.models import Item
from community.catalog.permissions import visible_items
from community.catalog.queries.items import with_card_parts
from community.core.errors import Invalid
from community.core.paging import decode_cursor, encode_cursor
from community.core.text import plain_text
from community.members.models import Member
from community.members.queries import blocked_with
from community.notifications import registry
from community.notifications.registry import Place, Spot
from community.threads.models import Category, Post, Thread
from community.threads.permissions import visible_categories, visible_posts, visible_threads
from community.threads.queries.lists import with_parts
from community.threads.queries.reading import news_of

PAGE = 20
EXCERPT = 200
# First the newest of each place alone: where so many things are a page, nothing older than the last of them can be on
# it, and most places need not be looked at any further.
_OF_PLACE = """
  SELECT e.at, e.source, e.source_id FROM threads_feedentry e
  WHERE e.kind = mine.kind AND e.target_id = mine.target_id{before}{since}
    AND NOT e.places && (SELECT places FROM shut)
  ORDER BY e.at DESC, e.source DESC, e.source_id DESC LIMIT {most}
"""
_WALK = f"""
WITH mine AS MATERIALIZED (
  SELECT kind, target_id FROM notifications_level WHERE member_id = %(me)s AND level IN ('track', 'watch')
), shut AS MATERIALIZED (
  SELECT (%(shut)s || ARRAY(
    SELECT kind || ':' || target_id FROM notifications_level WHERE member_id = %(me)s AND level = 'mute'
  ))::varchar[] AS places
), newest AS (
  SELECT DISTINCT new.* FROM mine CROSS JOIN LATERAL ({_OF_PLACE.format(before="{before}", since="", most=1)}) new
  ORDER BY at DESC LIMIT %(most)s
), since AS MATERIALIZED (
  SELECT CASE WHEN count(*) = %(most)s THEN min(at) ELSE '-infinity' END AS at FROM newest
), page AS (
  SELECT DISTINCT new.* FROM mine CROSS JOIN LATERAL (
    {_OF_PLACE.format(before="{before}", since=" AND e.at >= (SELECT at FROM since)", most="%(most)s")}
  ) new ORDER BY at DESC, source DESC, source_id DESC LIMIT %(most)s
)
SELECT page.at, page.source, page.source_id, ARRAY(
  SELECT mine.kind || ':' || mine.target_id FROM threads_feedentry e JOIN mine USING (kind, target_id)
  WHERE e.source = page.source AND e.source_id = page.source_id)
FROM page ORDER BY page.at DESC, page.source DESC, page.source_id DESC
"""  # noqa: S608  our own words
_BEFORE = " AND (e.at, e.source, e.source_id) < (%(at)s, %(source)s, %(source_id)s)"


class New(NamedTuple):
    """Something new, and the places it is shown for."""

    at: datetime
    source: str
    source_id: int
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in a feed, with what a line of it shows."""

    post: Post
    excerpt: str
    accepted: bool
    unread: bool


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A line of the feed: a thread (with all its parts), a reply or an item, and why it is there."""

    at: datetime
    kind: str
    thing: Thread | Reply | Item
    reasons: tuple[tuple[str, Place], ...]  # the kind of place, and the place

    @property
    def key(self) -> str:
        """What it is, in one word: "thread.5"."""
        return f"{self.kind}.{self.thing.post.pk if isinstance(self.thing, Reply) else self.thing.pk}"


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the feed; `next` goes into `cursor`, None at the end."""

    rows: Sequence[FeedRow]
    next: str | None


def feed(*, member: Member, cursor: str = "", size: int = PAGE) -> Feed:
    """What is new in what the member follows, the latest first. Raises `Invalid` for a foreign cursor.

    22 queries at most, however much they follow: 3 to 5 for the walk, the rest for the rows and the names of places.
    """
    found = _walk(member, cursor, size + 1)
    news, more = found[:size], len(found) > size
    last = news[-1] if news else None
    after = encode_cursor([last.at, last.source, last.source_id]) if last and more else None
    return Feed(_rows(member, news), after)


def news_of_feed(*, member: Member, shown: Collection[tuple[str, int]], last: str = "") -> int:
    """How much stands on the first page of the feed now, and may be seen, that a page which shows `shown` (kinds and
    ids) does not have; `PAGE + 1` at most. `last` is the cursor that page ended with, "" if it had all there was: what
    has moved up from behind it is not new. 9 queries at most. Raises `Invalid` for a foreign cursor.
    """
    end = tuple(_position(last).values()) if last else None
    fresh: dict[str, list[int]] = defaultdict(list)
    for one in _walk(member, "", PAGE + 1):
        if (one.source, one.source_id) not in shown and (end is None or one[:3] > end):
            fresh[one.source].append(one.source_id)
    things: dict[str, Any] = {
        "thread": Thread.objects.filter(visible_threads(member)),
        "reply": Post.objects.filter(visible_posts(member)),
        "item": Item.objects.filter(visible_items(member)),
    }
    return sum(len(things[kind].filter(pk__in=ids).values_list("pk")) for kind, ids in fresh.items())


def _walk(member: Member, cursor: str, most: int) -> list[New]:
    shut = [f"member:{pk}" for pk in (member.pk, *blocked_with(member.pk))]
    closed = Category.objects.exclude(visible_categories(member)).values_list("pk", flat=True)
    shut += [f"category:{pk}" for pk in closed]
    given: dict[str, Any] = {"me": member.pk, "shut": shut, "most": most}
    with connection.cursor() as rows:
        rows.execute(_WALK.format(before=_BEFORE if cursor else ""), given | (_position(cursor) if cursor else {}))
        return [New(at, source, pk, tuple(map(_spot, spots))) for at, source, pk, spots in rows.fetchall()]


def _position(cursor: str) -> dict[str, Any]:
    _back, (at, source, source_id) = decode_cursor(cursor, length=3)
    try:
        moment = parse_datetime(str(at))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not isinstance(source_id, int) or not 0 < source_id < 2**63:
        raise Invalid("This cursor is none of ours.", code="cursor_invalid", field="cursor")
    return {"at": moment, "source": str(source), "source_id": source_id}


def _rows(member: Member, news: Sequence[New]) -> list[FeedRow]:
    """As far as the member may see them; what was taken down a moment ago is left out."""
    ids: dict[str, list[int]] = defaultdict(list)
    for one in news:
        ids[one.source].append(one.source_id)
    things: dict[tuple[str, int], Thread | Reply | Item] = {}
    things |= {("thread", thread.pk): thread for thread in _threads(member, ids["thread"])}
    things |= {("reply", reply.post.pk): reply for reply in _replies(member, ids["reply"])}
    things |= {("item", item.pk): item for item in _items(member, ids["item"])}
    shown = [one for one in news if (one.source, one.source_id) in things]
    places = _places(member, shown)
    return [
        FeedRow(
            one.at,
            one.source,
            things[one.source, one.source_id],
            tuple((kind, places[kind, pk]) for kind, pk in sorted(one.spots) if (kind, pk) in places),
        )
        for one in shown
    ]


def _threads(member: Member, ids: list[int]) -> list[Thread]:
    if not ids:
        return []
    seen = Thread.objects.filter(visible_threads(member), pk__in=ids).only("pk")
    return with_parts(seen)[0]


def _replies(member: Member, ids: list[int]) -> list[Reply]:
    if not ids:
        return []
    seen = Post.objects.filter(visible_posts(member), pk__in=ids)
    posts = list(seen.select_related("thread__category", "author__avatar"))
    unread = news_of(viewer=member, threads=[post.thread for post in posts])
    return [
        Reply(
            post,
            plain_text(post.body, limit=EXCERPT),
            accepted=post.thread.accepted_post_id == post.pk,
            unread=post.thread_id in unread and post.number > unread[post.thread_id].read,
        )
        for post in posts
    ]


def _items(member: Member, ids: list[int]) -> list[Item]:
    if not ids:
        return []
    return list(with_card_parts(Item.objects.filter(visible_items(member), pk__in=ids)))


def _places(member: Member, news: Sequence[New]) -> Mapping[Spot, Place]:
    ids: dict[str, set[int]] = defaultdict(set)
    for one in news:
        for kind, pk in one.spots:
            ids[kind].add(pk)
    found: dict[Spot, Place] = {}
    for kind, wanted in ids.items():
        look = registry.places_of(kind)
        found |= {(kind, pk): place for pk, place in (look(member, sorted(wanted)) if look else {}).items()}
    return found


def _spot(text: str) -> Spot:
    kind, _colon, number = text.partition(":")
    return kind, int(number)

"""The front page: what is being said now, what is new, what waits for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from community.catalog import queries as catalog
from community.catalog.models import Creator, Item, Tag
from community.core.clock import now
from community.members.permissions import Viewer
from community.threads import queries as threads
from community.threads.models import Thread

LIVELY = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class FrontPage:
    """Lists of the front page; each may be empty."""

    lively: Sequence[Thread]
    fresh: Sequence[Thread]
    trending: Sequence[Thread]
    unanswered: Sequence[Thread]
    items: Sequence[Item]
    creators: Sequence[Creator]
    tags: Sequence[Tag]


def front_page(*, viewer: Viewer) -> FrontPage:
    """A thread is shown in one list only, the first that it fits in."""
    latest = threads.list_threads(viewer=viewer, size=24, with_pinned=True, bare=True).rows
    hot = threads.list_threads(viewer=viewer, sort="hot", size=12, bare=True).rows
    waiting = threads.list_threads(viewer=viewer, sort="unanswered", size=8, bare=True).rows
    lively = [row for row in latest if row.last_post_at > now() - LIVELY and row.reply_count][:3]
    shown = {row.pk for row in lively}
    unanswered = _fresh_of(waiting, shown, 5)
    fresh = _fresh_of(latest, shown, 5)
    trending = _fresh_of(hot, shown, 4)
    lively, unanswered, fresh, trending = threads.with_parts(lively, unanswered, fresh, trending)
    return FrontPage(
        lively=lively,
        fresh=fresh,
        trending=trending,
        unanswered=unanswered,
        items=catalog.list_items(viewer=viewer, state=Item.State.ON_SALE, size=10).rows,
        creators=catalog.list_creators(viewer=viewer, size=4).rows,
        tags=catalog.popular_tags(limit=16),
    )


def _fresh_of(rows: Sequence[Thread], shown: set[int], most: int) -> list[Thread]:
    found = [row for row in rows if row.pk not in shown][:most]
    shown.update(row.pk for row in found)
    return found

"""What a member keeps for later. What it shows of threads, replies and items is read when it is shown, by the rules of
that moment: of what was taken down there is a line without a word of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from community.catalog.models import Item
from community.catalog.permissions import visible_items
from community.core.paging import Slice, cut
from community.core.text import plain_text
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.models import Bookmark, Post, Thread
from community.threads.permissions import visible_posts, visible_threads

PAGE = 20
EXCERPT = 160
AT_ONCE = 200  # marks that one page asks for
SHOWS: Mapping[str, Q] = {
    "all": Q(),
    "reminders": Q(remind_at__isnull=False, reminded_at=None),
    "threads": Q(thread__isnull=False),
    "replies": Q(post__isnull=False),
    "items": Q(item__isnull=False),
}
Spot = tuple[str, int]
"""What is kept: ("post", 5)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a bookmark leads to, as its member may see it."""

    title: str
    url: str
    excerpt: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class BookmarkRow:
    """A line of the list. `kept` is None where it is gone, or not for its member any more."""

    bookmark: Bookmark
    kept: Kept | None


def list_bookmarks(
    *, member: Member, show: str = "all", cursor: str = "", size: int = PAGE
) -> tuple[list[BookmarkRow], Slice[Bookmark]]:
    """A slice of what the member keeps, the latest first; reminders by their time. 4 queries at most."""
    mine = Bookmark.objects.filter(SHOWS.get(show, Q()), member=member, gone_at=None)
    order = ("remind_at", "id") if show == "reminders" else ("-created_at", "-id")
    found = cut(mine, by=order, size=size, cursor=cursor)
    kept = kept_of(member, [(row.kind, row.target_id) for row in found.rows])
    return [BookmarkRow(row, kept.get((row.kind, row.target_id))) for row in found.rows], found


def get_bookmark(*, member: Member, kind: str, target_id: int) -> Bookmark | None:
    """The member's bookmark of it, if there is one. 1 query."""
    if kind not in ("thread", "post", "item"):
        return None
    return Bookmark.objects.filter(member=member, gone_at=None, **{kind: target_id}).first()


def marks_among(*, viewer: Viewer, spots: Collection[Spot]) -> dict[Spot, datetime | None]:
    """Which of these the viewer keeps, each with the reminder that is still to come. 1 query, none for a visitor."""
    if viewer.pk is None or not spots:
        return {}
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, pk in spots:
        ids[kind].append(pk)
    # Columns without joins, so that each part is looked up in its own unique index.
    any_of = Q(thread_id__in=ids["thread"]) | Q(post_id__in=ids["post"]) | Q(item_id__in=ids["item"])
    rows = Bookmark.objects.filter(any_of, member=viewer.pk, gone_at=None)
    return {(row.kind, row.target_id): row.remind_at if row.waits else None for row in rows}


def kept_of(viewer: Viewer, spots: Sequence[Spot]) -> dict[Spot, Kept]:
    """What these are, as far as the viewer may see them now. 1 query for each kind there is."""
    found: dict[Spot, Kept] = {}
    if ids := [pk for kind, pk in spots if kind == "thread"]:
        threads = Thread.objects.filter(visible_threads(viewer), pk__in=ids).select_related("author")
        for thread in threads:
            found["thread", thread.pk] = Kept(thread.title, thread.get_absolute_url(), by=thread.author.display_name)
    if ids := [pk for kind, pk in spots if kind == "post"]:
        posts = Post.objects.filter(visible_posts(viewer), pk__in=ids).select_related("thread", "author")
        for post in posts:
            words = plain_text(post.body, limit=EXCERPT)
            found["post", post.pk] = Kept(
                post.thread.title, post.get_absolute_url(), words, by=post.author.display_name
            )
    if ids := [pk for kind, pk in spots if kind == "item"]:
        items = Item.objects.filter(visible_items(viewer), pk__in=ids).select_related("creator")
        for item in items:
            maker = item.creator.name if item.creator else ""
            found["item", item.pk] = Kept(item.title, item.get_absolute_url(), by=maker)
    return found

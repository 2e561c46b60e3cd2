"""What feeds show of threads besides their rows: how they open, and what was replied last."""

from collections.abc import Sequence

from django.db.models import QuerySet

from community.members.permissions import Viewer
from community.threads.models import Post, Thread
from community.threads.permissions import visible_posts
from community.threads.queries.posts import add_pictures


def openings(*, viewer: Viewer, threads: Sequence[Thread]) -> dict[int, Post]:
    """The opening posts that this viewer may read, with their pictures, by thread id. 2 queries."""
    rows = _readable(viewer).filter(thread__in=[thread.pk for thread in threads], number=1)
    return {post.thread_id: post for post in _with_pictures(rows)}


def newest_replies(*, viewer: Viewer, thread: Thread, size: int) -> list[Post]:
    """The last replies that this viewer may read, with author and pictures, the newest first. 2 queries."""
    rows = _readable(viewer).filter(thread=thread, number__gt=1).select_related("author")
    return _with_pictures(rows.order_by("-number")[:size])


def _readable(viewer: Viewer) -> QuerySet[Post]:
    return Post.objects.filter(visible_posts(viewer)).defer("body")


def _with_pictures(rows: QuerySet[Post]) -> list[Post]:
    posts = list(rows)
    add_pictures(posts)
    return posts

"""Lists of threads and posts, cut by a key: any page of them costs what the first one costs."""

from django.db.models import Prefetch, QuerySet

from community.catalog.models import Creator, Item, ItemPicture, Tag
from community.core.errors import Invalid
from community.core.paging import Slice, cut
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.models import Category, Post, State, Thread
from community.threads.permissions import visible_posts, visible_threads

ORDERS = {
    "latest": ("-last_post_at", "-id"),
    "hot": ("-hot_score", "-id"),
    "unanswered": ("-created_at", "-id"),
}
PINNED_LIMIT = 10
LONG_TEXTS = (
    *("item__description", "item__description_html", "item__attributes"),
    *(
        f"{person}__{text}"
        for person in ("author", "last_poster", "creator", "item__creator")
        for text in ("bio", "bio_html")
    ),
)


def list_threads(
    *,
    viewer: Viewer,
    sort: str = "latest",
    kind: str = "",
    category: Category | None = None,
    item: Item | None = None,
    creator: Creator | None = None,
    author: Member | None = None,
    tag: Tag | None = None,
    cursor: str = "",
    size: int = 20,
    with_pinned: bool = False,
) -> Slice[Thread]:
    """One slice of the threads this viewer may see. Pinned ones come from `pinned_threads`, so "latest" leaves them
    out unless asked `with_pinned`; `author` lists by opening time. Raises `Invalid` for a sort or a cursor that is not
    ours. 3 queries.
    """
    if sort not in ORDERS:
        raise Invalid(f"sort is one of {', '.join(ORDERS)}", code="sort_unknown", field="sort")
    rows = _narrowed(viewer, kind=kind, category=category, item=item, creator=creator, tag=tag)
    if author is not None:
        rows = rows.filter(author=author)
    if sort == "unanswered":
        rows = rows.filter(kind=Thread.Kind.QUESTION, accepted_post=None, state=State.VISIBLE)
    elif sort == "latest" and author is None and not with_pinned:
        rows = rows.filter(pinned_at=None)
    order = ORDERS["unanswered"] if author is not None and sort == "latest" else ORDERS[sort]
    return cut(with_parts(rows), by=order, size=size, cursor=cursor)


def pinned_threads(
    *,
    viewer: Viewer,
    kind: str = "",
    category: Category | None = None,
    item: Item | None = None,
    creator: Creator | None = None,
    tag: Tag | None = None,
) -> list[Thread]:
    """The pinned ones of the same list, the newest pin first; at most 10. 3 queries."""
    rows = _narrowed(viewer, kind=kind, category=category, item=item, creator=creator, tag=tag)
    return list(with_parts(rows.exclude(pinned_at=None)).order_by("-pinned_at", "-id")[:PINNED_LIMIT])


def list_posts(*, viewer: Viewer, author: Member, cursor: str = "", size: int = 20) -> Slice[Post]:
    """What a member wrote, newest first, each with its thread; deleted posts are left out. 1 query."""
    rows = Post.objects.filter(visible_posts(viewer), author=author, state=State.VISIBLE, thread__state=State.VISIBLE)
    rows = rows.select_related("thread__category", "thread__item", "author__avatar")
    return cut(rows, by=("-created_at", "-id"), size=size, cursor=cursor)


def _narrowed(
    viewer: Viewer,
    *,
    kind: str,
    category: Category | None,
    item: Item | None,
    creator: Creator | None,
    tag: Tag | None,
) -> QuerySet[Thread]:
    rows = Thread.objects.filter(visible_threads(viewer))
    given = {"kind": kind or None, "category": category, "item": item, "creator": creator}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    # A thread carries a tag once (a constraint), so the join cannot double a row.
    return rows.filter(tagged__tag=tag) if tag is not None else rows


def with_parts(rows: QuerySet[Thread]) -> QuerySet[Thread]:
    """All that a row of a list shows; of the item's pictures only the first is loaded, of long texts none."""
    first = ItemPicture.objects.filter(position=0).select_related("picture")
    return (
        rows.select_related(
            "category", "author__avatar", "last_poster__avatar", "item__shop", "item__creator", "creator"
        )
        .defer(*LONG_TEXTS)
        .prefetch_related("tags", Prefetch("item__pictures", first))  # type: ignore[misc]  # taggit has no types
    )

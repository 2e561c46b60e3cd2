"""Lists of threads and posts, cut by a key: any page of them costs what the first one costs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import QuerySet

from community.catalog.models import Creator, Item, ItemPicture, Tag
from community.core.errors import Invalid
from community.core.paging import Slice, cut
from community.core.prepared import Prepared, among, hang
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.models import Category, Post, State, Thread
from community.threads.permissions import listed_threads, visible_posts

ORDERS = {
    "latest": ("-last_post_at", "-id"),
    "hot": ("-hot_score", "-id"),
    "unanswered": ("-created_at", "-id"),
}
PINNED_LIMIT = 10
BARE = ("last_post_at", "created_at", "hot_score", "reply_count")
# What a row of a list shows of the people, and of the item.
_PERSON = ("handle", "display_name", "role", "avatar__file")
_THREADS: Prepared[Thread] = Prepared(
    lambda: (
        Thread.objects.filter(among("pk", "threads"))
        .select_related("category", "author__avatar", "last_poster__avatar", "item__shop", "item__creator", "creator")
        .only(
            *(field.name for field in Thread._meta.concrete_fields),
            *(f"{who}__{name}" for who in ("author", "last_poster") for name in _PERSON),
            *(f"category__{field.name}" for field in Category._meta.concrete_fields),
            *("item__title", "item__slug", "item__price_minor", "item__currency", "item__state", "item__external_id"),
            *("item__shop__slug", "item__shop__is_open", "item__creator__name", "item__creator__slug"),
            *("creator__name", "creator__slug", "item__creator__member", "creator__member"),
        )
    )
)
_TAGS = """
SELECT of.content_object_id, tag.id, tag.name, tag.slug, tag.key
FROM threads_taggedthread of JOIN catalog_tag tag ON tag.id = of.tag_id
WHERE of.content_object_id = ANY(%s) ORDER BY of.id
"""
_FACES: Prepared[ItemPicture] = Prepared(
    lambda: ItemPicture.objects.filter(among("item_id", "items"), position=0).select_related("picture")
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
    bare: bool = False,
) -> Slice[Thread]:
    """One slice of the threads this viewer may see. Pinned ones come from `pinned_threads`, so "latest" leaves them
    out unless asked `with_pinned`; `author` lists by opening time. `bare` rows have their times and counts alone:
    `with_parts` completes them. Raises `Invalid` for a sort or a cursor that is not ours. 4 queries, 1 for bare rows.
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
    found = cut(rows.only(*BARE), by=order, size=size, cursor=cursor)
    return found if bare else Slice(with_parts(found.rows)[0], found.next, found.previous)


def pinned_threads(
    *,
    viewer: Viewer,
    kind: str = "",
    category: Category | None = None,
    item: Item | None = None,
    creator: Creator | None = None,
    tag: Tag | None = None,
    bare: bool = False,
) -> list[Thread]:
    """The pinned ones of the same list, the newest pin first; at most 10. 4 queries, 1 for `bare` rows."""
    rows = _narrowed(viewer, kind=kind, category=category, item=item, creator=creator, tag=tag)
    found = list(rows.exclude(pinned_at=None).only(*BARE).order_by("-pinned_at", "-id")[:PINNED_LIMIT])
    return found if bare else with_parts(found)[0]


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
    rows = Thread.objects.filter(listed_threads(viewer))
    given = {"kind": kind or None, "category": category, "item": item, "creator": creator}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    # A thread carries a tag once (a constraint), so the join cannot double a row.
    return rows.filter(tagged__tag=tag) if tag is not None else rows


def with_parts(*lists: Iterable[Thread]) -> list[list[Thread]]:
    """The same lists of threads, each with all that a row shows: people, place, tags, the item and its first picture;
    no long text. 3 queries for all lists together, none without a thread.
    """
    wanted = [[thread.pk for thread in rows] for rows in lists]
    ids = list({pk for row in wanted for pk in row})
    found = {thread.pk: thread for thread in (_THREADS.all(threads=ids) if ids else ())}
    if found:
        add_tags(list(found.values()))
        add_faces([thread.item for thread in found.values() if thread.item])
    return [[found[pk] for pk in row if pk in found] for row in wanted]


def add_tags(threads: Sequence[Thread]) -> None:
    """Give each thread its `tags`. 1 query."""
    tags: dict[int, list[Tag]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TAGS, [[thread.pk for thread in threads]])
        for thread_id, pk, name, slug, key in cursor.fetchall():
            tags[thread_id].append(Tag(pk=pk, name=name, slug=slug, key=key))
    for thread in threads:
        hang(thread, tags=tags[thread.pk])


def add_faces(items: Sequence[Item]) -> None:
    """Give each item its first picture as its `pictures`. 1 query."""
    faces = {row.item_id: row for row in _FACES.all(items=[item.pk for item in items])}
    for item in items:
        hang(item, pictures=[faces[item.pk]] if item.pk in faces else ())


def streamed_thread(thread_id: int) -> Thread | None:
    """A thread as lists show it, asked for no viewer in particular. 3 queries."""
    return next(iter(with_parts([Thread(pk=thread_id)])[0]), None)

"""The posts of a thread, by ranges of their numbers."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Prefetch, prefetch_related_objects

from community.catalog.models import Item, ItemPicture
from community.core.paging import NumberPage
from community.members.permissions import Viewer
from community.threads.models import Post, PostPicture, Reaction, Thread
from community.threads.permissions import SHOWN_ITEMS, can_see_post
from community.threads.queries.gates import load_post
from community.threads.queries.lists import with_parts


def thread_posts(*, thread: Thread, viewer: Viewer, page: NumberPage) -> list[Post]:
    """The posts numbered `page.first` to `page.last`, every one of them: what the viewer may not read comes as a
    tombstone without text, pictures, cards or reactions. Each has its author, the post it answers, `pictures` and
    `cards`. 4 queries at most, however long the thread is.
    """
    found = list(
        Post.objects.filter(thread=thread, number__gte=page.first, number__lte=page.last)
        .select_related("author__avatar", "reply_to__author")
        .defer("reply_to__body", "reply_to__body_html")
        .prefetch_related(Prefetch("pictures", PostPicture.objects.select_related("picture")))
        .order_by("number")
    )
    for post in found:
        post.thread = thread
        if not can_see_post(viewer, post):
            _empty(post, viewer)
    _add_cards(found)
    return found


def my_reactions(*, viewer: Viewer, posts: Sequence[Post]) -> dict[int, set[str]]:
    """Which kinds this viewer gave to which post ids. 1 query, none for a visitor."""
    mine: dict[int, set[str]] = defaultdict(set)
    if viewer.pk is not None:
        given = Reaction.objects.filter(member_id=viewer.pk, post__in=[post.pk for post in posts])
        for post_id, kind in given.values_list("post_id", "kind"):
            mine[post_id].add(kind)
    return dict(mine)


def _empty(post: Post, viewer: Viewer) -> None:
    """Keep the number, the author and the times; drop what was said. The author hears why it was taken down."""
    post.body = post.body_html = ""
    if viewer.pk != post.author_id:
        post.delete_reason = ""
    post.reactions, post.item_ids, post.picture_count = {}, [], 0
    post.reply_to = None
    post._prefetched_objects_cache = {"pictures": PostPicture.objects.none()}  # type: ignore[attr-defined]


def _add_cards(posts: Sequence[Post]) -> None:
    wanted = {item_id for post in posts for item_id in post.item_ids}
    items = shown_items(wanted) if wanted else {}
    for post in posts:
        post.cards = [items[item_id] for item_id in post.item_ids if item_id in items]


def shown_items(item_ids: set[int]) -> dict[int, Item]:
    """Items that everybody may see, by id, with creator and first picture. 2 queries."""
    first = ItemPicture.objects.filter(position=0).select_related("picture")
    return (
        Item.objects.filter(SHOWN_ITEMS)
        .select_related("creator")
        .prefetch_related(Prefetch("pictures", first))
        .in_bulk(item_ids)
    )


def streamed_post(post_id: int) -> Post | None:
    """A post as a live stream tells it, asked for no viewer in particular: its page shows the text of visible posts
    alone. Loaded as by `get_post`, with `pictures` and `cards`. 4 queries at most.
    """
    post = load_post(post_id)
    if post is not None:
        prefetch_related_objects([post], Prefetch("pictures", PostPicture.objects.select_related("picture")))
        _add_cards([post])
    return post


def streamed_thread(thread_id: int) -> Thread | None:
    """A thread as lists show it, asked for no viewer in particular. 3 queries."""
    return with_parts(Thread.objects.filter(pk=thread_id)).first()

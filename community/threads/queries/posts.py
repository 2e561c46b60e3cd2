"""The posts of a thread, by ranges of their numbers."""

from collections import defaultdict
from collections.abc import Hashable, Sequence

from django.db import connection

from community.catalog.models import Item
from community.core.paging import NumberPage
from community.core.prepared import Given, Prepared, among, hang
from community.members.models import Member
from community.members.permissions import Viewer, apart_from
from community.threads.models import WITHHELD, Post, PostPicture, Thread
from community.threads.permissions import SHOWN_ITEMS, can_see_post, standing
from community.threads.queries.gates import load_post
from community.threads.queries.lists import add_faces

# All of a post, and of the others what a byline and the line "to …" show.
_POSTS: Prepared[Post] = Prepared(
    lambda: (
        Post.objects.filter(thread=Given("thread_id"), number__gte=Given("first"), number__lte=Given("last"))
        .select_related("author__avatar", "reply_to__author")
        .only(
            *(field.name for field in Post._meta.concrete_fields),
            *("author__handle", "author__display_name", "author__role", "author__avatar__file"),
            *("reply_to__number", "reply_to__thread", "reply_to__author__display_name", "reply_to__author__handle"),
        )
        .order_by("number")
    )
)
_PICTURES: Prepared[PostPicture] = Prepared(
    lambda: (
        PostPicture.objects.filter(among("post_id", "posts")).select_related("picture").order_by("post_id", "position")
    )
)
_ITEMS: Prepared[Item] = Prepared(
    lambda: (
        Item.objects.filter(SHOWN_ITEMS, among("pk", "items"))
        .select_related("creator")
        .defer("description", "description_html", "attributes", "creator__bio", "creator__bio_html")
    )
)


def thread_posts(*, thread: Thread, viewer: Viewer, page: NumberPage) -> list[Post]:
    """The posts numbered `page.first` to `page.last`, every one of them: what the viewer may not read comes as a
    tombstone without text, pictures, cards or reactions, and as `WITHHELD` where they are kept apart from its author.
    Each has its author, the post it answers, `pictures` and `cards`. 4 queries at most, however long the thread is.
    """
    found = _POSTS.all(thread_id=thread.pk, first=page.first, last=page.last)
    for post in found:
        post.thread = thread
        if viewer.block_count:
            _keep_apart(post, viewer)
    add_pictures(found)
    readable: dict[Hashable, bool] = {}
    for post in found:
        alike = standing(viewer, post)
        if alike not in readable:
            readable[alike] = bool(can_see_post(viewer, post))
        if not readable[alike]:
            _empty(post, viewer)
    add_cards(found)
    return found


def _keep_apart(post: Post, viewer: Viewer) -> None:
    """Leave of a post whose author is kept apart from the viewer its number alone; of others, not whom they answer."""
    if apart_from(viewer, post.author_id):
        post.state, post.version, post.edit_count = WITHHELD, 0, 0
        post.author = Member(pk=0)
        post.deleted_at = post.edited_at = post.deleted_by = None
        post.origin_url = post.origin_licence = ""
        _empty(post, viewer)
    elif post.reply_to is not None and apart_from(viewer, post.reply_to.author_id):
        post.reply_to = None


def my_reactions(*, viewer: Viewer, posts: Sequence[Post]) -> dict[int, set[str]]:
    """Which kinds this viewer gave to which post ids. 1 query, none for a visitor."""
    mine: dict[int, set[str]] = defaultdict(set)
    if viewer.pk is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT post_id, kind FROM threads_reaction WHERE member_id = %s AND post_id = ANY(%s)",
                [viewer.pk, [post.pk for post in posts]],
            )
            for post_id, kind in cursor.fetchall():
                mine[post_id].add(kind)
    return dict(mine)


def _empty(post: Post, viewer: Viewer) -> None:
    """Keep the number, the author and the times; drop what was said. The author hears why it was taken down."""
    post.body = post.body_html = ""
    if viewer.pk != post.author_id:
        post.delete_reason = ""
    post.reactions, post.item_ids, post.picture_count = {}, [], 0
    post.reply_to = None
    hang(post, pictures=())


def add_pictures(posts: Sequence[Post]) -> None:
    """Give each post its `pictures`. 1 query, none where no post has one."""
    found = defaultdict(list)
    with_some = [post.pk for post in posts if post.picture_count]
    for row in _PICTURES.all(posts=with_some) if with_some else ():
        found[row.post_id].append(row)
    for post in posts:
        hang(post, pictures=found.get(post.pk, ()))


def add_cards(posts: Sequence[Post]) -> None:
    """Give each post its `cards`. 2 queries, none where no post has one."""
    wanted = {item_id for post in posts for item_id in post.item_ids}
    items = shown_items(wanted) if wanted else {}
    for post in posts:
        post.cards = [items[item_id] for item_id in post.item_ids if item_id in items]


def shown_items(item_ids: set[int]) -> dict[int, Item]:
    """Items that everybody may see, by id, with creator and first picture. 2 queries."""
    items = _ITEMS.all(items=list(item_ids))
    add_faces(items)
    return {item.pk: item for item in items}


def streamed_post(post_id: int) -> Post | None:
    """A post as a live stream tells it, asked for no viewer in particular: its page shows the text of visible posts
    alone. Loaded as by `get_post`, with `pictures` and `cards`. 4 queries at most.
    """
    post = load_post(post_id)
    if post is not None:
        add_pictures([post])
        add_cards([post])
    return post

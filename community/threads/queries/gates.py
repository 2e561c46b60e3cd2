"""The way in to single rows: what is not there and what is not for this viewer raise the same `NotVisible`."""

from django.db import connection
from django.utils.translation import gettext as _

from community.core.errors import NotVisible
from community.core.prepared import Given, Prepared
from community.core.verdicts import ensure
from community.members.permissions import Viewer
from community.threads.models import Category, Post, PostRevision, Thread
from community.threads.permissions import can_see_history, can_see_post, can_see_thread, visible_categories

# What the rules and the head of a thread's page ask for.
WITH = ("category", "author__avatar", "item__creator", "item__shop", "creator", "accepted_post__author__avatar")
_THREAD: Prepared[Thread] = Prepared(
    lambda: Thread.objects.select_related(*WITH).filter(pk=Given("thread_id")),
)
_POST: Prepared[Post] = Prepared(
    lambda: Post.objects.select_related(
        "author__avatar", "reply_to__author", *(f"thread__{name}" for name in WITH)
    ).filter(pk=Given("post_id")),
)

# Statements of their own, before the one that reads. Locked and joined in one statement, PostgreSQL would give the
# thread as it is after the wait but its joined rows (the accepted post, the category) as they were before it. The two
# of a post travel together and run one after the other. NO KEY: foreign keys of others may point at the row meanwhile.
_LOCK_THREAD = "SELECT FROM threads_thread WHERE id = %(thread_id)s FOR NO KEY UPDATE"
_LOCK_POST = """
SELECT FROM threads_thread WHERE id = (SELECT thread_id FROM threads_post WHERE id = %(post_id)s) FOR NO KEY UPDATE;
SELECT FROM threads_post WHERE id = %(post_id)s FOR NO KEY UPDATE
"""


def categories(viewer: Viewer) -> list[Category]:
    """The categories this viewer may read, in their order. 1 query."""
    return list(Category.objects.filter(visible_categories(viewer)))


def get_category(*, slug: str, viewer: Viewer) -> Category:
    """Raises `NotVisible`. 1 query."""
    found = Category.objects.filter(visible_categories(viewer), slug=slug).first()
    if found is None:
        raise NotVisible(_("There is no such category."))
    return found


def category_id(slug: str) -> int:
    """The id behind an address, for nobody's eyes; 0 where there is none. 1 query."""
    return Category.objects.filter(slug=slug).values_list("pk", flat=True).first() or 0


def get_thread(*, thread_id: int, viewer: Viewer, lock: bool = False) -> Thread:
    """A thread with all that its rules ask for; with `lock` its row is ours until the transaction ends.

    Raises `NotVisible`. 1 query, 2 with `lock`.
    """
    if lock:
        _lock(_LOCK_THREAD, thread_id=thread_id)
    thread = _THREAD.first(thread_id=thread_id)
    if thread is None:
        raise NotVisible(_("There is no such thread."))
    ensure(can_see_thread(viewer, thread))
    return thread


def get_post(*, post_id: int, viewer: Viewer, lock: bool = False) -> Post:
    """A post whose text this viewer may read, its thread loaded as by `get_thread`.

    `lock` takes the thread's row and then the post's: always in this order. Raises `NotVisible`.
    1 query, 2 with `lock`.
    """
    if lock:
        _lock(_LOCK_POST, post_id=post_id)
    post = load_post(post_id)
    if post is None:
        raise NotVisible(_("There is no such post."))
    ensure(can_see_post(viewer, post))
    return post


def get_revision(*, revision_id: int, viewer: Viewer, lock: bool = False) -> PostRevision:
    """An entry of a post's history, its post and thread loaded; `lock` locks them as `get_post` does."""
    found = PostRevision.objects.filter(pk=revision_id).values_list("post_id", flat=True).first()
    try:
        # An entry of a post that is hidden looks like one that never was: 0 is the id of no post.
        post = get_post(post_id=found or 0, viewer=viewer, lock=lock)
        ensure(can_see_history(viewer, post))
    except NotVisible as error:
        raise NotVisible(_("There is no such entry in the history.")) from error
    revision = PostRevision.objects.get(pk=revision_id)
    revision.post = post
    return revision


def load_post(post_id: int) -> Post | None:
    """The row as `get_post` gives it, for nobody in particular: the caller minds who may read it."""
    return _POST.first(post_id=post_id)


def _lock(sql: str, **ids: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, ids)

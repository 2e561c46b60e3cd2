"""Take a post down, leaving a tombstone, and bring it back. Number 1 takes the thread with it."""

from django.db.models import F

from community.core import facts
from community.core.clock import now
from community.core.text import clean_line
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.accept_answer import take_back_answer
from community.threads.actions.counters import (
    change_category,
    change_members,
    change_thread,
    change_whole_thread,
    newest_visible,
)
from community.threads.actions.staff import note_on_post
from community.threads.facts import PostDeleted, PostRestored, ThreadVisibilityChanged
from community.threads.models import Post, State
from community.threads.permissions import can_delete_post, can_restore_post
from community.threads.queries import get_post


@unit
def delete_post(*, by: Viewer, post_id: int, reason: str = "") -> Post:
    """Hide the text from everybody but its author and staff. A deleted answer is not the accepted one any more.

    Raises `NotVisible`, `NotAllowed`.
    """
    post = get_post(post_id=post_id, viewer=by, lock=True)
    ensure(can_delete_post(by, post))
    assert isinstance(by, Member)
    if post.thread.accepted_post_id == post.pk:
        take_back_answer(post.thread, by=by)
    at = now()
    Post.objects.filter(pk=post.pk).update(
        state=State.DELETED,
        deleted_at=at,
        deleted_by=by,
        delete_reason=clean_line(reason, field="reason", limit=200) if reason.strip() else "",
        version=F("version") + 1,
    )
    if post.is_opening:
        _take_out(post, by)
    else:
        _count(post, sign=-1)
    note_on_post(by, "delete", post, reason=reason)
    facts.record(PostDeleted(post.thread_id, post.pk, by.pk))
    return get_post(post_id=post_id, viewer=by)


@unit
def restore_post(*, by: Viewer, post_id: int) -> Post:
    """Show a deleted post again; as an answer it has to be accepted anew. Raises `NotVisible`, `NotAllowed`."""
    post = get_post(post_id=post_id, viewer=by, lock=True)
    ensure(can_restore_post(by, post))
    assert isinstance(by, Member)
    Post.objects.filter(pk=post.pk).update(
        state=State.VISIBLE, deleted_at=None, deleted_by=None, delete_reason="", version=F("version") + 1
    )
    if post.is_opening:
        _put_back(post, by)
    else:
        _count(post, sign=1)
    note_on_post(by, "restore", post)
    facts.record(PostRestored(post.thread_id, post.pk, by.pk))
    return get_post(post_id=post_id, viewer=by)


def _count(post: Post, *, sign: int) -> None:
    """A reply goes out (-1) or comes back in (+1). What it gave to the thread's heat is settled later."""
    change_thread(
        post.thread,
        reply_count=F("reply_count") + sign,
        reaction_count=F("reaction_count") + sign * sum(post.reactions.values()),
        **newest_visible(post.thread),
    )
    change_members(post_count={post.author_id: sign})
    change_category(post.thread.category_id, posts=sign)


def _take_out(post: Post, by: Member) -> None:
    _count_whole(post, sign=-1, state=State.DELETED)
    facts.record(ThreadVisibilityChanged(post.thread_id, by.pk))


def _put_back(post: Post, by: Member) -> None:
    _count_whole(post, sign=1, state=State.VISIBLE)
    facts.record(ThreadVisibilityChanged(post.thread_id, by.pk))


def _count_whole(post: Post, *, sign: int, state: State) -> None:
    given = sum(post.reactions.values())
    change_thread(post.thread, state=state, reaction_count=F("reaction_count") + sign * given)
    change_members(post_count={post.author_id: sign}, thread_count={post.author_id: sign})
    change_whole_thread(post.thread, sign=sign)

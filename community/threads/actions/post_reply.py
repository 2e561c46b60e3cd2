"""Post a reply."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import Invalid
from community.core.verdicts import ensure
from community.core.waiting import wait_words
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.heat import POST, SAME_VOICE, warmed
from community.threads.actions.next_post import write_reply
from community.threads.actions.writing import (
    NewPicture,
    Written,
    add_mentions,
    add_pictures,
    check_pictures,
    compose,
    take_pictures,
)
from community.threads.errors import SlowMode
from community.threads.facts import ReplyPosted
from community.threads.models import Post, Thread
from community.threads.permissions import can_reply
from community.threads.queries.answering import answered_post, cards_of, locked, thread_to_answer


@unit
def post_reply(
    *,
    author: Viewer,
    thread_id: int,
    body: str,
    reply_to_id: int | None = None,
    pictures: Sequence[NewPicture] = (),
) -> Post:
    """Write the thread's next post. Its number is dense because the thread's row lock is held until the commit.

    Raises `NotVisible`, `NotAllowed` (see `can_reply`), `SlowMode`, `Invalid` (text, pictures, the post answered).
    The post comes with its thread, as it now stands, its author, pictures and cards.
    """
    # A refusal costs no rendering, and rendering is done before the lock: the rule is asked again under it.
    thread = thread_to_answer(thread_id=thread_id, viewer=author)
    ensure(can_reply(author, thread))
    assert isinstance(author, Member)
    written, shown = compose(body), check_pictures(pictures)
    cards = cards_of(written.item_ids)
    thread = locked(thread)
    ensure(can_reply(author, thread))
    at = now()
    _keep_pause(thread, author, at)
    post = _next_post(thread, author, written, _answered(thread, reply_to_id), at)
    post.picture_count, post.cards = len(shown), cards
    take_pictures(shown, owner=author)
    write_reply(post, thread, heat=warmed(thread.hot_score, at, _weight(thread, author)))
    add_pictures(post, shown)
    add_mentions(post, written.mentioned)
    facts.record(ReplyPosted(thread.pk, post.pk, post.number, author.pk, reply_to_id), wrote=post)
    return post


def _next_post(thread: Thread, author: Member, written: Written, answered: Post | None, at: datetime) -> Post:
    return Post(
        thread=thread,
        number=thread.last_number + 1,
        author=author,
        reply_to=answered,
        body=written.body,
        body_html=written.html,
        item_ids=list(written.item_ids),
        created_at=at,
    )


def _weight(thread: Thread, author: Member) -> float:
    return SAME_VOICE if thread.last_poster_id == author.pk else POST


def _keep_pause(thread: Thread, author: Member, at: datetime) -> None:
    """Slow mode: counted under the thread's lock, so two tabs of one member cannot both get through."""
    pause = thread.slow_mode_seconds
    if not pause or author.is_moderator:
        return
    # Deleted posts count, too: deleting one does not buy another.
    since = at - timedelta(seconds=pause)
    mine = Post.objects.filter(author=author, thread=thread, created_at__gt=since).order_by("-created_at", "-id")
    last = mine.values_list("created_at", flat=True).first()
    wait = ceil(pause - (at - last).total_seconds()) if last is not None else 0
    if wait > 0:
        message = _("This thread is in slow mode. You can post again in %(wait)s; what you wrote is kept.")
        raise SlowMode(message % {"wait": wait_words(wait)}, retry_after=wait)


def _answered(thread: Thread, post_id: int | None) -> Post | None:
    if post_id is None:
        return None
    found = answered_post(thread=thread, post_id=post_id)
    if found is None:
        raise Invalid(
            _("The post you are answering is not there any more. Send your text without it."),
            code="reply_to_gone",
            field="reply_to",
        )
    return found

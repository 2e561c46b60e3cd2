"""Post a reply."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from django.db.models import F
from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import Invalid
from community.core.verdicts import ensure
from community.core.waiting import wait_words
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.counters import change_category, change_item, change_members, change_thread
from community.threads.actions.heat import POST, SAME_VOICE, warmer
from community.threads.actions.writing import NewPicture, check_pictures, compose, save_mentions, set_pictures
from community.threads.errors import SlowMode
from community.threads.facts import ReplyPosted
from community.threads.models import Post, State, Thread
from community.threads.permissions import can_reply
from community.threads.queries import get_thread


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
    """
    # A refusal costs no rendering, and rendering is done before the lock: the rule is asked again under it.
    ensure(can_reply(author, get_thread(thread_id=thread_id, viewer=author)))
    assert isinstance(author, Member)
    written, shown = compose(body), check_pictures(pictures)
    thread = get_thread(thread_id=thread_id, viewer=author, lock=True)
    ensure(can_reply(author, thread))
    at = now()
    _keep_pause(thread, author, at)
    answered = _answered(thread, reply_to_id)
    post = Post.objects.create(
        thread=thread,
        number=thread.last_number + 1,
        author=author,
        reply_to=answered,
        body=written.body,
        body_html=written.html,
        item_ids=list(written.item_ids),
        picture_count=len(shown),
        created_at=at,
    )
    set_pictures(post, shown, owner=author)
    save_mentions(post, written.mentioned)
    _count(thread, author, at)
    facts.record(ReplyPosted(thread.pk, post.pk, post.number, author.pk, reply_to_id))
    return post


def _count(thread: Thread, author: Member, at: datetime) -> None:
    weight = SAME_VOICE if thread.last_poster_id == author.pk else POST
    change_thread(
        thread,
        last_number=F("last_number") + 1,
        reply_count=F("reply_count") + 1,
        last_post_at=at,
        last_poster=author,
        hot_score=warmer(at, weight),
    )
    change_members(post_count={author.pk: 1})
    change_category(thread.category_id, posts=1)
    change_item(thread.item_id, talked_at=at)


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
    found = Post.objects.filter(pk=post_id, thread=thread, state=State.VISIBLE).first()
    if found is None:
        raise Invalid(
            _("The post you are answering is not there any more. Send your text without it."),
            code="reply_to_gone",
            field="reply_to",
        )
    return found

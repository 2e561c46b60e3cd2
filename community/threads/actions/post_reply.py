"""Post a reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
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
from community.threads.actions.next_post import write_reply
from community.threads.actions.reading import has_written
from community.threads.actions.room import check_room
from community.threads.actions.writing import (
    NewPicture,
    add_mentions,
    add_pictures,
    check_pictures,
    compose,
    take_pictures,
)
from community.threads.errors import SlowMode
from community.threads.facts import ReplyPosted
from community.threads.models import Post, Thread
from community.threads.permissions import can_reply, can_speak_to
from community.threads.queries.answering import answered_post, cards_of, thread_to_answer


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """A reply that is ready to be written: rules asked, text rendered. Nothing is stored, and nothing is locked."""

    post: Post
    mentioned: tuple[int, ...]  # members, by id
    pictures: list[NewPicture]

    @property
    def is_plain(self) -> bool:
        """Nothing but the thread's row and counts is locked for it, and nothing it waits for can refuse it often."""
        return not self.pictures and not self.post.thread.slow_mode_seconds


@unit
def post_reply(
    *,
    author: Viewer,
    thread_id: int,
    body: str,
    reply_to_id: int | None = None,
    pictures: Sequence[NewPicture] = (),
) -> Post:
    """Write the thread's next post: `draft_reply`, then `send_reply`; raises what they raise."""
    return send_reply(
        draft_reply(author=author, thread_id=thread_id, body=body, reply_to_id=reply_to_id, pictures=pictures)
    )


def draft_reply(
    *,
    author: Viewer,
    thread_id: int,
    body: str,
    reply_to_id: int | None = None,
    pictures: Sequence[NewPicture] = (),
) -> ReplyDraft:
    """All of a reply that can be done before anybody waits for it; the rule first: a refusal costs no rendering.

    Raises `NotVisible`, `NotAllowed` (see `can_reply`), `Invalid` (text, pictures, the post answered).
    """
    thread = thread_to_answer(thread_id=thread_id, viewer=author)
    ensure(can_reply(author, thread))
    assert isinstance(author, Member)
    written, shown = compose(body, author=author), check_pictures(pictures)
    check_room(author, written, shown)
    answered = _answered(author, thread, reply_to_id)
    post = Post(
        thread=thread,
        author=author,
        reply_to=answered,
        answer_number=answered.answer_number if answered else 0,  # 0: it is an answer itself
        body=written.body,
        body_html=written.html,
        item_ids=list(written.item_ids),
        picture_count=len(shown),
        created_at=now(),
    )
    post.cards = cards_of(written.item_ids)
    return ReplyDraft(post, written.mentioned, shown)


@unit
def send_reply(draft: ReplyDraft) -> Post:
    """Write the draft as its thread's next post. Its number is dense because the thread's row is held until the commit.

    Raises `NotVisible`, `NotAllowed` (see `can_reply`), `SlowMode`, `Invalid` (pictures). The post comes with its
    thread, as it now stands, its author, pictures and cards.
    """
    post = draft.post
    take_pictures(draft.pictures, owner=post.author)
    write_reply(post)
    # Meanwhile somebody may have locked the thread or taken it down. Then the transaction takes the post back.
    ensure(can_reply(post.author, post.thread))
    _keep_pause(post)
    add_pictures(post, draft.pictures)
    add_mentions(post, draft.mentioned)
    has_written(member_id=post.author_id, thread_id=post.thread.pk, number=post.number, at=post.created_at)
    said = ReplyPosted(post.thread.pk, post.pk, post.number, post.author_id, post.reply_to_id)
    facts.record(said, wrote=post)
    return post


def _keep_pause(post: Post) -> None:
    """Slow mode: looked at under the thread's lock, so two tabs of one member cannot both get through."""
    pause, author, at = post.thread.slow_mode_seconds, post.author, post.created_at
    if not pause or author.is_moderator:
        return
    # Deleted posts count, too: deleting one does not buy another.
    since = at - timedelta(seconds=pause)
    mine = Post.objects.filter(author=author, thread=post.thread, created_at__gt=since).exclude(pk=post.pk)
    last = mine.order_by("-created_at", "-id").values_list("created_at", flat=True).first()
    wait = ceil(pause - (at - last).total_seconds()) if last is not None else 0
    if wait > 0:
        message = _("This thread is in slow mode. You can post again in %(wait)s; what you wrote is kept.")
        raise SlowMode(message % {"wait": wait_words(wait)}, retry_after=wait)


def _answered(author: Viewer, thread: Thread, post_id: int | None) -> Post | None:
    """Somebody who is kept apart from the author is not spoken to: to them, their post is not there."""
    if post_id is None:
        return None
    found = answered_post(thread=thread, post_id=post_id)
    if found is None or not can_speak_to(author, found):
        raise Invalid(
            _("The post you are answering is not there any more. Send your text without it."),
            code="reply_to_gone",
            field="reply_to",
        )
    return found

"""Accept a reply as the answer to its question, or take that back. A question has one accepted answer at most."""

from collections import Counter

from community.core import facts
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.counters import accepted_credit, change_item, change_members, change_thread
from community.threads.facts import AnswerAccepted, AnswerUnaccepted
from community.threads.models import Post, Thread
from community.threads.permissions import can_accept, can_choose_answer
from community.threads.queries import get_post, get_thread


@unit
def accept_answer(*, by: Viewer, post_id: int) -> Thread:
    """Make this reply the accepted answer; one that was accepted before gives way. Saying it twice changes nothing.

    Raises `NotVisible`, `NotAllowed` (see `can_accept`).
    """
    post = get_post(post_id=post_id, viewer=by, lock=True)
    ensure(can_accept(by, post.thread, post))
    assert isinstance(by, Member)
    thread = post.thread
    if thread.accepted_post_id == post.pk:
        return thread
    credit = accepted_credit(thread, post, 1)
    before = thread.accepted_post
    if before is not None:
        credit.update(accepted_credit(thread, before, -1))
        facts.record(AnswerUnaccepted(thread.pk, before.pk, by.pk))
    _settle(thread, post, credit, answered=0 if before is not None else 1)
    facts.record(AnswerAccepted(thread.pk, post.pk, by.pk))
    return thread


@unit
def unaccept_answer(*, by: Viewer, thread_id: int) -> Thread:
    """Leave the question without an accepted answer. Raises `NotVisible`, `NotAllowed`."""
    thread = get_thread(thread_id=thread_id, viewer=by, lock=True)
    ensure(can_choose_answer(by, thread))
    assert isinstance(by, Member)
    take_back_answer(thread, by=by)
    return thread


def take_back_answer(thread: Thread, *, by: Member) -> None:
    """The same for a locked thread of another action's; does nothing when there is no accepted answer."""
    before = thread.accepted_post
    if before is None:
        return
    _settle(thread, None, accepted_credit(thread, before, -1), answered=-1)
    facts.record(AnswerUnaccepted(thread.pk, before.pk, by.pk))


def _settle(thread: Thread, post: Post | None, credit: Counter[int], *, answered: int) -> None:
    change_thread(thread, accepted_post=post)
    thread.accepted_post = post
    change_members(accepted_count=credit)
    change_item(thread.item_id, answered_count=answered)

"""What staff do to a thread as a whole: pin, lock, slow down; and move, as members of level 3 do. Twice is as once."""

from typing import Any

from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import Invalid, NotVisible
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.counters import change_category, change_thread
from community.threads.actions.staff import note_on_thread
from community.threads.facts import ThreadChanged, ThreadVisibilityChanged
from community.threads.models import Category, State, Thread
from community.threads.permissions import can_manage_thread, can_move_into, can_move_thread, visible_categories
from community.threads.queries import get_thread

SLOWEST = 24 * 3600  # seconds


@unit
def pin_thread(*, by: Viewer, thread_id: int, on: bool = True) -> Thread:
    """Keep the thread on top of its lists. Raises `NotVisible`, `NotAllowed`."""
    thread = _managed(by, thread_id)
    if (thread.pinned_at is not None) == on:
        return thread
    return _change(thread, by, "pin" if on else "unpin", {}, pinned_at=now() if on else None)


@unit
def lock_thread(*, by: Viewer, thread_id: int, on: bool = True) -> Thread:
    """Let nobody but staff reply or change posts. Raises `NotVisible`, `NotAllowed`."""
    thread = _managed(by, thread_id)
    if (thread.locked_at is not None) == on:
        return thread
    return _change(thread, by, "lock" if on else "unlock", {}, locked_at=now() if on else None)


@unit
def set_slow_mode(*, by: Viewer, thread_id: int, seconds: int) -> Thread:
    """Ask for a pause between two posts of one member; 0 ends it. Raises `NotVisible`, `NotAllowed`, `Invalid`."""
    if not 0 <= seconds <= SLOWEST:
        raise Invalid(_("A pause is between 0 seconds and a day."), code="pause_out_of_range", field="seconds")
    thread = _managed(by, thread_id)
    if thread.slow_mode_seconds == seconds:
        return thread
    return _change(thread, by, "slow_mode", {"seconds": seconds}, slow_mode_seconds=seconds)


@unit
def move_thread(*, by: Viewer, thread_id: int, category_id: int) -> Thread:
    """Put the thread into another category that takes its kind. Raises `NotVisible`, `NotAllowed`, `Invalid`."""
    thread = get_thread(thread_id=thread_id, viewer=by, lock=True)
    ensure(can_move_thread(by, thread))
    target = Category.objects.filter(visible_categories(by), pk=category_id).first()
    if target is None:
        raise NotVisible(_("There is no such category."))
    ensure(can_move_into(by, target))
    if target.pk == thread.category_id:
        return thread
    if thread.kind not in target.kinds:
        raise Invalid(_("That category does not take this kind of thread."), code="kind_not_here", field="category")
    assert isinstance(by, Member)
    source = thread.category
    _change(thread, by, "move", {"from": source.slug, "to": target.slug}, category=target)
    _count_move(thread, source, target)
    if source.read_by != target.read_by:
        facts.record(ThreadVisibilityChanged(thread.pk, by.pk))
    return thread


def _managed(by: Viewer, thread_id: int) -> Thread:
    thread = get_thread(thread_id=thread_id, viewer=by, lock=True)
    ensure(can_manage_thread(by, thread))
    return thread


def _change(thread: Thread, by: Viewer, verb: str, detail: dict[str, Any], **changes: Any) -> Thread:
    assert isinstance(by, Member)
    change_thread(thread, **changes)
    for name, value in changes.items():
        setattr(thread, name, value)
    note_on_thread(by, verb, thread, **detail)
    facts.record(ThreadChanged(thread.pk, by.pk))
    return thread


def _count_move(thread: Thread, source: Category, target: Category) -> None:
    if thread.state != State.VISIBLE:
        return  # not counted anywhere until it is restored
    posts = thread.reply_count + 1
    for category, sign in sorted(((source, -1), (target, 1)), key=lambda pair: pair[0].pk):
        change_category(category.pk, threads=sign, posts=sign * posts)

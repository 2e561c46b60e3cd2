"""Keep something for later, with a note and a reminder; change that, let go of it, and take that back.

A reminder is a job that waits in the queue until its time. It is cancelled in the transaction that changes or removes
the bookmark; one that has begun meanwhile waits for the row and finds another time there, or none. It marks the row as
reminded and queues the notice in one transaction, and the notice has a key that can be there once (`job_id`): however
often a worker is killed, the member is told once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from community.catalog.models import Item
from community.catalog.permissions import visible_items
from community.core import facts, jobs
from community.core.clock import now
from community.core.errors import Invalid, NotAllowed, NotVisible
from community.core.text import tidy
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer, can_take_part
from community.notifications import actions as notices
from community.threads.facts import BookmarkChanged
from community.threads.models import Bookmark
from community.threads.queries.gates import get_post, get_thread

MOST = 5_000  # of one member
NOTE_LIMIT = 280  # characters
FAR = timedelta(days=5 * 366)  # how far ahead a reminder may be
UNDO_FOR = timedelta(days=1)
KINDS = ("thread", "post", "item")


@dataclass(frozen=True, slots=True)
class Said:
    """What a member says of something they keep: all of it, so saying it twice changes nothing."""

    note: str = ""
    remind_at: datetime | None = None


@unit
def save_bookmark(*, member: Viewer, kind: str, target_id: int, said: Said | None = None) -> Bookmark:
    """Keep a thread, post or item; `said` is its note and reminder, None leaves them as they are.

    The opening post stands for its thread. Raises `NotVisible` for what is not there or not for them, `NotAllowed`,
    `Invalid` for a note that is too long and for a moment that is over or too far away.
    """
    ensure(can_take_part(member))
    assert isinstance(member, Member)
    kind, target_id = _seen(member, kind, target_id)
    row = _held(member, kind, target_id) or _begun(member, kind, target_id)
    if row.gone_at is not None:
        _set(row, created_at=now(), gone_at=None, note="", remind_at=None, reminded_at=None, job_id=None)
    if said is not None:
        _say(row, said)
    facts.record(BookmarkChanged(member.pk, kind, target_id, saved=True))
    return row


@unit
def remove_bookmark(*, member: Member, kind: str, target_id: int) -> bool:
    """Let go of it, whatever became of what was kept; `restore_bookmark` brings it back within a day.

    Returns whether there was anything; a second time changes nothing.
    """
    row = _held(member, kind, target_id)
    if row is None or row.gone_at is not None:
        return False
    _cancel(row)
    _set(row, gone_at=now())
    facts.record(BookmarkChanged(member.pk, kind, target_id, saved=False))
    return True


@unit
def restore_bookmark(*, member: Member, kind: str, target_id: int) -> Bookmark:
    """Bring back what was removed a moment ago, with its note and reminder; one whose time came meanwhile is told now.

    Raises `NotVisible` when there is nothing to bring back.
    """
    row = _held(member, kind, target_id)
    if row is None or (row.gone_at is not None and row.gone_at < now() - UNDO_FOR):
        raise NotVisible(_("There is nothing to bring back."))
    if row.gone_at is not None:
        _set(row, gone_at=None, job_id=_scheduled(row, row.remind_at) if row.waits else row.job_id)
        _look_again(row)
        facts.record(BookmarkChanged(member.pk, kind, target_id, saved=True))
    return row


@unit
def remind(*, bookmark_id: int, at: datetime) -> bool:
    """For the job whose time has come: tell the member, if this is still what they wait for. Returns whether it was."""
    rows = Bookmark.objects.select_for_update(no_key=True)
    row = rows.filter(pk=bookmark_id, remind_at=at, reminded_at=None, gone_at=None).exclude(job_id=None).first()
    if row is None:
        return False
    _set(row, reminded_at=now())
    _look_again(row)
    facts.record(BookmarkChanged(row.member_id, row.kind, row.target_id, saved=True))
    return True


def sweep_bookmarks() -> int:
    """Forget what was removed more than a day ago; returns how many rows went."""
    return Bookmark.objects.filter(gone_at__lt=now() - UNDO_FOR).delete()[0]


@unit
def forget_bookmarks(member_id: int) -> None:
    """All that a member kept goes for good, with what was to remind them."""
    mine = Bookmark.objects.filter(member_id=member_id)
    jobs.cancel([row.job_id for row in mine.filter(reminded_at=None) if row.job_id is not None])
    mine.delete()


def _seen(member: Member, kind: str, target_id: int) -> tuple[str, int]:
    """What exactly is kept, if the member may see it."""
    if kind == "thread":
        get_thread(thread_id=target_id, viewer=member)
    elif kind == "post":
        post = get_post(post_id=target_id, viewer=member)
        return ("thread", post.thread_id) if post.is_opening else ("post", post.pk)
    elif kind != "item" or not Item.objects.filter(visible_items(member), pk=target_id).exists():
        raise NotVisible(_("There is nothing here that could be saved."))
    return kind, target_id


def _held(member: Member, kind: str, target_id: int) -> Bookmark | None:
    if kind not in KINDS:
        raise NotVisible(_("There is nothing here that could be saved."))
    rows = Bookmark.objects.select_for_update(no_key=True)
    return rows.filter(member=member, **{kind: target_id}).first()


def _begun(member: Member, kind: str, target_id: int) -> Bookmark:
    """Two devices at once make one row: the unique key is the proof."""
    if Bookmark.objects.filter(member=member, gone_at=None)[MOST - 1 : MOST].exists():
        raise NotAllowed(_("You have saved very many things. Let go of some first."), code="too_many_bookmarks")
    row = Bookmark(member=member, created_at=now(), **{f"{kind}_id": target_id})
    Bookmark.objects.bulk_create([row], ignore_conflicts=True)
    there = _held(member, kind, target_id)
    assert there is not None
    return there


def _say(row: Bookmark, said: Said) -> None:
    note = " ".join(tidy(said.note).split())
    if len(note) > NOTE_LIMIT:
        words = _("A note has at most %(n)s characters.") % {"n": NOTE_LIMIT}
        raise Invalid(words, code="note_too_long", field="note")
    if note != row.note:
        _set(row, note=note)
    if said.remind_at != row.remind_at:
        _check(said.remind_at)
        _cancel(row)
        _set(row, remind_at=said.remind_at, reminded_at=None, job_id=_scheduled(row, said.remind_at))


def _check(at: datetime | None) -> None:
    if at is None:
        return
    if at.tzinfo is None:
        raise Invalid(_("Say the moment with its time zone."), code="reminder_invalid", field="remind_at")
    if at <= now():
        raise Invalid(_("This moment is over already."), code="reminder_past", field="remind_at")
    if at > now() + FAR:
        raise Invalid(_("This is too far away: at most five years."), code="reminder_far", field="remind_at")


def _scheduled(row: Bookmark, at: datetime | None) -> int | None:
    if at is None:
        return None
    return jobs.schedule("threads.remind", at=at, bookmark_id=row.pk, moment=at.isoformat())


def _cancel(row: Bookmark) -> None:
    """Nothing of it is to come any more; what was told is taken back with what it spoke of."""
    if row.waits and row.job_id is not None:
        jobs.cancel([row.job_id])
    _look_again(row)


def _look_again(row: Bookmark) -> None:
    if row.reminded_at is not None and row.job_id is not None:
        notices.look_again("reminder", row.job_id)


def _set(row: Bookmark, **values: object) -> None:
    Bookmark.objects.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)

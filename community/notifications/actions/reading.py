"""What has been read. All of a member's devices hear of it."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from community.core.clock import now
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.notifications.actions.holding import count, hold
from community.notifications.models import Notice
from community.notifications.queries import Standing, standing


@unit
def mark_read(*, member: Member, notice_ids: list[int]) -> int:
    """Mark these of the member's own notices read; others and unknown ones are left alone. Returns what is unread."""
    return _mark(member, Notice.objects.filter(pk__in=notice_ids))


@unit
def mark_all_read(*, member: Member, until: datetime, at: datetime | None = None) -> int:
    """Mark read what stood in the inbox at `until`: what came since then has not been seen. `at` is the moment that is
    put down (now, unless given): with it `undo_all_read` takes this back.
    """
    return _mark(member, Notice.objects.filter(last_at__lte=until), at=at)


@unit
def undo_all_read(*, member: Member, at: datetime) -> None:
    """What was marked read in one stroke `at` that moment waits again. A second time changes nothing."""
    hold([member.pk])
    mine = Notice.objects.filter(member=member)
    # Of one subject one line is open: where something new has come meanwhile, that is the one.
    open_again = mine.filter(kind=OuterRef("kind"), subject=OuterRef("subject"), read_at=None)
    mine.filter(read_at=at).exclude(Exists(open_again)).update(read_at=None)
    count([member.pk])


def arrive(*, viewer: Viewer, target: str, target_id: int, numbers: tuple[int, int] | None = None) -> Standing | None:
    """Somebody opened the page of ("thread", 5), which shows the posts of these numbers: what led there is read.

    Returns where they stand; None for a visitor. 1 query where nothing waits to be read.
    """
    if not isinstance(viewer, Member):
        return None
    here = standing(viewer.pk, target, target_id, numbers=numbers)
    if not here.waits:
        return here
    _arrived(viewer, here)
    return here.read_again()


@unit
def _arrived(member: Member, here: Standing) -> None:
    mine = Notice.objects.filter(target=here.target, target_id=here.target_id)
    _mark(member, mine if here.numbers is None else mine.filter(number__range=here.numbers))


def _mark(member: Member, rows: "QuerySet[Notice]", *, at: datetime | None = None) -> int:
    hold([member.pk])
    rows.filter(member=member, read_at=None, withdrawn_at=None).update(read_at=at or now())
    count([member.pk])
    return Notice.objects.filter(member=member, read_at=None, withdrawn_at=None).count()

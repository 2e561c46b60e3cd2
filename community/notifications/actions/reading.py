"""What has been read. All of a member's devices hear of it."""

from datetime import datetime

from django.db.models import QuerySet

from community.core.clock import now
from community.core.work import unit
from community.members.models import Member
from community.notifications.actions.holding import count, hold
from community.notifications.models import Notice
from community.notifications.queries import Standing


@unit
def mark_read(*, member: Member, notice_ids: list[int]) -> int:
    """Mark these of the member's own notices read; others and unknown ones are left alone. Returns what is unread."""
    return _mark(member, Notice.objects.filter(pk__in=notice_ids))


@unit
def mark_all_read(*, member: Member, until: datetime) -> int:
    """Mark read what stood in the inbox at `until`: what came since then has not been seen."""
    return _mark(member, Notice.objects.filter(last_at__lte=until))


@unit
def mark_arrived(*, member: Member, standing: Standing) -> Standing:
    """The member opened the page that `standing` is about: what led there is read."""
    mine = Notice.objects.filter(target=standing.target, target_id=standing.target_id)
    if standing.numbers is not None:
        mine = mine.filter(number__range=standing.numbers)
    _mark(member, mine)
    return standing.read_again()


def _mark(member: Member, rows: "QuerySet[Notice]") -> int:
    hold([member.pk])
    rows.filter(member=member, read_at=None, withdrawn_at=None).update(read_at=now())
    count([member.pk])
    return Notice.objects.filter(member=member, read_at=None, withdrawn_at=None).count()

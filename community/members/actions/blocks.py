"""Who wants nothing to do with whom. What follows from it is asked by the rules (`permissions.apart_from`)."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import NotAllowed, NotVisible
from community.core.verdicts import ensure
from community.core.work import tally, unit
from community.members.facts import MemberBlocked, MemberUnblocked
from community.members.models import Block, Member
from community.members.permissions import Viewer, can_block, can_see_member

MOST = 1_000
"""People one member may have blocked: what is hidden from them goes into every question about posts."""

# With the other counts of members (`threads.actions.counters`): one order of locks for all of them.
_PLACE = 0
_COUNT = "UPDATE members_member SET block_count = block_count + %s WHERE id = %s"


@unit
def block(*, by: Viewer, member_id: int) -> None:
    """Have nothing to do with that member any more. Twice changes nothing. Raises `NotVisible`, `NotAllowed`."""
    other = Member.objects.filter(pk=member_id).first()
    if other is None or not can_see_member(by, other):
        raise NotVisible(_("There is no such member."))
    ensure(can_block(by, other))
    assert isinstance(by, Member)
    if Block.objects.filter(blocker=by)[MOST - 1 : MOST].exists():
        raise NotAllowed(_("You have blocked very many people. Unblock some of them first."), code="too_many_blocks")
    _row, new = Block.objects.get_or_create(blocker=by, blocked=other, defaults={"at": now()})
    if new:
        _count({by.pk: 1, other.pk: 1})
        facts.record(MemberBlocked(by.pk, other.pk))


@unit
def unblock(*, by: Viewer, member_id: int) -> None:
    """Take a block back; does nothing where there is none."""
    _take_back(Block.objects.filter(blocker_id=by.pk, blocked_id=member_id))


@unit
def drop_blocks(*, member_id: int) -> None:
    """Of and towards somebody who leaves, or who takes an office: staff have to reach everybody, and to see all."""
    _take_back(Block.objects.filter(Q(blocker=member_id) | Q(blocked=member_id)))


def _take_back(rows: "Iterable[Block]") -> None:
    for row in list(rows):
        gone, _by_table = Block.objects.filter(pk=row.pk).delete()
        if gone:  # and not by somebody else at the same time
            _count({row.blocker_id: -1, row.blocked_id: -1})
            facts.record(MemberUnblocked(row.blocker_id, row.blocked_id))


def _count(changes: dict[int, int]) -> None:
    for member_id, change in changes.items():
        tally(_PLACE, member_id, _COUNT, change)

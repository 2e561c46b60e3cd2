"""Moves of community levels, written down and told: the part that the round, a manager and a ban share."""

from collections.abc import Sequence

from community.core import facts
from community.core.clock import now
from community.members.facts import TrustChanged, TrustMoved
from community.members.models import Member, TrustChange


def tell_moves(moves: Sequence[TrustChange]) -> None:
    """Keep these moves; does nothing for none. In the transaction that moves."""
    if not moves:
        return
    TrustChange.objects.bulk_create(moves)
    facts.record(TrustChanged(tuple(TrustMoved(row.pk, row.member_id, row.before, row.after) for row in moves)))


def fall(member: Member) -> None:
    """A ban takes the level, unless a manager has settled it; saves it. The caller holds the member's row.

    What was earned by reading comes back with the first round after the ban; the rest asks for calm days.
    """
    if member.trust_locked_at is not None or not member.trust_level:
        return
    before = member.trust_level
    member.trust_level, member.trust_below_since = Member.Trust.NEWCOMER, None
    member.save(update_fields=["trust_level", "trust_below_since"])
    tell_moves([TrustChange(member=member, before=before, after=0, cause=TrustChange.Cause.BAN, at=now())])

"""Community levels move: by the daily round, by a manager's word, by a ban.

The round goes through the members by ranges of their id, a transaction each, and writes down how far it has come. So it
may be killed and go on, or be started twice, and each day is counted once. What it looks at are whole days that are
over: counted again, a day gives the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from community.core.clock import now
from community.core.errors import Invalid
from community.core.verdicts import ensure
from community.core.work import unit
from community.members import trust
from community.members.actions.accounts import _locked, note
from community.members.actions.moves import tell_moves
from community.members.models import Member, TrustChange, TrustRound
from community.members.permissions import can_set_trust
from community.members.trust import Standing, Weighed

BATCH = 2_000  # members of one transaction
ROUNDS_KEPT = timedelta(days=60)

_STORE = """
UPDATE members_member member SET trust_level = given.level, trust_below_since = given.since
FROM unnest(%s::bigint[], %s::smallint[], %s::date[]) AS given (id, level, since) WHERE member.id = given.id
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one batch of a round came to; `is_over` with the last one."""

    looked_at: int
    moved: int
    is_over: bool


def settle_trust(*, batch: int = BATCH) -> Counted:
    """Do what is left of today's round; nothing, once it is done. For jobs: a transaction for each batch."""
    day, looked_at, moved = trust.today(), 0, 0
    while True:
        done = settle_batch(day=day, size=batch)
        looked_at, moved = looked_at + done.looked_at, moved + done.moved
        if done.is_over:
            return Counted(looked_at, moved, is_over=True)


@unit
def settle_batch(*, day: date, size: int = BATCH) -> Counted:
    """Count the next members of the round of `day`. Two who do it at once wait for each other at its row."""
    TrustRound.objects.bulk_create([TrustRound(day=day)], ignore_conflicts=True)
    row = TrustRound.objects.select_for_update().get(day=day)
    if row.done_at is not None:
        return Counted(0, 0, is_over=True)
    members = list(_counted().filter(pk__gt=row.reached).order_by("pk")[:size])
    moved = _write_down(members, trust.weigh(members, day))
    if members:
        row.reached = members[-1].pk
    if len(members) < size:
        row.done_at = now()
        TrustRound.objects.filter(day__lt=day - ROUNDS_KEPT).delete()
    row.save(update_fields=["reached", "done_at"])
    return Counted(len(members), moved, is_over=row.done_at is not None)


@unit
def set_trust(*, by: Member, member_id: int, level: int, lock: bool, reason: str) -> Member:
    """Say which level a member has. With `lock` it stays that until a manager says otherwise; without, the round goes
    on from there: it raises whoever has earned more. Raises `NotAllowed`, `NotVisible`, `Invalid`.
    """
    if level not in Member.Trust.values:
        raise Invalid(_("Choose one of the levels."), code="level_unknown", field="level")
    member = _locked(member_id)
    ensure(can_set_trust(by, member))
    before, was_locked = member.trust_level, member.trust_locked_at is not None
    if (before, was_locked) == (level, lock):
        return member
    member.trust_level, member.trust_below_since = level, None
    if lock != was_locked:
        member.trust_locked_at, member.trust_locked_by = (now(), by) if lock else (None, None)
    member.save(update_fields=["trust_level", "trust_below_since", "trust_locked_at", "trust_locked_by"])
    detail = {"from": before, "to": level, "locked": lock}
    note(by=by, verb="set_trust", target="member", target_id=member.pk, reason=reason, detail=detail)
    if before != level:
        cause = TrustChange.Cause.MANAGER
        tell_moves([TrustChange(member=member, before=before, after=level, cause=cause, at=now())])
    return member


def _counted() -> "QuerySet[Member]":
    """Whose level the round may move: who can come in, and whom no manager has settled."""
    return Member.objects.filter(is_active=True, banned_at=None, trust_locked_at=None, email__isnull=False).only(
        "trust_level", "trust_below_since"
    )


def _write_down(members: Sequence[Member], standings: Mapping[int, Standing]) -> int:
    """Store what changed; returns how many moved.

    Meanwhile a manager may have settled a level, or a ban taken it: the rows are locked, in order, and looked at again.
    """
    seen = {member.pk: Standing(member.trust_level, member.trust_below_since) for member in members}
    changed = sorted(pk for pk, standing in standings.items() if standing != seen[pk])
    held = [
        member
        for member in _counted().select_for_update(no_key=True).filter(pk__in=changed).order_by("pk")
        if Standing(member.trust_level, member.trust_below_since) == seen[member.pk]
    ]
    _store([(member.pk, standings[member.pk]) for member in held])
    moved = [member for member in held if member.trust_level != standings[member.pk].level]
    tell_moves(_moves(moved, standings))
    return len(moved)


def _store(standings: Sequence[tuple[int, Standing]]) -> None:
    if not standings:
        return
    columns: list[Any] = [
        [pk for pk, _standing in standings],
        [standing.level for _pk, standing in standings],
        [standing.below_since for _pk, standing in standings],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, columns)


def _moves(members: Sequence[Member], standings: Mapping[int, Standing]) -> list[TrustChange]:
    """With the figures of the level that was won or lost, counted for all of them at once."""
    reasons: dict[int, list[Weighed]] = {}
    for level in trust.LEVELS:
        here = [one.pk for one in members if max(one.trust_level, standings[one.pk].level) == level.number]
        reasons |= trust.explain_all(here, level, trust.today()) if here else {}
    return [
        TrustChange(
            member=member,
            before=member.trust_level,
            after=standings[member.pk].level,
            cause=TrustChange.Cause.ROUND,
            reasons=[row.as_data() for row in reasons[member.pk]],
            at=now(),
        )
        for member in members
    ]

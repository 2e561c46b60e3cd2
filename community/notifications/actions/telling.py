"""Telling people what happened, and taking it back: one pass over whom it concerns, in batches.

Nothing here is told by an event alone. A job looks at what happened as it stands **now** (`registry.source`) and makes
the causes in the inboxes what they have to be: missing ones are written, those that are not due any more are withdrawn,
withdrawn ones that are due again come back. So a job may be done twice, be killed between two batches and begin again,
or be late: the inboxes come out the same. Jobs about the same thing are done one after the other (their lock), hence
the last look is the latest state. A cause has a key that can be there once; that is the proof, not the care taken here.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from community.core import jobs
from community.core.clock import now
from community.core.work import open_unit, unit
from community.members.queries import blocked_with
from community.notifications import registry
from community.notifications.actions import due, lines, pushes
from community.notifications.actions.holding import count, hold
from community.notifications.models import Cause, Level
from community.notifications.registry import Happening

BATCH = 500  # members of one transaction
FRESH = timedelta(days=7)
"""What is older is not news: it is not told for the first time, though what was told can come and go."""


def look_again(source: str, source_id: int, actor_id: int | None = None) -> None:
    """Something of this kind happened or changed: have a job tell whoever it concerns. No query of its own."""
    lock = f"notices.{source}.{source_id}"
    jobs.enqueue("notifications.settle", lock=lock, source=source, source_id=source_id, actor_id=actor_id)


def settle(source: str, source_id: int, actor_id: int | None = None) -> None:
    """Make all inboxes say what there is to say of it now. For jobs: it opens a transaction for each batch."""
    look = registry.source_of(source)
    found = list(look(source_id, actor_id)) if look is not None else []
    for happening in found:
        tell(happening)
    _withdraw_rest(source, source_id, actor_id, keep=[happening.actor_id for happening in found])


def tell(happening: Happening) -> None:
    """Tell it to everybody concerned who has not heard of it, and take it back from those it does not concern."""
    away = blocked_with(happening.actor_id) | {happening.actor_id}
    after = 0
    while members := _concerned(happening, after):
        after = members[-1]
        with open_unit():
            _settle_batch(happening, members, away)


@unit
def withdraw_between(one: int, other: int) -> None:
    """What either of two members caused in the other's inbox goes."""
    pairs = Q(member_id=one, actor_id=other) | Q(member_id=other, actor_id=one)
    hold([one, other])
    causes = Cause.objects.filter(pairs, withdrawn_at=None)
    touched = sorted(set(causes.values_list("notice_id", flat=True)))
    causes.update(withdrawn_at=now())
    lines.draw_again(touched)
    count([one, other])


def _settle_batch(happening: Happening, member_ids: Sequence[int], away: frozenset[int]) -> None:
    hold(member_ids)
    known = _known(happening, member_ids)
    wanted = due.who_hears(happening, member_ids, away)
    if now() - happening.at > FRESH:
        wanted = {pk: told for pk, told in wanted.items() if pk in known}
    new = {pk: heard for pk, heard in wanted.items() if pk not in known}
    back = [row.pk for pk, row in known.items() if pk in wanted and row.withdrawn_at is not None]
    gone = [row.pk for pk, row in known.items() if pk not in wanted and row.withdrawn_at is None]
    touched = lines.add(happening, new)
    Cause.objects.filter(pk__in=back).update(withdrawn_at=None)
    Cause.objects.filter(pk__in=gone).update(withdrawn_at=now())
    changed = {*back, *gone}
    touched += [row.notice_id for row in known.values() if row.pk in changed]
    lines.draw_again(touched)
    if touched:
        count(member_ids)
        due.plan_mail(new)
        pushes.plan_push(new)


def _withdraw_rest(source: str, source_id: int, actor_id: int | None, *, keep: Sequence[int]) -> None:
    """Take back what was told of it by anybody who does not stand behind it any more."""
    causes = Cause.objects.filter(source=source, source_id=source_id, withdrawn_at=None).exclude(actor_id__in=keep)
    if actor_id is not None:
        causes = causes.filter(actor_id=actor_id)
    while members := list(causes.order_by("member_id").values_list("member_id", flat=True).distinct()[:BATCH]):
        with open_unit():
            hold(members)
            mine = causes.filter(member_id__in=members)
            touched = sorted(set(mine.values_list("notice_id", flat=True)))
            mine.update(withdrawn_at=now())
            lines.draw_again(touched)
            count(members)


def _concerned(happening: Happening, after: int) -> list[int]:
    """The next members, by id, who follow a place of it, are spoken to by it, or have been told of it."""
    parts: list[str] = []
    values: list[Any] = []
    followed = [Level.Value.TRACK.value, Level.Value.WATCH.value]
    spots = [*happening.places, *([happening.own] if happening.own else [])] if happening.followers else []
    for kind, target_id in spots:
        parts.append(
            "(SELECT member_id FROM notifications_level WHERE kind = %s AND target_id = %s AND level = ANY(%s)"
            " AND member_id > %s ORDER BY member_id LIMIT %s)"
        )
        values += [kind, target_id, followed, after, BATCH]
    parts.append(
        "(SELECT member_id FROM notifications_cause WHERE source = %s AND source_id = %s AND actor_id = %s"
        " AND member_id > %s ORDER BY member_id LIMIT %s)"
    )
    values += [happening.source, happening.source_id, happening.actor_id, after, BATCH]
    values += [[pk for pk in happening.persons if pk > after], BATCH]
    union = " UNION ".join([*parts, "(SELECT unnest(%s::bigint[]))"])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT member_id FROM ({union}) all_of_them (member_id) ORDER BY 1 LIMIT %s", values)  # noqa: S608
        return [pk for (pk,) in cursor.fetchall()]


def _known(happening: Happening, member_ids: Sequence[int]) -> Mapping[int, Cause]:
    rows = Cause.objects.filter(
        source=happening.source,
        source_id=happening.source_id,
        actor_id=happening.actor_id,
        member_id__in=member_ids,
    )
    return {row.member_id: row for row in rows}

"""What a member has read. Positions only go up: whichever device speaks last, nobody is sent back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from community.core import facts
from community.core.clock import now
from community.core.work import at_the_end, unit
from community.members.models import Member
from community.threads.facts import AllRead, ThreadsRead
from community.threads.models import Category, ReadMark, Thread
from community.threads.permissions import visible_threads

THREADS_AT_ONCE = 50
# A report that is later than this was not made by a page that is being read.
REPORT_SECONDS = 600

# Always by thread, so that two devices that report the same threads wait for each other in one order.
_REACHED = """
INSERT INTO threads_readposition AS mine (member_id, thread_id, number, at)
SELECT %(member)s, asked.thread, asked.number, %(at)s
FROM unnest(%(threads)s::bigint[], %(numbers)s::int[]) AS asked (thread, number)
ORDER BY asked.thread
ON CONFLICT (member_id, thread_id) DO UPDATE SET number = excluded.number, at = excluded.at
WHERE excluded.number > mine.number
RETURNING thread_id, number
"""
# Who writes has read what came before, unless the page has said that they had not come so far.
_WROTE = """
INSERT INTO threads_readposition AS mine (member_id, thread_id, number, at) VALUES (%s, %s, %s, %s)
ON CONFLICT (member_id, thread_id) DO UPDATE SET number = excluded.number, at = excluded.at
WHERE mine.number = excluded.number - 1
"""
_SECONDS = """
INSERT INTO threads_readingday AS mine (member_id, day, seconds, at)
VALUES (%(member)s, %(day)s, least(%(seconds)s, %(today)s), %(at)s)
ON CONFLICT (member_id, day) DO UPDATE
SET seconds = mine.seconds + least(%(seconds)s, greatest(0, floor(extract(epoch FROM excluded.at - mine.at)))::int),
    at = greatest(mine.at, excluded.at)
"""
_ALL = """
INSERT INTO threads_readmark AS mine (member_id, category_id, before, previous)
VALUES (%(member)s, %(category)s, %(before)s, NULL)
ON CONFLICT (member_id, category_id) DO UPDATE SET before = excluded.before, previous = mine.before
WHERE excluded.before > mine.before
"""


@unit
def mark_read(*, member: Member, reached: Mapping[int, int], seconds: int = 0) -> dict[int, int]:
    """The member has come to these numbers, by thread id; and was reading for so many seconds since the last report.

    What is behind the position, beyond the end of a thread, or not for this member changes nothing. Of the seconds no
    more count than have passed. Returns what changed. 3 queries.
    """
    at = now()
    if seconds > 0:
        _count(member, min(seconds, REPORT_SECONDS), at)
    wanted = dict(sorted(reached.items())[:THREADS_AT_ONCE])
    ends = dict(
        Thread.objects.filter(visible_threads(member), pk__in=wanted).values_list("pk", "last_number") if wanted else ()
    )
    good = {pk: number for pk, number in wanted.items() if 0 < number <= ends.get(pk, 0)}
    if not good:
        return {}
    given: dict[str, Any] = {"member": member.pk, "threads": list(good), "numbers": list(good.values()), "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, given)
        changed = dict(cursor.fetchall())
    if changed:
        facts.record(ThreadsRead(member.pk, tuple(sorted(changed.items()))))
    return changed


def has_written(*, member_id: int, thread_id: int, number: int, at: datetime) -> None:
    """Put down, at the end of the open unit, that the writer of this post has read it."""
    at_the_end(_WROTE, [member_id, thread_id, number, at])


@unit
def mark_all_read(*, member: Member, category: Category | None = None, before: datetime | None = None) -> None:
    """What was written up to `before` (a page's own moment; now at the latest) counts as read, in `category` or
    everywhere. `undo_all_read` takes it back.
    """
    moment = min(before or now(), now())
    given: dict[str, Any] = {"member": member.pk, "category": category and category.pk, "before": moment}
    with connection.cursor() as cursor:
        cursor.execute(_ALL, given)
    facts.record(AllRead(member.pk))


@unit
def undo_all_read(*, member: Member, category: Category | None = None) -> None:
    """Go back to the mark before the last one. A second time changes nothing."""
    mark = ReadMark.objects.select_for_update().filter(member=member, category=category).first()
    if mark is None:
        return
    if mark.previous is None:
        mark.delete()
    else:
        ReadMark.objects.filter(pk=mark.pk).update(before=mark.previous, previous=None)
    facts.record(AllRead(member.pk))


def _count(member: Member, seconds: int, at: datetime) -> None:
    here = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    today = here.hour * 3600 + here.minute * 60 + here.second
    given: dict[str, Any] = {"member": member.pk, "day": here.date(), "seconds": seconds, "today": today, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_SECONDS, given)

"""Holding inboxes, and counting them anew: what every change of notices begins and ends with."""

from collections.abc import Sequence

from django.db import connection

from community.core import facts
from community.notifications.facts import InboxChanged

_MAKE = "INSERT INTO notifications_inbox (member_id, unread, digest) SELECT m, 0, 'none' FROM unnest(%s::bigint[]) m"
# In the order of ids, so that two batches never wait for each other in a circle. NO KEY: rows that point at an inbox's
# member may be written meanwhile.
_HOLD = "SELECT member_id FROM notifications_inbox WHERE member_id = ANY(%s) ORDER BY member_id FOR NO KEY UPDATE"
_COUNT = """
UPDATE notifications_inbox i SET unread = c.n
FROM (SELECT m, (SELECT count(*) FROM notifications_notice n
        WHERE n.member_id = m AND n.read_at IS NULL AND n.withdrawn_at IS NULL) AS n
      FROM unnest(%s::bigint[]) m) c
WHERE i.member_id = c.m AND i.unread <> c.n RETURNING i.member_id, i.unread
"""


def hold(member_ids: Sequence[int]) -> None:
    """Take the inboxes of these members for the rest of the transaction; those that are not there are made."""
    wanted = sorted(set(member_ids))
    with connection.cursor() as cursor:
        cursor.execute(f"{_MAKE} ON CONFLICT DO NOTHING", [wanted])
        cursor.execute(_HOLD, [wanted])


def count(member_ids: Sequence[int]) -> dict[int, int]:
    """Write how much is unread in each of these held inboxes, and tell it. Returns those that changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [sorted(set(member_ids))])
        changed: dict[int, int] = dict(cursor.fetchall())
    for member_id in sorted(changed):
        facts.record(InboxChanged(member_id, changed[member_id]))
    return changed

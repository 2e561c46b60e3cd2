"""The lines of an inbox: a cause joins the open line of its kind and subject, and a line says what its causes say."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.db import connection

from community.core.clock import now
from community.notifications.actions.due import Heard
from community.notifications.models import Cause
from community.notifications.registry import Happening

ACTORS = 12  # latest causes a line looks at for the faces it shows

# A line that is open takes what happens; a read one is left alone and another begins.
_OPEN = """
INSERT INTO notifications_notice (member_id, kind, subject, target, target_id, number, note, actors, people, count,
  quiet, first_at, last_at)
SELECT m, k, s, t, i, n, w, '[]', 0, 0, q, %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::int[], %s::text[], %s::bool[])
  given (m, k, s, t, i, n, w, q) ORDER BY m
ON CONFLICT (member_id, kind, subject) WHERE read_at IS NULL DO UPDATE SET note = EXCLUDED.note
RETURNING member_id, id
"""
_DRAW = """
UPDATE notifications_notice n SET people = c.people, count = c.causes, actors = c.actors, quiet = c.quiet,
  number = c.number, first_at = c.first_at, last_at = c.last_at, withdrawn_at = NULL
FROM (
  SELECT notice_id, count(DISTINCT actor_id) AS people, count(*) AS causes, bool_and(quiet) AS quiet,
    min(number) AS number, min(at) AS first_at, max(at) AS last_at,
    to_jsonb((array_agg(actor_id ORDER BY at DESC, id DESC))[1:%s]) AS actors
  FROM notifications_cause WHERE notice_id = ANY(%s) AND withdrawn_at IS NULL GROUP BY notice_id
) c WHERE n.id = c.notice_id;
UPDATE notifications_notice n SET withdrawn_at = %s, people = 0, count = 0
WHERE n.id = ANY(%s) AND n.withdrawn_at IS NULL AND NOT EXISTS
  (SELECT FROM notifications_cause c WHERE c.notice_id = n.id AND c.withdrawn_at IS NULL)
"""


def add(happening: Happening, heard: Mapping[int, Heard]) -> list[int]:
    """Write that these members (whose inboxes are held) are told of it; returns the lines that took it in."""
    if not heard:
        return []
    lines = _open(happening, heard)
    Cause.objects.bulk_create(
        Cause(
            notice_id=lines[pk],
            member_id=pk,
            source=happening.source,
            source_id=happening.source_id,
            actor_id=happening.actor_id,
            number=one.told.number,
            quiet=one.quiet,
            at=happening.at,
        )
        for pk, one in heard.items()
    )
    return list(lines.values())


def draw_again(notice_ids: Sequence[int]) -> None:
    """Make these lines say what stands behind them now; a line without a cause is withdrawn."""
    if not notice_ids:
        return
    wanted = sorted(set(notice_ids))
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [ACTORS, wanted, now(), wanted])


def _open(happening: Happening, heard: Mapping[int, Heard]) -> dict[int, int]:
    rows = sorted(((pk, one.told, one.quiet) for pk, one in heard.items()), key=itemgetter(0))
    told = [one for _pk, one, _quiet in rows]
    columns: list[list[Any]] = [[pk for pk, _told, _quiet in rows]]
    columns += [[getattr(one, name) for one in told] for name in ("kind", "subject", "target", "target_id")]
    columns += [[one.number for one in told], [one.note for one in told], [quiet for _pk, _told, quiet in rows]]
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [happening.at, happening.at, *columns])
        return dict(cursor.fetchall())

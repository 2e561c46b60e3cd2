"""Jobs that are queued in the transaction that causes them, without a round trip of their own.

procrastinate's own `defer` asks the database and waits for the answer, which is the id of the job. Who holds the lock
of a busy row has no use for it: `enqueue` sends the statement along with the last ones of the transaction. Who may want
to take a job back before its time comes asks for the id: `schedule`, `cancel`.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from community.core import work

# The function that procrastinate itself calls; tests/core/test_jobs.py notices when an update changes it.
_DEFER = """SELECT procrastinate_defer_jobs_v1(
ARRAY[ROW(%s, %s, 0, %s, NULL, %s::jsonb, %s::timestamptz)::procrastinate_job_to_defer_v1])"""


def enqueue(
    task: str, *, lock: str | None = None, queue: str = "default", at: datetime | None = None, **arguments: Any
) -> None:
    """Have the worker do `task` with these JSON-safe arguments once the open unit of work is committed, or later, `at`.

    Jobs with the same `lock` are done one after the other, in the order they came.
    Raises `RuntimeError` outside of a unit of work.
    """
    work.at_the_end(_DEFER, [queue, task, lock, json.dumps(arguments), at])


# The functions behind procrastinate's own `defer(schedule_at=…)` and `cancel_job_by_id(delete_job=True)`.
_SCHEDULE = """SELECT (procrastinate_defer_jobs_v1(
ARRAY[ROW(%s, %s, 0, NULL, NULL, %s::jsonb, %s)::procrastinate_job_to_defer_v1]))[1]"""
_CANCEL = "SELECT procrastinate_cancel_job_v1(id, false, true) FROM unnest(%s::bigint[]) AS wanted (id)"


def schedule(task: str, *, at: datetime, queue: str = "default", **arguments: Any) -> int:
    """Have the worker do `task` at this moment; returns the id of the job. 1 statement.

    Raises `RuntimeError` outside of a unit of work.
    """
    _in_unit()
    with connection.cursor() as cursor:
        cursor.execute(_SCHEDULE, [queue, task, json.dumps(arguments), at])
        return int(cursor.fetchone()[0])


def cancel(job_ids: Collection[int]) -> None:
    """Take back jobs that have not begun; what is being done or is done already is left alone. 1 statement at most.

    Raises `RuntimeError` outside of a unit of work.
    """
    _in_unit()
    if job_ids:
        with connection.cursor() as cursor:
            cursor.execute(_CANCEL, [sorted(job_ids)])


def _in_unit() -> None:
    if work.current() is None:
        raise RuntimeError("jobs with an id need an open unit of work")

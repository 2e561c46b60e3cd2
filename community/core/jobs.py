"""Jobs that are queued in the transaction that causes them, without a round trip of their own.

procrastinate's own `defer` asks the database and waits for the answer, which is the id of the job. Who holds the lock
of a busy row has no use for it: `enqueue` sends the statement along with the last ones of the transaction.
"""

import json
from datetime import datetime
from typing import Any

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

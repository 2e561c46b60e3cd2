"""What is done for the index without anybody waiting."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from community.search import actions

AT_ONCE = 200  # documents of one transaction
RETRY = RetryStrategy(max_attempts=5, exponential_wait=3)


@app.task(name="search.index", retry=RETRY)
def index(kind: str, ids: list[int]) -> None:
    """Bring the documents of these rows up to date; doing so twice does no harm."""
    for start in range(0, len(ids), AT_ONCE):
        actions.index(kind, ids[start : start + AT_ONCE])


@app.periodic(cron="41 3 * * *")
@app.task(name="search.forget_lookups", queueing_lock="search.forget_lookups")
def forget_lookups(timestamp: int) -> None:
    """Every night: what was looked for, past its time. `timestamp` is procrastinate's, unused."""
    actions.forget_lookups()

"""What is done for inboxes without anybody waiting for it."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from community.notifications import actions, queries

# A deadlock or a database that restarts: again in a few seconds, for some minutes.
SOON = RetryStrategy(max_attempts=8, exponential_wait=2)


@app.task(name="notifications.settle", retry=SOON)
def settle(source: str, source_id: int, actor_id: int | None = None) -> None:
    """Tell whoever it concerns what there is to say of it now; done again, it changes nothing."""
    actions.settle(source, source_id, actor_id)


@app.task(name="notifications.works_came", retry=SOON)
def works_came(item_ids: list[int], new_ids: list[int]) -> None:
    """New works are told; of those that changed, only the ones somebody was told of can have anything to take back."""
    for item_id in sorted({*new_ids, *queries.told_of("item", item_ids)}):
        actions.settle("item", item_id)


@app.periodic(cron="* * * * *")
@app.task(name="notifications.write_mails", queueing_lock="notifications.write_mails")
def write_mails(timestamp: int) -> None:
    """Each minute: the letters that are due. `timestamp` is procrastinate's, unused."""
    actions.write_due()

"""What is done for inboxes without anybody waiting for it."""

import logging

from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from community.core import webpush
from community.notifications import actions, queries

log = logging.getLogger(__name__)

# A deadlock or a database that restarts: again in a few seconds, for some minutes.
SOON = RetryStrategy(max_attempts=8, exponential_wait=2)


class AsTheServiceSays(BaseRetryStrategy):
    """Again in 4, 16, 64 seconds and so on, or when the push service wants it, whichever is later; for some hours."""

    MOST, FACTOR = 7, 4

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= self.MOST:
            return None
        asked = exception.seconds if isinstance(exception, webpush.ComeBack) else 0
        return RetryDecision(retry_in={"seconds": max(asked, self.FACTOR ** (job.attempts + 1))})


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


@app.task(name="notifications.push", retry=SOON)
def push(member_ids: list[int]) -> None:
    """A little after something came: what is still unread then is said by these members' browsers."""
    for member_id in member_ids:
        actions.push_to(member_id=member_id)


@app.task(name="notifications.deliver", queue="push", retry=AsTheServiceSays())
def deliver(device_id: int, notice_ids: list[int]) -> None:
    """One message for one browser. What its service refuses for good is logged, and lost: it stands in the inbox."""
    try:
        actions.deliver(device_id=device_id, notice_ids=notice_ids)
    except webpush.Refused as refused:
        log.warning("push_refused", extra={"device": device_id, "status": str(refused)})

"""What is done for threads without anybody asking."""

from procrastinate.contrib.django import app

from community.threads.actions import sweep_drafts
from community.threads.actions.heat import settle_heat


@app.periodic(cron="23 * * * *")
@app.task(name="threads.settle_heat", queueing_lock="threads.settle_heat")
def settle_hot_scores(timestamp: int) -> None:
    """Every hour: the hot scores of lately active threads, made anew from their rows, 500 threads a transaction.
    `timestamp` is procrastinate's, unused.
    """
    done = settle_heat()
    while done:
        done = settle_heat(after_id=done)


@app.periodic(cron="37 3 * * *")
@app.task(name="threads.sweep_drafts", queueing_lock="threads.sweep_drafts")
def forget_old_drafts(timestamp: int) -> None:
    """Every night: drafts of 90 days, and what is left of sent and discarded ones. `timestamp` is unused."""
    sweep_drafts()

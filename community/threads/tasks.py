"""What is done for threads without anybody asking."""

from datetime import datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from community.threads import actions
from community.threads.actions import sweep_drafts
from community.threads.actions import tell_again as told
from community.threads.actions.heat import settle_heat

# A deadlock or a database that restarts: again in a few seconds, for some minutes.
SOON = RetryStrategy(max_attempts=8, exponential_wait=2)


@app.periodic(cron="23 * * * *")
@app.task(name="threads.settle_heat", queueing_lock="threads.settle_heat")
def settle_hot_scores(timestamp: int) -> None:
    """Every hour: the hot scores of lately active threads, made anew from their rows, 500 threads a transaction.
    `timestamp` is procrastinate's, unused.
    """
    done = settle_heat()
    while done:
        done = settle_heat(after_id=done)


@app.task(name="threads.tell_again")
def tell_again(thread_id: int) -> None:
    """A thread is seen by others than before: what its notices say is looked at again."""
    told.tell_thread_again(thread_id)


@app.task(name="threads.tell_category_again")
def tell_category_again(category_id: int) -> None:
    """The same for all threads of a category that somebody was told of."""
    told.tell_category_again(category_id)


@app.periodic(cron="37 3 * * *")
@app.task(name="threads.sweep_drafts", queueing_lock="threads.sweep_drafts")
def forget_old_drafts(timestamp: int) -> None:
    """Every night: drafts of 90 days, and what is left of sent and discarded ones; removed bookmarks. `timestamp` is
    unused.
    """
    sweep_drafts()
    actions.sweep_bookmarks()


@app.task(name="threads.remind", retry=SOON)
def remind(bookmark_id: int, moment: str) -> None:
    """A member wanted to be reminded at `moment`; done again, or after they changed their mind, it changes nothing."""
    actions.remind(bookmark_id=bookmark_id, at=datetime.fromisoformat(moment))

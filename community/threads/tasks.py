"""What is done for threads without anybody asking."""

from datetime import datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from community.notifications import actions as notices
from community.threads import actions
from community.threads.actions import sweep_drafts
from community.threads.actions import tell_again as told
from community.threads.actions.heat import settle_heat
from community.threads.models import Post

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
    """Every night: drafts of 90 days, what is left of sent and discarded ones, removed bookmarks, and what is no news
    any more. `timestamp` is unused.
    """
    sweep_drafts()
    actions.sweep_bookmarks()
    actions.sweep_feed()


@app.task(name="threads.remind", retry=SOON)
def remind(bookmark_id: int, moment: str) -> None:
    """A member wanted to be reminded at `moment`; done again, or after they changed their mind, it changes nothing."""
    actions.remind(bookmark_id=bookmark_id, at=datetime.fromisoformat(moment))


@app.task(name="threads.spoken", retry=SOON)
def spoken(post_id: int) -> None:
    """Something was written or changed: whom it concerns is told, and feeds show it."""
    notices.settle("post", post_id)
    about = Post.objects.filter(pk=post_id).values_list("thread_id", "number").first()
    if about is not None:
        actions.publish_threads([about[0]], post_id=None if about[1] == 1 else post_id)


@app.task(name="threads.publish", retry=SOON)
def publish(thread_ids: list[int], post_id: int | None = None, accepted: str = "") -> None:
    """What feeds show of these threads, or of one reply, is looked at again."""
    moment = datetime.fromisoformat(accepted) if accepted else None
    for start in range(0, len(thread_ids), 200):
        actions.publish_threads(thread_ids[start : start + 200], post_id=post_id, accepted=moment)


@app.task(name="threads.publish_items", retry=SOON)
def publish_items(item_ids: list[int]) -> None:
    """The same for items that came or changed."""
    for start in range(0, len(item_ids), 500):
        actions.publish_items(item_ids[start : start + 500])


@app.task(name="threads.publish_all", retry=SOON)
def publish_all() -> None:
    """Everything anew: after an update, and when somebody speaks for a maker who did not before."""
    actions.publish_all()

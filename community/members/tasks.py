"""What is done for members without anybody asking."""

from procrastinate.contrib.django import app

from community.members import actions


@app.periodic(cron="17 4 * * *")
@app.task(name="members.forget_unverified", queueing_lock="members.forget_unverified")
def forget_unverified(timestamp: int) -> None:
    """Every night: names held by sign-ups that were never confirmed. `timestamp` is procrastinate's, unused."""
    actions.forget_unverified()

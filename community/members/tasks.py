"""What is done for members without anybody asking."""

from procrastinate.contrib.django import app

from community.members import actions


@app.periodic(cron="17 4 * * *")
@app.task(name="members.forget_unverified", queueing_lock="members.forget_unverified")
def forget_unverified(timestamp: int) -> None:
    """Every night: names held by sign-ups that were never confirmed. `timestamp` is procrastinate's, unused."""
    actions.forget_unverified()


@app.periodic(cron="27 4 * * *")
@app.task(name="members.forget_old_traces", queueing_lock="members.forget_old_traces")
def forget_old_traces(timestamp: int) -> None:
    """Every night: sign-ins whose session is gone, browsers long unseen, old addresses after their days of grace."""
    actions.forget_ended_sign_ins()
    actions.forget_address_changes()

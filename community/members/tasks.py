"""What is done for members without anybody asking."""

from allauth.account.adapter import get_adapter
from django.core.files.storage import default_storage
from procrastinate import RetryStrategy
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


@app.periodic(cron="37 * * * *")
@app.task(name="members.erase_due", queueing_lock="members.erase_due")
def erase_due(timestamp: int) -> None:
    """Every hour: accounts whose two weeks are over."""
    actions.erase_due()


@app.task(name="members.forget_files")
def forget_files(files: list[str]) -> None:
    """Pictures of somebody who has left. Doing it twice does no harm."""
    for file in files:
        default_storage.delete(file)


@app.periodic(cron="11 * * * *")
@app.task(name="members.settle_trust", queueing_lock="members.settle_trust")
def settle_trust(timestamp: int) -> None:
    """Every hour: community levels, counted once a day; in other hours there is nothing to do. So the day begins with
    it wherever the site stands, and a night on which the house was dark is made up for. `timestamp` is unused.
    """
    actions.settle_trust()


@app.task(name="members.make_archive", retry=RetryStrategy(max_attempts=3, wait=60))
def make_archive(archive_id: int) -> None:
    """What a member asked for. The mail leads to the page, never to the file: that opens to a fresh proof only."""
    made = actions.make_archive(archive_id=archive_id)
    if made is not None:
        get_adapter().send_notification_mail("account/email/archive_ready", made.member, {"until": made.expires_at})


@app.periodic(cron="47 * * * *")
@app.task(name="members.sweep_archives", queueing_lock="members.sweep_archives")
def sweep_archives(timestamp: int) -> None:
    """Every hour: archives whose days are over. `timestamp` is procrastinate's, unused."""
    actions.sweep_archives()


@app.task(name="members.forget_archives")
def forget_archives(files: list[str]) -> None:
    """Archives of somebody who has left."""
    actions.forget_archives(files=files)

"""Jobs that belong to no app."""

from importlib import import_module
from typing import Any

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from community.config import mail
from community.core import idempotency, pictures

# 10 tries over about three hours: a mail server's bad evening, not more.
PATIENT = RetryStrategy(max_attempts=10, exponential_wait=3)


@app.task(queue="mail", retry=PATIENT)
def send_mail(message: dict[str, Any]) -> None:
    mail.send(message)


@app.periodic(cron="* * * * *")
@app.task(name="config.take_up", queueing_lock="config.take_up")
async def take_up_what_was_left(timestamp: int) -> None:
    """Each minute: jobs whose worker is gone (killed, or its machine) are done by another. A job may so be done twice,
    which is why every job of ours changes nothing the second time. `timestamp` is procrastinate's, unused.
    """
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


@app.periodic(cron="7 * * * *")
@app.task(name="config.keep_house", queueing_lock="config.keep_house")
def keep_house(timestamp: int) -> None:
    """Every hour: uploads nothing came to use, answers kept for repeated commands past their time, and sessions that
    have run out. The live log is trimmed by `realtime.tasks`. `timestamp` is procrastinate's, unused.
    """
    while pictures.sweep():
        pass
    idempotency.sweep()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()

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

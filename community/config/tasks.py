"""Jobs that belong to no app."""

from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from community.config import mail

# 10 tries over about three hours: a mail server's bad evening, not more.
PATIENT = RetryStrategy(max_attempts=10, exponential_wait=3)


@app.task(queue="mail", retry=PATIENT)
def send_mail(message: dict[str, Any]) -> None:
    mail.send(message)

"""Mail leaves by a job in the transaction that causes it: rolled back, it never existed; committed, it will be sent.

`EMAIL_BACKEND` is `QueuedBackend`; `HIROBA_EMAIL_BACKEND_REAL` is what the worker sends with.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.filebased import EmailBackend as FileBackend


class QueuedBackend(BaseEmailBackend):
    """Puts each message into the job queue."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        from community.config.tasks import send_mail

        for message in email_messages:
            send_mail.defer(message=pack(message))
        return len(email_messages)


class TrialBackend(FileBackend):
    """For a site on one's own machine: each mail is a file and a line in the terminal, with the code."""

    def write_message(self, message: EmailMessage | EmailMultiAlternatives) -> None:
        super().write_message(message)
        place = os.path.relpath(settings.EMAIL_FILE_PATH)
        sys.stdout.write(f"  Mail to {', '.join(message.to)}: {message.subject}  (in {place}/)\n")
        sys.stdout.flush()


def pack(message: EmailMessage) -> dict[str, Any]:
    """A message as JSON. Raises `ValueError` for attachments: our mails carry none."""
    if message.attachments:
        raise ValueError("A queued mail has no attachments; put a link into it.")
    alternatives = getattr(message, "alternatives", [])
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "from_email": message.from_email,
        "to": list(message.to),
        "cc": list(message.cc),
        "bcc": list(message.bcc),
        "reply_to": list(message.reply_to),
        "headers": dict(message.extra_headers),
        "html": [str(content) for content, kind in alternatives if kind == "text/html"],
    }


def send(packed: dict[str, Any]) -> None:
    """Send a packed message now; raises what the real backend raises, so that the job is tried again."""
    fields = {name: value for name, value in packed.items() if name != "html"}
    message = EmailMultiAlternatives(**fields, connection=get_connection(settings.HIROBA_EMAIL_BACKEND_REAL))
    for html in packed["html"]:
        message.attach_alternative(html, "text/html")
    message.send()

"""A mail is a job in the transaction that causes it."""

import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connection, transaction

from community.config.tasks import send_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _queued(settings: Any) -> None:
    settings.EMAIL_BACKEND = "community.config.mail.QueuedBackend"
    settings.HIROBA_EMAIL_BACKEND_REAL = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _empty_queue(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [send_mail.name])
        return int(cursor.fetchone()[0])


def letter() -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        "ご注文", "本文です。", "shop@example.com", ["ana@example.com"], reply_to=["re@example.com"]
    )
    message.attach_alternative("<p>本文です。</p>", "text/html")
    return message


def test_a_rolled_back_transaction_sends_nothing(run_jobs: Callable[[], None]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        letter().send()
        assert waiting() == 1
        raise RuntimeError
    assert waiting() == 0
    run_jobs()
    assert mail.outbox == []


def test_a_committed_mail_arrives_whole_and_leaves_no_trace(run_jobs: Callable[[], None]) -> None:
    with transaction.atomic():
        letter().send()
    assert mail.outbox == []
    run_jobs()
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    assert (sent.subject, sent.body, sent.to, sent.reply_to) == (
        "ご注文",
        "本文です。",
        ["ana@example.com"],
        ["re@example.com"],
    )
    assert sent.alternatives[0][0] == "<p>本文です。</p>"
    assert waiting() == 0


def test_a_mail_server_that_refuses_is_asked_again_later(
    run_jobs: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    letter().send()
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        run_jobs()
    assert waiting() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, scheduled_at > now() FROM procrastinate_jobs")
        assert cursor.fetchone() == ("todo", True)


def test_an_attachment_is_refused_before_anything_is_queued() -> None:
    message = EmailMessage("s", "b", "a@example.com", ["b@example.com"])
    message.attach("a.txt", "text", "text/plain")
    with pytest.raises(ValueError, match="no attachments"):
        message.send()
    assert waiting() == 0

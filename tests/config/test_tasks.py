"""What the house does by itself every hour."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from community.config.tasks import keep_house
from community.core.clock import now
from community.core.models import IdempotencyKey, Picture
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


def test_uploads_nothing_shows_and_old_answers_are_forgotten() -> None:
    ana = make.make_member("ana")
    long_ago = now() - timedelta(days=3)
    fresh, used = make.make_upload(ana), make.make_upload(ana, created_at=long_ago, used_at=long_ago)
    make.make_upload(ana, created_at=long_ago)
    for number, moment in enumerate((now(), long_ago)):
        IdempotencyKey.objects.create(
            owner="member:1", operation="x", key=f"key-number-{number}", body_hash=b"", created_at=moment
        )
    keep_house(timestamp=0)
    assert set(Picture.objects.all()) == {fresh, used}
    assert [row.key for row in IdempotencyKey.objects.all()] == ["key-number-0"]


def test_sessions_that_have_run_out_are_forgotten() -> None:
    for key, expires in (("here", now() + timedelta(days=1)), ("gone", now() - timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    keep_house(timestamp=0)
    assert [row.session_key for row in Session.objects.all()] == ["here"]

"""The page on which members say how they are told, and the inbox's own stroke over everything."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from community.core.clock import now
from community.core.errors import Invalid
from community.members.models import Member
from community.notifications import actions
from community.notifications.models import Inbox, Notice
from community.threads.models import Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
Settled = Callable[[], int]
PAGE = "/settings/notifications/"


@pytest.fixture
def browser(client: Client, ana: Member) -> Client:
    client.force_login(ana)
    return client


def quiet(start: str, end: str) -> dict[str, str]:
    return {"digest": "none", "quiet": "on", "quiet_from": start, "quiet_until": end}


def test_quiet_hours_of_no_length_are_refused(browser: Client, ana: Member) -> None:
    answer = browser.post(PAGE, quiet("22:00", "22:00"))
    assert answer.status_code == 422
    assert "Quiet until</a>: Quiet hours cannot end at the minute they begin." in answer.content.decode()
    with pytest.raises(Invalid) as refused:
        actions.set_preferences(member=ana, ways={}, digest="none", quiet_from=1320, quiet_until=1320)
    assert refused.value.code == "quiet_same"
    assert not Inbox.objects.exclude(quiet_from=None).exists()


def test_quiet_hours_without_an_end_are_refused_at_the_field_that_lacks_it(browser: Client) -> None:
    answer = browser.post(PAGE, quiet("22:00", ""))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["quiet_until"]
    assert not Inbox.objects.exclude(quiet_from=None).exists()


def test_quiet_hours_over_midnight_are_kept(browser: Client, ana: Member) -> None:
    assert browser.post(PAGE, quiet("22:00", "06:30")).status_code == 302
    assert Inbox.objects.filter(pk=ana.pk, quiet_from=22 * 60, quiet_until=6 * 60 + 30).exists()


def test_all_that_was_marked_read_in_one_stroke_waits_again_after_undo(
    browser: Client, ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    read_before = make.open_thread(ana, wax.category, title="Read before")
    make.reply(ben, read_before)
    settled()
    actions.mark_read(member=ana, notice_ids=[Notice.objects.get(target_id=read_before.pk).pk])
    browser.post(reverse("notifications:read_all"), {"until": now().isoformat()})
    assert Inbox.objects.get(pk=ana.pk).unread == 0
    at = Notice.objects.get(target_id=wax.pk).read_at
    assert at is not None
    for _twice in range(2):
        browser.post(reverse("notifications:undo_read_all"), {"at": at.isoformat()})
        assert Inbox.objects.get(pk=ana.pk).unread == 1
    assert Notice.objects.get(read_at=None).target_id == wax.pk


def test_undo_leaves_alone_what_something_new_has_joined_and_what_is_of_others(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    at = now() + timedelta(seconds=1)
    actions.mark_all_read(member=ana, until=at, at=at)
    make.reply(cleo, wax)
    settled()
    actions.undo_all_read(member=ben, at=at)
    actions.undo_all_read(member=ana, at=at)
    assert Inbox.objects.get(pk=ana.pk).unread == 1
    assert Notice.objects.filter(member=ana, read_at=at).count() == 1

"""A community level that was won is told, once and kindly; one that was lost is not."""

from collections.abc import Callable

import pytest

from community.members import actions as members
from community.members.models import Member
from community.notifications import actions
from community.notifications.actions.preferences import Ways
from community.notifications.models import Digest, Inbox, Notice
from tests.factories.members import make_member
from tests.factories.notifications import assert_counts_are_exact, texts, unread

pytestmark = pytest.mark.django_db
Settled = Callable[[], int]


@pytest.fixture
def kanri(db: None) -> Member:
    return make_member("kanri", role=Member.Role.MANAGER)


def move(member: Member, level: int, by: Member) -> None:
    members.set_trust(by=by, member_id=member.pk, level=level, lock=False, reason="known")


def test_who_switched_it_off_hears_nothing(ana: Member, kanri: Member, settled: Settled) -> None:
    off = {"level": Ways(site=False, mail=False, push=False)}
    actions.set_preferences(member=ana, ways=off, digest=Digest.NONE, quiet_from=None, quiet_until=None)
    move(ana, 2, kanri)
    settled()
    assert texts(ana) == [] and not Notice.objects.exists()


def test_going_down_is_not_told(ana: Member, kanri: Member, settled: Settled) -> None:
    move(ana, 0, kanri)
    settled()
    assert not Notice.objects.exists()


def test_each_step_up_is_told_once_and_without_a_mail(ana: Member, kanri: Member, settled: Settled) -> None:
    for level in (2, 3):
        move(ana, level, kanri)
        settled()
        settled()
    assert texts(ana) == [
        "This place would not be the same without you: What you can do now",
        "You are a regular here now: What you can do now",
    ]
    assert unread(ana) == 2 and Inbox.objects.get(pk=ana.pk).mail_at is None
    assert_counts_are_exact()


def test_what_was_taken_back_before_it_was_told_is_not_told(ana: Member, kanri: Member, settled: Settled) -> None:
    move(ana, 2, kanri)
    move(ana, 1, kanri)
    settled()
    assert texts(ana) == []


def test_somebody_elses_level_is_nobodys_line(ana: Member, ben: Member, kanri: Member, settled: Settled) -> None:
    move(ana, 2, kanri)
    settled()
    assert texts(ben) == []

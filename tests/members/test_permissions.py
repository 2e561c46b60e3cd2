"""Who may see and do what; and the list twin says the same as the question about one row."""

import itertools
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from community.core.errors import NotVisible
from community.members import queries
from community.members.models import Member
from community.members.permissions import (
    VISITOR,
    can_change_handle,
    can_edit_profile,
    can_see_member,
    can_take_part,
    viewer_of,
    visible_members,
)
from tests.factories.members import make_member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def everybody(hana: Member, mori: Member, kanri: Member, ada: Member, imported: Member) -> list[Member]:
    """Every role and every standing."""
    states = itertools.product((True, False), (None, NOW))
    made = [_in_state(f"person{n}", active, banned) for n, (active, banned) in enumerate(states)]
    return [hana, mori, kanri, ada, imported, *made]


def _in_state(name: str, active: bool, banned: datetime | None) -> Member:
    member = make_member(name)
    member.is_active, member.banned_at = active, banned
    member.save(update_fields=["is_active", "banned_at"])
    return member


def test_the_list_shows_exactly_whom_one_may_see(everybody: list[Member]) -> None:
    for viewer in (VISITOR, *everybody):
        listed = set(Member.objects.filter(visible_members(viewer)).values_list("pk", flat=True))
        assert listed == {member.pk for member in everybody if can_see_member(viewer, member)}


def test_a_gate_answers_absent_and_closed_alike(hana: Member, mori: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(is_active=False)
    answers = []
    for handle in ("hana", "nobody"):
        with pytest.raises(NotVisible) as refusal:
            queries.get_member(handle=handle, viewer=VISITOR)
        answers.append((refusal.value.code, str(refusal.value)))
    assert answers[0] == answers[1]
    assert queries.get_member(handle="HANA", viewer=mori) == hana


def test_a_banned_or_closed_member_is_a_visitor(everybody: list[Member]) -> None:
    for member in everybody:
        assert (viewer_of(member) is VISITOR) is not (member.is_active and member.banned_at is None)
    assert viewer_of(AnonymousUser()) is VISITOR


def test_a_ban_takes_every_rank_away(ada: Member) -> None:
    ada.banned_at = NOW
    assert not (ada.is_admin or ada.is_manager or ada.is_moderator or ada.is_staff)
    assert not ada.has_perm("members.view_member") and not can_take_part(ada)


@pytest.mark.parametrize(
    ("by", "whose", "allowed"),
    [
        ("hana", "hana", True),
        ("hana", "ken", False),
        ("mori", "hana", False),
        ("kanri", "hana", True),
        ("kanri", "ada", False),
        ("ada", "kanri", True),
    ],
)
def test_who_may_edit_whose_profile(by: str, whose: str, allowed: bool, request: pytest.FixtureRequest) -> None:
    assert bool(can_edit_profile(request.getfixturevalue(by), request.getfixturevalue(whose))) is allowed


def test_a_visitor_edits_nothing(hana: Member) -> None:
    assert can_edit_profile(VISITOR, hana).code == "not_yours"
    assert can_take_part(VISITOR).code == "sign_in_first"


def test_a_handle_changes_once(hana: Member) -> None:
    assert can_change_handle(hana, hana)
    hana.handle_changed_at = NOW
    assert can_change_handle(hana, hana).code == "handle_settled"


@pytest.mark.parametrize(
    ("who", "perm", "allowed"),
    [
        ("hana", "members.view_member", False),
        ("mori", "members.view_member", False),
        ("kanri", "members.view_member", True),
        ("kanri", "threads.change_thread", True),
        ("kanri", "threads.delete_thread", False),
        ("kanri", "sessions.view_session", False),
        ("kanri", "procrastinate.view_procrastinatejob", False),
        ("ada", "sessions.view_session", True),
    ],
)
def test_what_the_admin_lets_whom_do(who: str, perm: str, allowed: bool, request: pytest.FixtureRequest) -> None:
    member = request.getfixturevalue(who)
    assert member.has_perm(perm) is allowed
    assert member.has_module_perms(perm.partition(".")[0]) is (allowed or (who == "kanri" and "thread" in perm))

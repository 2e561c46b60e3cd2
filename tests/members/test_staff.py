"""Roles, bans and the record of what staff did."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from community.core.errors import Conflict, Invalid, NotAllowed, NotVisible, RuleError
from community.members import actions
from community.members.models import Member, StaffAction
from realtime import revoke

pytestmark = pytest.mark.django_db
Told = list[tuple[str, object]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the live side is told to close."""
    heard: Told = []
    monkeypatch.setattr(revoke, "revoke_user", lambda user_id: heard.append(("user", user_id)))
    monkeypatch.setattr(revoke, "revoke_session", lambda key: heard.append(("session", key)))
    return heard


# -- roles


def test_only_an_admin_gives_a_role(hana: Member, kanri: Member, mori: Member, told: Told) -> None:
    for by in (hana, mori, kanri):
        with pytest.raises(NotAllowed) as refusal:
            actions.set_role(by=by, member_id=hana.pk, role="admin", reason="please")
        assert refusal.value.code == "rank"
    hana.refresh_from_db()
    assert hana.role == "member" and not StaffAction.objects.exists() and told == []


def test_the_last_admin_stays_one(ada: Member, kanri: Member) -> None:
    with pytest.raises(Conflict) as refusal:
        actions.set_role(by=ada, member_id=ada.pk, role="member", reason="tired")
    assert refusal.value.code == "last_admin"
    actions.set_role(by=ada, member_id=kanri.pk, role="admin", reason="takes over")
    actions.set_role(by=ada, member_id=ada.pk, role="member", reason="tired")
    assert Member.objects.get(pk=ada.pk).role == "member"


def test_an_admin_who_lost_the_role_meanwhile_gives_none(ada: Member, kanri: Member, hana: Member) -> None:
    stale = Member.objects.get(pk=ada.pk)
    Member.objects.filter(pk=ada.pk).update(role="member")
    Member.objects.filter(pk=kanri.pk).update(role="admin")
    with pytest.raises(NotAllowed):
        actions.set_role(by=stale, member_id=hana.pk, role="moderator", reason="helps")


@pytest.mark.parametrize(
    ("role", "reason", "code"), [("king", "why not", "role_invalid"), ("moderator", "  ", "reason_empty")]
)
def test_a_role_needs_to_exist_and_a_reason(role: str, reason: str, code: str, ada: Member, hana: Member) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.set_role(by=ada, member_id=hana.pk, role=role, reason=reason)
    assert refusal.value.code == code
    assert Member.objects.get(pk=hana.pk).role == "member" and not StaffAction.objects.exists()


def test_an_author_who_cannot_sign_in_gets_no_role(ada: Member, imported: Member) -> None:
    with pytest.raises(NotAllowed) as refusal:
        actions.set_role(by=ada, member_id=imported.pk, role="moderator", reason="helps")
    assert refusal.value.code == "cannot_sign_in"


def test_a_change_of_role_is_noted_and_closes_sockets(ada: Member, hana: Member, told: Told) -> None:
    actions.set_role(by=ada, member_id=hana.pk, role="moderator", reason="helps a lot")
    actions.set_role(by=ada, member_id=hana.pk, role="moderator", reason="again")
    noted = StaffAction.objects.get()
    assert (noted.by_id, noted.verb, noted.target_id, noted.reason) == (ada.pk, "set_role", hana.pk, "helps a lot")
    assert noted.detail == {"from": "member", "to": "moderator"}
    assert told == [("user", hana.pk)]


# -- bans


@pytest.mark.parametrize(
    ("by", "whom", "allowed"),
    [
        ("hana", "ken", False),
        ("mori", "hana", True),
        ("mori", "kanri", False),
        ("mori", "ada", False),
        ("kanri", "mori", True),
        ("kanri", "ada", False),
        ("ada", "kanri", True),
        ("ada", "ada", False),
    ],
)
def test_who_may_ban_whom(by: str, whom: str, allowed: bool, request: pytest.FixtureRequest) -> None:
    actor, target = request.getfixturevalue(by), request.getfixturevalue(whom)
    try:
        actions.ban_member(by=actor, member_id=target.pk, reason="spam")
        banned = True
    except NotAllowed:
        banned = False
    assert banned is allowed
    assert (Member.objects.get(pk=target.pk).banned_at is not None) is allowed
    assert StaffAction.objects.filter(verb="ban").exists() is allowed


def test_a_ban_ends_every_session_and_socket_at_once(
    hana: Member, mori: Member, told: Told, signed_in: Callable[[Member], Client]
) -> None:
    phone, desk = signed_in(hana), signed_in(hana)
    actions.ban_member(by=mori, member_id=hana.pk, reason="spam")
    assert told == [("user", hana.pk)]
    for client in (phone, desk):
        assert client.get("/settings/profile/").status_code == 302
    actions.unban_member(by=mori, member_id=hana.pk, reason="a mistake")
    assert phone.get("/settings/profile/").status_code == 302, "an old session must not wake up again"
    assert [row.verb for row in StaffAction.objects.order_by("pk")] == ["ban", "unban"]


def test_a_ban_without_a_reason_is_none(hana: Member, mori: Member, told: Told) -> None:
    with pytest.raises(Invalid):
        actions.ban_member(by=mori, member_id=hana.pk, reason="\u200b ")
    hana.refresh_from_db()
    assert hana.banned_at is None and hana.session_epoch == 0 and told == []


def test_banning_twice_is_banning_once(hana: Member, mori: Member) -> None:
    first = actions.ban_member(by=mori, member_id=hana.pk, reason="spam").banned_at
    assert actions.ban_member(by=mori, member_id=hana.pk, reason="spam").banned_at == first
    assert StaffAction.objects.count() == 1 and Member.objects.get(pk=hana.pk).session_epoch == 1


def test_nobody_is_banned_who_is_not_there(mori: Member) -> None:
    with pytest.raises(NotVisible):
        actions.ban_member(by=mori, member_id=10**9, reason="spam")


# -- passwords and sessions


def test_a_new_password_ends_other_sessions_and_tells_the_sockets(
    hana: Member, told: Told, signed_in: Callable[[Member], Client]
) -> None:
    mine, other = signed_in(hana), signed_in(hana)
    form = {"oldpassword": "seven quiet kettles", "password1": "nine winter lanterns"}
    assert mine.post("/accounts/password/change/", form).status_code == 302
    assert told == [("user", hana.pk)]
    assert mine.get("/settings/profile/").status_code == 200
    assert other.get("/settings/profile/").status_code == 302


def test_signing_out_closes_the_sockets_of_that_session_only(
    hana: Member, told: Told, signed_in: Callable[[Member], Client]
) -> None:
    phone, desk = signed_in(hana), signed_in(hana)
    key = phone.session.session_key
    phone.post("/accounts/logout/")
    assert told == [("session", key)]
    assert desk.get("/settings/profile/").status_code == 200


# -- the record


@pytest.mark.parametrize(
    "statement", ["UPDATE members_staffaction SET reason = 'nothing'", "DELETE FROM members_staffaction"]
)
def test_the_record_can_be_neither_changed_nor_deleted(statement: str, ada: Member, hana: Member) -> None:
    actions.ban_member(by=ada, member_id=hana.pk, reason="spam")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert StaffAction.objects.get().reason == "spam"


def test_a_profile_that_staff_change_is_noted_with_the_old_values(kanri: Member, hana: Member) -> None:
    given = {"display_name": "Hana K", "handle": "hana", "bio": "", "avatar_id": None}
    with pytest.raises(Invalid):
        actions.update_profile(by=kanri, member_id=hana.pk, reason="", **given)
    assert Member.objects.get(pk=hana.pk).display_name == "Hana"
    actions.update_profile(by=kanri, member_id=hana.pk, reason="a shop's name", **given)
    assert StaffAction.objects.get().detail["display_name"] == "Hana"


def test_every_refusal_has_a_code_and_a_sentence(hana: Member, ada: Member) -> None:
    with pytest.raises(RuleError) as refusal:
        actions.ban_member(by=hana, member_id=ada.pk, reason="spam")
    assert refusal.value.code == "rank" and str(refusal.value)

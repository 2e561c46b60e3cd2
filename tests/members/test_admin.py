"""The admin: its door, what a manager can do there, and what nobody can."""

from collections.abc import Callable

import pytest
from django.test import Client

from community.members.models import Member, StaffAction
from tests.factories.members import PASSWORD

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
LIST = "/admin/members/member/"


def test_the_admin_has_no_door_of_its_own(hana: Member, mori: Member, signed_in: SignIn) -> None:
    assert Client().get("/admin/")["Location"].startswith("/admin/login/")
    assert Client().get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    for member in (hana, mori):
        assert signed_in(member).get("/admin/login/?next=/admin/").status_code == 403
        assert signed_in(member).get(LIST).status_code == 302


def test_a_manager_finds_members_and_sees_no_password(hana: Member, kanri: Member, signed_in: SignIn) -> None:
    client = signed_in(kanri)
    page = client.get(LIST, {"q": "hana"}).content.decode()
    assert "hana@example.com" in page and "kanri@example.com" not in page
    detail = client.get(f"{LIST}{hana.pk}/change/").content.decode()
    assert hana.password not in detail and 'name="password"' not in detail


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_nobody_adds_or_deletes_members_there(path: str, hana: Member, ada: Member, signed_in: SignIn) -> None:
    assert signed_in(ada).get(LIST + path.format(pk=hana.pk)).status_code == 403


def test_a_ban_asks_for_a_reason_first(hana: Member, kanri: Member, signed_in: SignIn) -> None:
    client = signed_in(kanri)
    chosen = {"action": "ban_selected", "_selected_action": [str(hana.pk)]}
    page = client.post(LIST, chosen)
    assert page.status_code == 200 and b'name="reason"' in page.content
    assert client.post(LIST, chosen | {"decide": "Ban", "reason": ""}).status_code == 200
    assert Member.objects.get(pk=hana.pk).banned_at is None
    client.post(LIST, chosen | {"decide": "Ban", "reason": "sells fakes"})
    assert Member.objects.get(pk=hana.pk).banned_at is not None
    client.post(LIST, chosen | {"action": "unban_selected", "decide": "Lift", "reason": "a mistake"})
    assert Member.objects.get(pk=hana.pk).banned_at is None
    assert list(StaffAction.objects.order_by("pk").values_list("verb", "by_id")) == [
        ("ban", kanri.pk),
        ("unban", kanri.pk),
    ]


def test_a_rank_above_is_not_banned_from_the_list(kanri: Member, ada: Member, signed_in: SignIn) -> None:
    form = {"action": "ban_selected", "_selected_action": [str(ada.pk)], "decide": "Ban", "reason": "coup"}
    answer = signed_in(kanri).post(LIST, form, follow=True)
    assert Member.objects.get(pk=ada.pk).banned_at is None and "@ada" in answer.content.decode()


def test_a_manager_puts_a_profile_right_with_a_reason(hana: Member, kanri: Member, signed_in: SignIn) -> None:
    client, url = signed_in(kanri), f"{LIST}{hana.pk}/change/"
    assert b"errorlist" in client.post(url, {"display_name": "Hana K", "bio": "", "reason": ""}).content
    client.post(
        url, {"display_name": "Hana K", "bio": "", "reason": "a shop's name", "role": "admin", "email": "x@y.z"}
    )
    fresh = Member.objects.get(pk=hana.pk)
    assert (fresh.display_name, fresh.role, fresh.email) == ("Hana K", "member", "hana@example.com")
    assert StaffAction.objects.get().reason == "a shop's name"


def test_a_manager_gives_no_roles(hana: Member, kanri: Member, signed_in: SignIn) -> None:
    url = f"{LIST}{hana.pk}/role/"
    assert signed_in(kanri).post(url, {"role": "admin", "reason": "x", "password": PASSWORD}).status_code == 403
    assert Member.objects.get(pk=hana.pk).role == "member"


def test_an_admin_gives_a_role_with_their_own_password(hana: Member, ada: Member, signed_in: SignIn) -> None:
    client, url = signed_in(ada), f"{LIST}{hana.pk}/role/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"role": "moderator", "reason": "helps", "password": "guess"}).status_code == 200
    assert Member.objects.get(pk=hana.pk).role == "member"
    assert client.post(url, {"role": "moderator", "reason": "helps", "password": PASSWORD}).status_code == 302
    assert Member.objects.get(pk=hana.pk).role == "moderator"


def test_the_record_is_read_only_for_everybody(hana: Member, ada: Member, signed_in: SignIn) -> None:
    client = signed_in(ada)
    client.post(f"{LIST}{hana.pk}/role/", {"role": "moderator", "reason": "helps", "password": PASSWORD})
    noted = StaffAction.objects.get()
    assert client.get("/admin/members/staffaction/").status_code == 200
    assert b'name="reason"' not in client.get(f"/admin/members/staffaction/{noted.pk}/change/").content
    assert client.post(f"/admin/members/staffaction/{noted.pk}/delete/", {"post": "yes"}).status_code == 403


def test_passwords_and_leaving_go_by_the_one_door(ada: Member, signed_in: SignIn) -> None:
    client = signed_in(ada)
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"
    assert client.post("/admin/logout/").status_code == 302
    assert "_auth_user_id" not in client.session

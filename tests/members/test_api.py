"""Members over the API: read only, and no address of anybody else."""

from collections.abc import Callable

import pytest
from django.conf import settings as site
from django.test import Client

from community.members.models import Member
from tests.factories.members import make_member

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def test_a_profile_is_public_and_holds_no_address(hana: Member) -> None:
    answer = Client().get("/api/v1/members/hana")
    assert answer.json()["display_name"] == "Hana"
    assert "@example" not in answer.content.decode() and "email" not in answer.json()


def test_absent_and_closed_members_answer_alike(hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(is_active=False)
    answers = [Client().get(f"/api/v1/members/{handle}") for handle in ("hana", "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({str(answer.json() | {"instance": ""}) for answer in answers}) == 1


def test_me_is_for_members_and_tells_them_their_own(hana: Member, signed_in: SignIn) -> None:
    assert Client().get("/api/v1/me").status_code == 401
    assert signed_in(hana).get("/api/v1/me").json()["email"] == "hana@example.com"


@pytest.mark.parametrize("typed", ["さく", "サク", "ｻｸ", "@sak", "SAK"])
def test_a_mention_is_completed_whatever_kana_one_types(typed: str, hana: Member, signed_in: SignIn) -> None:
    make_member("sakura", display_name="さくら工房")
    found = signed_in(hana).get("/api/v1/members", {"q": typed}).json()
    assert [member["handle"] for member in found] == ["sakura"]
    assert set(found[0]) == {"handle", "display_name", "picture"}


@pytest.mark.parametrize("typed", ["", "hana@example", "%", "_", "example.com"])
def test_completion_is_no_directory(typed: str, hana: Member, signed_in: SignIn) -> None:
    assert Client().get("/api/v1/members", {"q": typed}).status_code == 401
    assert signed_in(hana).get("/api/v1/members", {"q": typed}).json() == []


def test_banned_and_closed_members_are_not_offered(hana: Member, ken: Member, signed_in: SignIn) -> None:
    client = signed_in(hana)
    assert client.get("/api/v1/members", {"q": "ken"}).json() != []
    Member.objects.filter(pk=ken.pk).update(is_active=False)
    assert client.get("/api/v1/members", {"q": "ken"}).json() == []


def test_completion_is_counted(hana: Member, signed_in: SignIn) -> None:
    client, limit = signed_in(hana), site.LIMITS["member_search"]["user"][0]
    statuses = [client.get("/api/v1/members", {"q": "x"}).status_code for _try in range(limit + 1)]
    assert statuses == [200] * limit + [429]

"""What a member, a manager, a program and a command line are told of a community level: one answer."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.html import escape

from community.core.clock import now
from community.members import actions, trust
from community.members.models import Member, StaffAction, TrustChange
from tests.factories.members import make_member

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def nao() -> Member:
    return make_member("nao", trust_level=0)


def test_a_visitor_is_led_to_the_door(client: Client) -> None:
    assert client.get("/settings/level/").status_code == 302
    assert client.get("/api/v1/me/level").status_code == 401


def test_the_page_says_what_one_may_and_what_comes_next(nao: Member, signed_in: SignIn) -> None:
    page = signed_in(nao).get("/settings/level/").content.decode()
    assert "Newcomer" in page and "Next: Neighbour" in page
    assert "up to 4 pictures, 2 links and 3 mentions" in page
    for row in trust.overview(nao).rows:
        assert escape(str(row.label)) in page
    assert "3 new threads and 30 replies a day." in page and "30 reactions a day." in page


@pytest.mark.parametrize(("level", "words"), [(1, "100 reactions"), (2, "200 reactions"), (3, "300 reactions")])
def test_a_higher_level_says_what_it_gives(signed_in: SignIn, level: int, words: str) -> None:
    page = signed_in(make_member("nao", trust_level=level)).get("/settings/level/").content.decode()
    assert words in page and ("says that people know you here" in page) == (level > 1)
    assert ("What this level rests on" in page) == (level == 3)


def test_who_is_about_to_lose_level_3_reads_when(signed_in: SignIn) -> None:
    nao = make_member("nao", trust_level=3)
    assert "You have been here less" not in signed_in(nao).get("/settings/level/").content.decode()
    Member.objects.filter(pk=nao.pk).update(trust_below_since=trust.today() - timedelta(days=3))
    assert "You have been here less" in signed_in(nao).get("/settings/level/").content.decode()
    answer = signed_in(nao).get("/api/v1/me/level").json()
    assert answer["lost_on"] == str(trust.today() + timedelta(days=11))


def test_the_api_gives_the_same_figures(nao: Member, signed_in: SignIn) -> None:
    answer = signed_in(nao).get("/api/v1/me/level").json()
    assert (answer["level"], answer["asks"], answer["settled"]) == (0, 1, False)
    assert answer["room"] == {"links": 2, "pictures": 4, "mentions": 3}
    rows = [(row["measure"], row["have"], row["need"], row["met"]) for row in answer["requirements"]]
    assert rows == [(row.measure, row.have, row.need, row.is_met) for row in trust.overview(nao).rows]


def test_the_command_explains_and_counts(nao: Member) -> None:
    out = StringIO()
    call_command("trust", "--explain", "@NAO", stdout=out)
    words = out.getvalue()
    assert "@nao: level 0 (Newcomer)" in words and all(row.measure in words for row in trust.overview(nao).rows)
    out = StringIO()
    call_command("trust", stdout=out)
    assert out.getvalue() == "1 members counted, 0 moved.\n"
    with pytest.raises(CommandError):
        call_command("trust", "--explain", "nobody")


# -- a manager's page


def settled(client: Client, member: Member, **given: object) -> int:
    return client.post(f"/admin/members/member/{member.pk}/level/", given).status_code


def test_a_manager_sees_why_and_settles_it_with_a_reason(nao: Member, kanri: Member, signed_in: SignIn) -> None:
    desk = signed_in(kanri)
    page = desk.get(f"/admin/members/member/{nao.pk}/level/").content.decode()
    assert all(escape(str(row.label)) in page for row in trust.overview(nao).rows)
    assert settled(desk, nao, level=2, lock="on", reason="") == 200
    nao.refresh_from_db()
    assert nao.trust_level == 0 and not StaffAction.objects.exists()
    assert settled(desk, nao, level=2, lock="on", reason="Known from the fair") == 302
    nao.refresh_from_db()
    assert (nao.trust_level, nao.trust_locked_by) == (2, kanri)
    assert "settled by a manager" in _explained(nao)


def test_a_moderator_and_a_member_do_not(nao: Member, mori: Member, hana: Member, signed_in: SignIn) -> None:
    for member in (mori, hana):
        assert settled(signed_in(member), nao, level=2, reason="so") in {302, 403}
    nao.refresh_from_db()
    assert nao.trust_level == 0 and not TrustChange.objects.exists()


def _explained(member: Member) -> str:
    out = StringIO()
    call_command("trust", "--explain", member.handle, stdout=out)
    return out.getvalue()


# -- the badge


@pytest.mark.parametrize(("level", "shown"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_badge_stands_on_the_page_of_a_member_from_level_2(client: Client, level: int, shown: bool) -> None:
    make_member("nao", trust_level=level)
    page = client.get("/members/nao/", headers={"accept-language": "en"}).content.decode()
    assert ("Community level: </span>" in page) == shown


def test_erasure_takes_the_way_to_a_level(nao: Member, kanri: Member) -> None:
    actions.set_trust(by=kanri, member_id=nao.pk, level=2, lock=True, reason="known")
    Member.objects.filter(pk=nao.pk).update(erase_at=now())
    assert actions.erase(member_id=nao.pk)
    nao.refresh_from_db()
    assert (nao.trust_level, nao.trust_locked_at, nao.trust_locked_by) == (0, None, None)
    assert not TrustChange.objects.exists()

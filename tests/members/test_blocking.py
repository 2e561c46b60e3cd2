"""Who may block whom, the pages of it, and the count that spares everybody else the question."""

from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from community.core.clock import now
from community.core.errors import NotAllowed, NotVisible
from community.members import actions, queries
from community.members.models import Block, Member
from community.members.permissions import apart
from community.notifications import actions as notices
from community.notifications import queries as levels
from tests.factories.members import make_member

pytestmark = pytest.mark.django_db


def counts_are_exact() -> bool:
    return all(
        member.block_count == Block.objects.filter(Q(blocker=member) | Q(blocked=member)).count()
        for member in Member.objects.all()
    )


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.mark.parametrize(
    ("who", "whom", "code"),
    [("hana", "hana", "not_yourself"), ("hana", "mori", "not_staff"), ("mori", "hana", "staff_see_all")],
)
def test_nobody_blocks_themselves_and_staff_are_in_no_block(
    hana: Member, mori: Member, who: str, whom: str, code: str
) -> None:
    people = {"hana": hana, "mori": mori}
    with pytest.raises(NotAllowed) as refusal:
        actions.block(by=people[who], member_id=people[whom].pk)
    assert refusal.value.code == code
    assert not Block.objects.exists()


def test_an_office_that_rests_cannot_be_blocked_either(hana: Member, mori: Member) -> None:
    Member.objects.filter(pk=mori.pk).update(second_factor=False)
    with pytest.raises(NotAllowed) as refusal:
        actions.block(by=hana, member_id=mori.pk)
    assert refusal.value.code == "not_staff"


def test_who_was_blocked_and_a_closed_account_look_like_nobody(hana: Member, ken: Member) -> None:
    actions.block(by=ken, member_id=hana.pk)
    hana.refresh_from_db()
    pages = [signed_in(hana).get(reverse("home:member", args=[handle])) for handle in ("ken", "nobody_here")]
    assert [page.status_code for page in pages] == [404, 404]
    with pytest.raises(NotVisible):
        actions.block(by=hana, member_id=ken.pk)
    Member.objects.filter(pk=ken.pk).update(is_active=False)
    with pytest.raises(NotVisible):
        actions.block(by=make_member("aoi"), member_id=ken.pk)
    assert Block.objects.count() == 1


def test_blocking_and_unblocking_twice_changes_nothing(hana: Member, ken: Member) -> None:
    for _time in range(2):
        actions.block(by=hana, member_id=ken.pk)
        assert Block.objects.count() == 1 and counts_are_exact()
    for _time in range(2):
        actions.unblock(by=hana, member_id=ken.pk)
        assert not Block.objects.exists() and counts_are_exact()


def test_a_block_of_both_holds_until_both_take_it_back(hana: Member, ken: Member) -> None:
    Block.objects.create(blocker=ken, blocked=hana, at=hana.joined_at)
    Member.objects.update(block_count=1)
    Block.objects.create(blocker=hana, blocked=ken, at=hana.joined_at)
    Member.objects.update(block_count=2)
    answer = signed_in(hana).post(reverse("members:unblock", args=["ken"]))  # whose page is not there for her
    assert answer.status_code == 302 and counts_are_exact()
    hana.refresh_from_db()
    assert apart(hana).all == {ken.pk}
    actions.unblock(by=ken, member_id=hana.pk)
    hana.refresh_from_db()
    assert apart(hana).all == frozenset() and counts_are_exact()


def test_who_takes_an_office_or_leaves_is_in_no_block_any_more(hana: Member, ken: Member, ada: Member) -> None:
    aoi = make_member("aoi")
    for one, other in ((hana, ken), (aoi, hana), (aoi, ken)):
        actions.block(by=one, member_id=other.pk)
    actions.set_role(by=ada, member_id=hana.pk, role="moderator", reason="kind and patient")
    assert list(Block.objects.values_list("blocker__handle", "blocked__handle")) == [("aoi", "ken")]
    assert counts_are_exact()
    Member.objects.filter(pk=ken.pk).update(erase_at=now())
    assert actions.erase(member_id=ken.pk)
    assert not Block.objects.exists() and counts_are_exact()


def test_neither_follows_the_other_any_more_nor_can(hana: Member, ken: Member) -> None:
    for one, other in ((hana, ken), (ken, hana)):
        notices.set_level(member=one, kind="member", target_id=other.pk, level="watch")
    actions.block(by=hana, member_id=ken.pk)
    for one, other in ((hana, ken), (ken, hana)):
        one.refresh_from_db()
        assert levels.level_of(one.pk, "member", other.pk) == "normal"
        with pytest.raises(NotVisible):
            notices.set_level(member=one, kind="member", target_id=other.pk, level="watch")


def test_a_member_without_a_block_costs_no_question(hana: Member, ken: Member, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert apart(hana).all == frozenset()
    actions.block(by=hana, member_id=ken.pk)
    hana.refresh_from_db()
    with django_assert_num_queries(1):
        assert apart(hana).blocked == apart(hana).all == {ken.pk}


def test_the_page_asks_and_says_what_it_does_and_the_list_has_the_way_back(hana: Member, ken: Member) -> None:
    client = signed_in(hana)
    assert "blocked nobody" in client.get(reverse("members:blocked")).content.decode()
    place = reverse("members:block", args=["ken"])
    assert place in client.get(reverse("home:member", args=["ken"])).content.decode()
    asked = client.get(place).content.decode()
    assert "Block Ken?" in asked and "do not see each other" in asked and not Block.objects.exists()
    shown = client.post(place, follow=True).content.decode()
    assert "Ken is blocked" in shown and "You have blocked this member" in shown
    assert reverse("members:unblock", args=["ken"]) in client.get(reverse("members:blocked")).content.decode()
    client.post(reverse("members:unblock", args=["ken"]))
    assert not Block.objects.exists()


def test_the_api_lists_blocks_and_takes_them_back(hana: Member, ken: Member) -> None:
    client = signed_in(hana)
    assert client.put("/api/v1/blocks/ken").json() == {"handle": "ken", "blocked": True}
    page = client.get("/api/v1/blocks").json()
    assert [row["handle"] for row in page["blocked"]] == ["ken"] and page["next"] is None
    assert client.get("/api/v1/blocks").status_code == 200
    assert client.delete("/api/v1/blocks/ken").json() == {"handle": "ken", "blocked": False}
    assert client.delete("/api/v1/blocks/ken").status_code == 404
    assert queries.blocked_members(member=hana).rows == []


def test_the_card_says_who_it_is_and_asks_a_fixed_number_of_questions(
    hana: Member, ken: Member, django_assert_num_queries: Any
) -> None:
    Member.objects.filter(pk=ken.pk).update(bio="I turn **bowls**.")
    place = reverse("home:card", args=["ken"])
    client = signed_in(hana)
    client.get(place)
    with django_assert_num_queries(5):  # session, member; whose card, their maker's page, the reader's level
        card = client.get(place).content.decode()
    assert "Ken" in card and "I turn bowls." in card and "<html" not in card
    assert reverse("members:block", args=["ken"]) in card and "/notifications/levels/member/" in card
    visitors = Client().get(place).content.decode()
    assert "Ken" in visitors and "/levels/" not in visitors and "/blocked/" not in visitors


def test_what_is_followed_is_listed_by_kind_and_let_go(hana: Member, ken: Member) -> None:
    client = signed_in(hana)
    here = reverse("notifications:following")
    assert "You follow nothing yet" in client.get(here).content.decode()
    aoi = make_member("aoi")
    for other in (ken, aoi):
        client.post(reverse("notifications:level", args=["member", other.pk]), {"level": "watch"})
    assert "?kind=" not in client.get(here).content.decode()  # one kind: nothing to choose from
    assert {row["name"] for row in client.get("/api/v1/levels?kind=member").json()["places"]} == {"Ken", "Aoi"}
    assert client.get("/api/v1/levels?kind=tag").json()["places"] == []
    client.post(reverse("notifications:level", args=["member", aoi.pk]), {"level": "normal"})
    shown = client.get(here).content.decode()
    assert "Ken" in shown and "Aoi" not in shown

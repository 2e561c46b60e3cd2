"""The way back for an old address."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from community.core.clock import held_at, now
from community.core.errors import Conflict, NotVisible
from community.members import actions
from community.members.models import AddressChange, Member
from tests.factories.members import PASSWORD, give_app, make_member, proven

pytestmark = pytest.mark.django_db


@pytest.fixture
def stolen(
    hana: Member, signed_in: Callable[[Member], Client], code: Callable[[], str], mailoutbox: list[Any]
) -> tuple[Client, str]:
    """A thief's browser in which the address was changed, and the link in the mail to the old one."""
    thief = proven(signed_in(hana), hana)
    answer = thief.post("/accounts/email/", {"email": "thief@example.com", "action_add": "1"})
    thief.post(answer["Location"], {"code": code()})
    assert Member.objects.get(pk=hana.pk).email == "thief@example.com"
    assert mailoutbox[-1].to == ["hana@example.com"]
    found = re.search(r"/accounts/email/back/\S+", mailoutbox[-1].body)
    assert found is not None
    return thief, found[0]


def test_a_change_that_was_left_midway_can_be_gone_on_with_or_cancelled(
    hana: Member, signed_in: Callable[[Member], Client], code: Callable[[], str], mailoutbox: list[Any]
) -> None:
    client = proven(signed_in(hana), hana)
    assert "email-pending" not in client.get("/accounts/email/").content.decode()
    client.post("/accounts/email/", {"email": "new@example.com", "action_add": "1"})
    first = code()
    page = client.get("/accounts/email/").content.decode()
    assert "<strong>new@example.com</strong>" in page and 'href="/accounts/confirm-email/"' in page
    client.post("/accounts/confirm-email/", {"action": "resend"})
    assert mailoutbox[-1].to == ["new@example.com"] and code() != first
    client.post("/accounts/confirm-email/", {"code": code()})
    assert Member.objects.get(pk=hana.pk).email == "new@example.com"


def test_a_cancelled_change_changes_nothing_and_its_code_is_worth_nothing(
    hana: Member, signed_in: Callable[[Member], Client], code: Callable[[], str]
) -> None:
    client = proven(signed_in(hana), hana)
    client.post("/accounts/email/", {"email": "new@example.com", "action_add": "1"})
    assert client.post("/accounts/email/", {"action_cancel": "1"})["Location"] == "/accounts/email/"
    assert "email-pending" not in client.get("/accounts/email/").content.decode()
    client.post("/accounts/confirm-email/", {"code": code()})
    assert Member.objects.get(pk=hana.pk).email == "hana@example.com"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["hana@example.com"]
    assert "_auth_user_id" in client.session


def test_a_wrong_or_old_link_changes_nothing(stolen: tuple[Client, str], hana: Member) -> None:
    assert Client().get("/accounts/email/back/nothing/").status_code == 404
    assert Client().post("/accounts/email/back/nothing/").status_code == 404
    with held_at(now() + timedelta(days=7, minutes=1)):
        assert Client().get(stolen[1]).status_code == 404
        assert Client().post(stolen[1]).status_code == 404
    assert Member.objects.get(pk=hana.pk).email == "thief@example.com"


def test_looking_at_the_link_changes_nothing(stolen: tuple[Client, str], hana: Member) -> None:
    assert Client().get(stolen[1]).status_code == 200
    assert Member.objects.get(pk=hana.pk).email == "thief@example.com"


def test_the_old_address_takes_the_account_back_and_the_thief_is_out(stolen: tuple[Client, str], hana: Member) -> None:
    thief, link = stolen
    give_app(hana)
    assert Client().post(link)["Location"] == "/accounts/login/code/"
    member = Member.objects.get(pk=hana.pk)
    assert member.email == "hana@example.com" and not member.has_usable_password() and not member.second_factor
    assert EmailAddress.objects.get(user=member).email == "hana@example.com"
    assert not Authenticator.objects.exists() and not AddressChange.objects.exists()
    assert thief.get("/settings/profile/").status_code == 302
    assert Client().post(link).status_code == 404  # once


def test_what_was_set_up_before_the_change_stays(hana: Member) -> None:
    give_app(hana)
    key = actions.keep_way_back(member_id=hana.pk, old_email="hana@example.com")
    Member.objects.filter(pk=hana.pk).update(email="thief@example.com")
    actions.take_address_back(key=key)
    assert Authenticator.objects.count() == 2 and Member.objects.get(pk=hana.pk).second_factor


def test_the_first_of_several_changes_wins(hana: Member) -> None:
    first = actions.keep_way_back(member_id=hana.pk, old_email="hana@example.com")
    with held_at(now() + timedelta(hours=1)):
        second = actions.keep_way_back(member_id=hana.pk, old_email="thief@example.com")
        Member.objects.filter(pk=hana.pk).update(email="third@example.com")
        actions.take_address_back(key=first)
        with pytest.raises(NotVisible):
            actions.take_address_back(key=second)
    assert Member.objects.get(pk=hana.pk).email == "hana@example.com"


def test_an_address_that_somebody_else_has_by_now_is_not_taken_from_them(
    stolen: tuple[Client, str], hana: Member
) -> None:
    make_member("new", email="hana@example.com", password=PASSWORD)
    answer = Client().post(stolen[1])
    assert answer.status_code == Conflict.status
    assert Member.objects.get(pk=hana.pk).email == "thief@example.com"


def test_old_addresses_are_forgotten_after_their_days(hana: Member) -> None:
    actions.keep_way_back(member_id=hana.pk, old_email="old@example.com")
    assert actions.forget_address_changes() == 0
    with held_at(now() + timedelta(days=7, minutes=1)):
        assert actions.forget_address_changes() == 1
    assert not AddressChange.objects.exists()

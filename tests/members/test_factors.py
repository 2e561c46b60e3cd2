"""The second factor: codes that count once, staff who need one (S29), and being asked again before delicate changes."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from django.test import Client
from fido2.utils import websafe_encode

from community.core.errors import NotAllowed
from community.members import actions
from community.members.accounts.factors import FactorAdapter
from community.members.models import Member, StaffAction
from tests.factories.members import PASSWORD, code_of, give_app, late_numbers, make_member, proven

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
STEP = "/accounts/login/second-step/"


def at_second_step(member: Member) -> Client:
    """A browser that has given the right password."""
    client = Client()
    answer = client.post("/accounts/login/?next=/settings/profile/", {"login": member.email, "password": PASSWORD})
    assert answer["Location"] == STEP
    return client


def recovery_codes(member: Member) -> list[str]:
    row = Authenticator.objects.get(user=member, type=Authenticator.Type.RECOVERY_CODES)
    return list(row.wrap().get_unused_codes())


# -- signing in


def test_what_a_passkey_remembers_leads_back_to_its_member() -> None:
    """Also past number nine: allauth writes ids in base 36."""
    late_numbers()
    ken = make_member("ken")
    handle = FactorAdapter().get_public_key_credential_user_entity(ken)["id"]
    assert extract_user_from_response({"response": {"userHandle": websafe_encode(handle)}}) == ken


def test_a_right_password_alone_opens_nothing(hana: Member) -> None:
    give_app(hana)
    client = at_second_step(hana)
    assert "_auth_user_id" not in client.session
    assert client.get("/settings/profile/").status_code == 302
    for wrong in ("000000", "", "abc", "１２３４５６", "0" * 4000):
        client.post(STEP, {"code": wrong})
    assert "_auth_user_id" not in client.session


def test_the_code_of_the_app_lets_in_and_leads_to_where_one_was(hana: Member) -> None:
    secret = give_app(hana)
    client = at_second_step(hana)
    assert client.get(STEP).status_code == 200
    client.post(STEP, {"code": code_of(secret)})
    assert client.session["_auth_user_id"] == str(hana.pk)


def test_a_code_counts_once_and_an_older_one_never_again(hana: Member) -> None:
    secret = give_app(hana)
    assert actions.spend_code(member_id=hana.pk, code=code_of(secret)) is not None
    for ahead in (0, -1):
        assert actions.spend_code(member_id=hana.pk, code=code_of(secret, ahead=ahead)) is None
    assert actions.spend_code(member_id=hana.pk, code=code_of(secret, ahead=1)) is not None


def test_a_recovery_code_lets_in_once_and_a_mail_says_so(hana: Member, mailoutbox: list[Any]) -> None:
    give_app(hana)
    code = recovery_codes(hana)[3]
    client = at_second_step(hana)
    client.post(STEP, {"code": f"{code[:4]} {code[4:8]} {code[8:]}"})
    assert client.session["_auth_user_id"] == str(hana.pk)
    told = [message.body for message in mailoutbox if "recovery codes" in message.body]
    assert len(told) == 1 and "9 codes are left" in told[0]
    again = at_second_step(hana)
    again.post(STEP, {"code": code})
    assert "_auth_user_id" not in again.session and len(recovery_codes(hana)) == 9


def test_six_wrong_codes_are_enough_and_the_right_one_waits_then(hana: Member) -> None:
    secret = give_app(hana)
    client = at_second_step(hana)
    statuses = [client.post(STEP, {"code": "000000"}).status_code for _ in range(7)]
    assert statuses == [200] * 6 + [429]
    answer = at_second_step(hana).post(STEP, {"code": code_of(secret)})  # another browser, the same account
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert actions.spend_code(member_id=hana.pk, code=code_of(secret)) is not None  # it was not even looked at


def test_codes_by_mail_need_the_second_step_as_well(hana: Member, code: Callable[[], str]) -> None:
    give_app(hana)
    client = Client()
    client.post("/accounts/login/code/", {"email": hana.email})
    assert client.post("/accounts/login/code/confirm/", {"code": code()})["Location"] == STEP
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "credential",
    ["", "null", "1", "[]", "{}", '{"id": "x"}',
     json.dumps({"id": "AA", "rawId": "AA", "response": {}, "type": "public-key"}),
     json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {}, "response": {
        "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "MQ"}})],
)  # fmt: skip
@pytest.mark.parametrize("url", ["/accounts/login/passkey/", STEP])
def test_a_passkey_that_is_none_opens_nothing_and_breaks_nothing(url: str, credential: str, hana: Member) -> None:
    give_app(hana)
    client = at_second_step(hana)
    client.get("/accounts/login/passkey/", headers={"accept": "application/json"})
    assert client.post(url, {"credential": credential}).status_code in {200, 302}
    assert "_auth_user_id" not in client.session


# -- setting it up


def test_an_app_is_set_up_with_its_first_code_and_the_other_devices_are_out(
    hana: Member, signed_in: SignIn, mailoutbox: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    other, client = signed_in(hana), proven(signed_in(hana), hana, method="password")
    page = client.get("/settings/security/app/")
    secret = page.context["form"].secret
    assert b"data:image/svg+xml" in page.content and secret in page.content.decode()
    client.post("/settings/security/app/", {"code": "000000"})
    assert not Authenticator.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/settings/security/app/", {"code": code_of(secret)})
    assert answer["Location"] == "/settings/security/codes/"
    shown = client.get("/settings/security/codes/").content.decode()
    first = recovery_codes(hana)[0]
    assert f"{first[:4]} {first[4:8]} {first[8:]}" in shown
    assert first[:4] not in client.get("/settings/security/codes/").content.decode()  # shown once
    assert Member.objects.get(pk=hana.pk).second_factor
    assert other.get("/settings/profile/").status_code == 302 and client.get("/settings/profile/").status_code == 200
    assert "authenticator app was set up" in mailoutbox[-1].body


def test_secrets_lie_encrypted_and_a_rotated_key_still_opens_them(hana: Member, settings: Any) -> None:
    secret = give_app(hana)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored and recovery_codes(hana)[0] not in stored
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-" + "k" * 50
    assert actions.spend_code(member_id=hana.pk, code=code_of(secret)) is not None
    settings.SECRET_KEY_FALLBACKS = []  # the use has moved it to the new key
    data = Authenticator.objects.get(user=hana, type=Authenticator.Type.TOTP).data
    assert FactorAdapter().decrypt(data["secret"]) == secret


def test_the_last_factor_goes_with_the_recovery_codes(hana: Member, signed_in: SignIn) -> None:
    give_app(hana)
    client = proven(signed_in(hana), hana)
    assert client.get("/settings/security/app/remove/").status_code == 200
    client.post("/settings/security/app/remove/")
    assert not Authenticator.objects.exists() and not Member.objects.get(pk=hana.pk).second_factor
    assert client.get("/settings/security/").status_code == 200


def test_nobody_removes_the_passkey_of_somebody_else(hana: Member, ken: Member, signed_in: SignIn) -> None:
    give_app(hana)
    row = Authenticator.objects.create(
        user=hana, type=Authenticator.Type.WEBAUTHN, data={"name": "mine", "credential": {}}
    )
    client = proven(signed_in(ken), ken)
    assert client.post(f"/settings/security/passkeys/{row.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=row.pk).exists()


def test_where_no_passkey_can_be_made_the_page_for_it_leads_to_the_list_that_says_why(
    hana: Member, signed_in: SignIn, settings: Any
) -> None:
    client = proven(signed_in(hana), hana)
    for origin, word in (("http://192.0.2.7", "reached by a number"), ("https://square.example", "another address")):
        settings.SITE_ORIGIN = origin
        assert client.get("/settings/security/passkeys/add/")["Location"] == "/settings/security/"
        assert client.post("/settings/security/passkeys/add/", {"name": "x"})["Location"] == "/settings/security/"
        assert word in client.get("/settings/security/", headers={"accept-language": "en"}).content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("host", ["square.example", "www.square.example:8000"])
def test_a_passkey_is_made_under_the_name_of_the_site(
    hana: Member, signed_in: SignIn, settings: Any, host: str
) -> None:
    settings.SITE_ORIGIN, settings.ALLOWED_HOSTS = "https://square.example", ["*"]
    client = proven(signed_in(hana), hana)
    assert client.get("/settings/security/passkeys/add/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("page", ["codes/", "codes/new/"])
def test_without_a_factor_the_way_to_recovery_codes_leads_to_where_one_is_set_up(
    hana: Member, signed_in: SignIn, page: str
) -> None:
    client = proven(signed_in(hana), hana)
    client.cookies["hiroba_language"] = "en"
    answer = client.get(f"/settings/security/{page}", follow=True)
    assert answer.redirect_chain == [("/settings/security/", 302)]
    assert "set one up first" in answer.content.decode()
    assert client.post("/settings/security/codes/new/")["Location"] == "/settings/security/"
    assert not Authenticator.objects.exists()


def test_who_lost_everything_is_told_where_to_write(hana: Member, settings: Any) -> None:
    settings.CONTACT = "help@square.example"
    give_app(hana)
    assert 'href="mailto:help@square.example"' in at_second_step(hana).get(STEP).content.decode()


# -- being asked again


DELICATE = [
    "/accounts/email/",
    "/accounts/password/set/",
    "/settings/security/app/",
    "/settings/security/app/remove/",
    "/settings/security/passkeys/add/",
    "/settings/security/codes/",
    "/settings/security/codes/new/",
]


@pytest.mark.parametrize("url", DELICATE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_that_has_shown_nothing_lately_is_asked_first(
    url: str, method: str, ken: Member, signed_in: SignIn, mailoutbox: list[Any]
) -> None:
    give_app(ken)
    before = list(Authenticator.objects.values_list("pk", "data"))
    answer = getattr(signed_in(ken), method)(url, {"email": "x@example.com", "action_add": "1"})
    assert answer["Location"].startswith("/accounts/confirm/?next=")
    assert list(Authenticator.objects.values_list("pk", "data")) == before and not mailoutbox


def test_who_has_just_signed_in_is_not_asked(hana: Member) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": hana.email, "password": PASSWORD})
    assert client.get("/settings/security/app/").status_code == 200


def test_a_member_without_a_password_shows_it_with_a_code_by_mail(
    ken: Member, signed_in: SignIn, code: Callable[[], str]
) -> None:
    client = signed_in(ken)
    ask = client.get("/accounts/email/")["Location"]
    assert "Send the code" in client.get(ask).content.decode()
    client.post(ask, {"action": "send"})
    right = code()
    for _try in range(2):
        assert client.post(ask, {"code": "00000000"}).status_code == 200
    assert client.post(ask, {"code": right})["Location"] == "/accounts/email/"
    assert client.get("/accounts/email/").status_code == 200


def test_three_wrong_codes_end_the_code_by_mail(ken: Member, signed_in: SignIn, code: Callable[[], str]) -> None:
    client = signed_in(ken)
    ask = client.get("/accounts/email/")["Location"]
    client.post(ask, {"action": "send"})
    right = code()
    for _try in range(3):
        client.post(ask, {"code": "00000000"})
    assert client.post(ask, {"code": right}).status_code == 200
    assert client.get("/accounts/email/").status_code == 302


def test_the_code_by_mail_of_one_session_is_nothing_to_another(
    ken: Member, signed_in: SignIn, code: Callable[[], str]
) -> None:
    mine, theirs = signed_in(ken), signed_in(ken)
    ask = mine.get("/accounts/email/")["Location"]
    mine.post(ask, {"action": "send"})
    theirs.post(ask, {"code": code()})
    assert theirs.get("/accounts/email/").status_code == 302


def test_a_password_is_no_proof_where_there_is_a_second_factor(hana: Member, signed_in: SignIn) -> None:
    secret = give_app(hana)
    client = signed_in(hana)
    ask = client.get("/accounts/email/")["Location"]
    assert client.post(ask, {"password": PASSWORD}).status_code == 200
    assert client.get("/accounts/email/").status_code == 302
    assert client.post(ask, {"code": code_of(secret)})["Location"] == "/accounts/email/"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_being_asked_leads_nowhere_else(evil: str, hana: Member, signed_in: SignIn) -> None:
    answer = signed_in(hana).post(f"/accounts/confirm/?next={evil}", {"password": PASSWORD, "next": evil})
    assert answer["Location"] == "/"


# -- staff


def test_an_office_without_a_second_factor_opens_nothing_and_leads_to_where_one_is_set_up(
    kanri: Member, hana: Member, signed_in: SignIn
) -> None:
    Member.objects.filter(pk=kanri.pk).update(second_factor=False)
    resting = Member.objects.get(pk=kanri.pk)
    assert not (resting.is_moderator or resting.is_manager or resting.is_staff)
    with pytest.raises(NotAllowed):
        actions.ban_member(by=resting, member_id=hana.pk, reason="spam")
    client = signed_in(resting)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/settings/security/"
    assert "Your staff tools need a second step" in answer.content.decode()
    assert "/settings/security/" in client.get("/").content.decode()
    assert not StaffAction.objects.exists()


def test_an_office_opens_as_soon_as_the_factor_is_there(kanri: Member, signed_in: SignIn) -> None:
    Member.objects.filter(pk=kanri.pk).update(second_factor=False)
    client = proven(signed_in(Member.objects.get(pk=kanri.pk)), kanri)
    secret = client.get("/settings/security/app/").context["form"].secret
    client.post("/settings/security/app/", {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200


def test_a_rank_protects_also_while_the_office_rests(mori: Member, kanri: Member) -> None:
    Member.objects.filter(pk=kanri.pk).update(second_factor=False)
    with pytest.raises(NotAllowed):
        actions.ban_member(by=mori, member_id=kanri.pk, reason="a coup")
    assert Member.objects.get(pk=kanri.pk).banned_at is None


def test_the_team_takes_a_lost_factor_off_with_a_reason(
    hana: Member, kanri: Member, ada: Member, signed_in: SignIn
) -> None:
    give_app(hana)
    phone = signed_in(hana)
    mika = make_member("mika")
    for by, member in ((mika, hana), (hana, hana), (kanri, ada), (kanri, mika)):
        with pytest.raises(NotAllowed):
            actions.reset_second_factor(by=by, member_id=member.pk, reason="please")
    assert Authenticator.objects.filter(user=hana).count() == 2
    actions.reset_second_factor(by=kanri, member_id=hana.pk, reason="telephone lost, called back")
    assert not Authenticator.objects.filter(user=hana).exists() and not Member.objects.get(pk=hana.pk).second_factor
    assert phone.get("/settings/profile/").status_code == 302
    assert StaffAction.objects.get().verb == "reset_second_factor"


def test_pages_of_the_account_are_kept_by_nobody(hana: Member, signed_in: SignIn) -> None:
    client = proven(signed_in(hana), hana)
    for url in ("/settings/sessions/", "/settings/security/", "/settings/security/app/", "/accounts/confirm/"):
        answer = client.get(url)
        assert "no-store" in answer["Cache-Control"], url
        assert re.search(r"\bCookie\b", answer["Vary"]), url

"""Sign-up, sign-in, sign-out and reset, through the pages and the mails, in both languages."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from community.members import actions
from community.members.models import Member
from tests.factories.members import PASSWORD, make_member

pytestmark = pytest.mark.django_db
Code = Callable[[], str]
SIGN_UP = {"old_enough": "on", "email": "yuki@example.com", "display_name": "ゆき", "password1": ""}


def visitor(language: str = "ja") -> Client:
    return Client(headers={"accept-language": language})


# -- the whole way


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_signs_up_with_a_code_and_comes_back_to_where_one_was(language: str, code: Code) -> None:
    client = visitor(language)
    page = client.get("/accounts/signup/?next=/members/hana/")
    assert b'name="next" value="/members/hana/"' in page.content
    answer = client.post("/accounts/signup/", SIGN_UP | {"next": "/members/hana/", "time_zone": "Europe/Berlin"})
    assert answer["Location"] == "/accounts/confirm-email/"
    assert client.get(answer["Location"]).status_code == 200
    answer = client.post("/accounts/confirm-email/", {"action": "verify", "code": code()})
    assert answer["Location"] == "/members/hana/"
    yuki = Member.objects.get(email="yuki@example.com")
    assert client.session["_auth_user_id"] == str(yuki.pk)
    assert (yuki.display_name, yuki.language, yuki.time_zone) == ("ゆき", language, "Europe/Berlin")
    assert EmailAddress.objects.get(user=yuki).verified and not yuki.has_usable_password()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_signs_out_and_comes_back_with_a_code(language: str, code: Code) -> None:
    yuki = make_member("yuki", language=language)
    client = visitor(language)
    answer = client.post("/accounts/login/code/?next=/settings/profile/", {"email": "Yuki@Example.com"})
    answer = client.post(answer["Location"], {"action": "verify", "code": code().replace("-", "")})
    assert answer["Location"] == "/settings/profile/"
    assert client.get("/settings/profile/").status_code == 200
    assert client.post("/accounts/logout/", {"next": "/members/yuki/"})["Location"] == "/members/yuki/"
    assert client.get("/settings/profile/")["Location"].startswith("/accounts/login/?next=")
    assert yuki.email in mail.outbox[-1].to


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_sets_a_new_password_with_a_code_and_other_devices_are_out(language: str, hana: Member, code: Code) -> None:
    other = Client()
    other.force_login(hana)
    client = visitor(language)
    assert (
        client.post("/accounts/password/reset/", {"email": hana.email})["Location"]
        == "/accounts/password/reset/confirm/"
    )
    assert client.get("/accounts/password/reset/confirm/").status_code == 200
    answer = client.post("/accounts/password/reset/confirm/", {"code": code()})
    assert client.get(answer["Location"]).status_code == 200
    answer = client.post("/accounts/password/reset/complete/", {"password1": "nine winter lanterns"})
    assert client.get(answer["Location"]).status_code == 200
    assert client.post("/accounts/login/", {"login": hana.email, "password": "nine winter lanterns"})["Location"] == "/"
    assert other.get("/settings/profile/").status_code == 302


def test_one_signs_in_with_a_password(hana: Member) -> None:
    client = visitor()
    assert client.post("/accounts/login/", {"login": "HANA@example.com", "password": PASSWORD})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(hana.pk)


# -- refusals


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"email": "no address"}, "email"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "Adminis\u200btrator"}, "display_name"),
        ({"display_name": "運営チーム"}, "display_name"),
        ({"display_name": "Нana"}, "display_name"),  # a Cyrillic letter
        ({"display_name": "HANA"}, "display_name"),  # somebody's name
        ({"password1": "short"}, "password1"),
        ({"password1": "password1234"}, "password1"),
    ],
)
def test_a_refused_sign_up_makes_nothing_and_keeps_what_was_typed(
    changed: dict[str, str], word: str, hana: Member
) -> None:
    before = Member.objects.count()
    answer = visitor("en").post("/accounts/signup/", SIGN_UP | changed)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [word]
    assert (changed | {"email": changed.get("email", SIGN_UP["email"])})["email"] in answer.content.decode()
    assert Member.objects.count() == before and not mail.outbox


def test_a_wrong_code_opens_nothing_and_the_third_ends_the_try(ken: Member, code: Code) -> None:
    client = visitor()
    client.post("/accounts/login/code/", {"email": ken.email})
    right = code()
    for _try in range(2):
        assert client.post("/accounts/login/code/confirm/", {"code": "0000-0000"}).status_code == 200
    assert client.post("/accounts/login/code/confirm/", {"code": "0000-0000"}).status_code == 302
    answer = client.post("/accounts/login/code/confirm/", {"code": right})
    assert "_auth_user_id" not in client.session and answer.status_code == 302


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_next_leads_to_places_of_this_site_only(evil: str, hana: Member) -> None:
    answer = visitor().post("/accounts/login/", {"login": hana.email, "password": PASSWORD, "next": evil})
    assert answer["Location"] == "/"


def test_a_banned_member_is_told_so_at_the_door_and_stays_out(hana: Member, ada: Member) -> None:
    actions.ban_member(by=ada, member_id=hana.pk, reason="spam")
    client = visitor("en")
    answer = client.post("/accounts/login/", {"login": hana.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/inactive/"
    assert b"This account is closed" in client.get(answer["Location"]).content
    assert "_auth_user_id" not in client.session


def test_a_sign_up_can_be_started_over_with_another_address(code: Code) -> None:
    client = visitor()
    client.post("/accounts/signup/", SIGN_UP | {"email": "yuki@exmaple.com"})
    assert client.post("/accounts/signup/again/")["Location"] == "/accounts/signup/"
    assert not Member.objects.filter(email="yuki@exmaple.com").exists()
    client.post("/accounts/signup/", SIGN_UP)
    client.post("/accounts/confirm-email/", {"code": code()})
    assert Member.objects.get(email="yuki@example.com").display_name == "ゆき"


def test_starting_over_cannot_delete_an_account_in_use(ken: Member) -> None:
    assert actions.abandon_sign_up(member_id=ken.pk) is False
    assert Member.objects.filter(pk=ken.pk).exists()


def test_a_password_set_before_the_owner_came_is_gone_once_the_owner_proves_the_address(code: Code) -> None:
    """Somebody signs up with a stranger's address and a password, and waits for the stranger to confirm it."""
    visitor().post("/accounts/signup/", SIGN_UP | {"password1": PASSWORD})
    owner = visitor()
    owner.post("/accounts/login/code/", {"email": SIGN_UP["email"]})
    owner.post("/accounts/login/code/confirm/", {"code": code()})
    assert "_auth_user_id" in owner.session
    assert not Member.objects.get(email=SIGN_UP["email"]).has_usable_password()
    thief = visitor()
    thief.post("/accounts/login/", {"login": SIGN_UP["email"], "password": PASSWORD})
    assert "_auth_user_id" not in thief.session


# -- limits


@pytest.mark.parametrize(
    ("path", "form", "limit"),
    [
        ("/accounts/login/", {"login": "hana@example.com", "password": "wrong"}, 10),
        ("/accounts/login/code/", {"email": "hana@example.com"}, 5),
        ("/accounts/password/reset/", {"email": "hana@example.com"}, 5),
        ("/accounts/signup/", SIGN_UP | {"email": "hana@example.com"}, 5),
    ],
)
def test_the_door_counts_tries_before_it_looks_and_says_when_to_come_again(
    path: str, form: dict[str, str], limit: int, hana: Member
) -> None:
    statuses = [Client(REMOTE_ADDR=f"192.0.2.{n}").post(path, form).status_code for n in range(limit)]
    assert 429 not in statuses
    sent = len(mail.outbox)
    answer = Client(REMOTE_ADDR="192.0.2.99").post(path, form)
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert b"hana@example.com" in answer.content and b"wrong" not in answer.content
    assert len(mail.outbox) == sent
    other = {key: value.replace("hana@", "ken@") for key, value in form.items()}
    assert Client(REMOTE_ADDR="192.0.2.99").post(path, other).status_code != 429


def test_one_address_cannot_try_many_accounts() -> None:
    tries = [
        Client().post("/accounts/login/", {"login": f"m{n}@example.com", "password": "x"}).status_code
        for n in range(31)
    ]
    assert tries == [200] * 30 + [429]


# -- mails


@pytest.mark.parametrize(("language", "greeting"), [("ja", "ゆきさん"), ("en", "Dear ゆき")])
def test_a_mail_speaks_the_members_language_and_carries_text_and_html(
    language: str, greeting: str, code: Code, settings: object
) -> None:
    make_member("yuki", display_name="ゆき", language=language)
    Client(headers={"accept-language": "en" if language == "ja" else "ja"}).post(
        "/accounts/login/code/", {"email": "yuki@example.com"}
    )
    message = mail.outbox[-1]
    html = message.alternatives[0].content  # type: ignore[attr-defined]
    assert code() in message.subject and code() in html
    assert greeting in message.body and greeting in html
    assert f'lang="{language}"' in html and "\n" not in message.subject


def test_links_in_mails_come_from_the_configured_origin(settings: object) -> None:
    settings.SITE_ORIGIN = "https://square.example"  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]  # type: ignore[attr-defined]
    Client(headers={"host": "other.example"}).post("/accounts/login/code/", {"email": "nobody@example.com"})
    assert "https://square.example/accounts/signup/" in mail.outbox[-1].body
    assert "other.example" not in mail.outbox[-1].body


def test_the_pages_of_the_door_are_kept_in_no_cache_and_no_index() -> None:
    answer = visitor().get("/accounts/login/")
    assert "no-store" in answer["Cache-Control"] and b'name="robots" content="noindex"' in answer.content


def test_ended_sessions_leave_no_row_that_opens_anything(hana: Member) -> None:
    client = Client()
    client.force_login(hana)
    key = client.session.session_key
    client.post("/accounts/logout/")
    assert not Session.objects.filter(session_key=key).exists()

"""The switch of languages: it works on pages that are the same for everybody, and for nobody's page but ours (S10)."""

from typing import Any

import pytest
from django.test import Client

from community.members.models import Member
from tests.factories.members import make_member

OURS = "https://hiroba.example"
TOKEN = "t" * 32


@pytest.fixture
def browser(settings: Any) -> Client:
    settings.LIVE_ORIGINS = [OURS]
    return Client(enforce_csrf_checks=True)


def switch(browser: Client, **headers: str) -> tuple[int, str]:
    answer = browser.post("/i18n/setlang/", {"language": "en", "next": "/about/"}, headers=headers)
    cookie = answer.cookies.get("hiroba_language")
    return answer.status_code, cookie.value if cookie else ""


@pytest.mark.parametrize(
    "origin",
    [
        None,
        *("null", "https://evil.example", "http://hiroba.example", "https://hiroba.example:8443"),
        *("https://hiroba.example.evil.example", "https://hiroba.example/", "", "https://a@hiroba.example"),
    ],
)
@pytest.mark.django_db
def test_what_does_not_come_from_a_page_of_ours_changes_nothing(browser: Client, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert switch(browser, **headers) == (403, "")
    ana = make_member("ana", language="ja")
    browser.force_login(ana)
    assert switch(browser, **headers) == (403, "")
    assert Member.objects.get(pk=ana.pk).language == "ja"


@pytest.mark.django_db
def test_a_visitor_switches_without_a_token(browser: Client) -> None:
    page = browser.get("/about/").content.decode()
    assert "csrfmiddlewaretoken" not in page
    assert switch(browser, Origin=OURS) == (302, "en")
    assert '<html lang="en"' in browser.get("/about/").content.decode()


@pytest.mark.django_db
def test_a_member_s_choice_is_remembered(browser: Client) -> None:
    ana = make_member("ana", language="ja")
    browser.force_login(ana)
    assert switch(browser, Origin=OURS) == (302, "en")
    assert Member.objects.get(pk=ana.pk).language == "en"


@pytest.mark.django_db
def test_a_browser_that_names_no_origin_can_still_show_a_token(browser: Client) -> None:
    browser.cookies["hiroba_csrf"] = TOKEN
    given = {"language": "en", "next": "/about/", "csrfmiddlewaretoken": TOKEN}
    assert browser.post("/i18n/setlang/", given).status_code == 302
    assert browser.post("/i18n/setlang/", given | {"csrfmiddlewaretoken": "x" * 32}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/about/", "/threads/", "/items/", "/creators/", "/tags/"])
def test_pages_of_visitors_hold_no_token_and_set_no_cookie(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_forms_of_visitors_keep_their_token(path: str) -> None:
    assert "csrfmiddlewaretoken" in Client().get(path).content.decode()

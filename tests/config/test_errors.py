"""S1, S31: every error is a page people understand or a problem machines understand, with its number."""

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import set_urlconf

from tests.config.urls import FAILURES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.urls")]


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, headers={"accept-language": "en"})


@pytest.mark.parametrize("name", FAILURES)
def test_a_person_gets_a_page_with_the_number_of_the_request(visitor: Client, name: str) -> None:
    answer = visitor.get(f"/fail/{name}")
    _error, status, _code = FAILURES[name]
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    text = answer.content.decode()
    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-ID"])
    assert answer["X-Request-ID"] in text
    assert "secret-detail" not in text
    assert "Traceback" not in text
    assert answer["Cache-Control"] == "no-store"
    assert '<html lang="en"' in text
    assert "stylesheet" in text, "the page in the site's own dress, not the last resort"


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("place", ["/fail/{}", "/api/test/fail/{}"])
def test_a_program_gets_problem_json(visitor: Client, name: str, place: str) -> None:
    answer = visitor.get(place.format(name), headers={"accept": "application/json"})
    _error, status, code = FAILURES[name]
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"urn:hiroba:problem:{code}"
    assert problem["instance"] == answer["X-Request-ID"]
    assert problem["title"]
    assert problem["detail"]
    assert "secret-detail" not in answer.content.decode()


def test_a_refused_field_is_named(visitor: Client) -> None:
    problem = visitor.get("/fail/invalid", headers={"accept": "application/json"}).json()
    assert (problem["field"], problem["detail"]) == ("colour", "Choose a colour.")


@pytest.mark.parametrize(("name", "seconds"), [("too-soon", "7"), ("unavailable", "9"), ("database", "5")])
def test_who_has_to_wait_is_told_how_long(visitor: Client, name: str, seconds: str) -> None:
    assert visitor.get(f"/fail/{name}")["Retry-After"] == seconds


def test_an_unknown_address_is_a_page_of_ours(visitor: Client) -> None:
    answer = visitor.get("/no/such/place/")
    assert answer.status_code == 404
    assert answer["X-Request-ID"] in answer.content.decode()


def test_the_error_page_needs_no_database(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    visitor.cookies["hiroba_session"] = "somebody"
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", down)
    answer = visitor.get("/form")
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "stylesheet" in answer.content.decode()
    answer = visitor.get("/fail/mistake")
    assert answer.status_code in {500, 503}
    assert "stylesheet" in answer.content.decode()


def test_a_broken_template_still_leaves_a_page(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> str:
        raise ValueError("no such tag")

    monkeypatch.setattr("community.config.problems.render_to_string", broken)
    answer = visitor.get("/fail/mistake")
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_a_sentence() -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = strict.post("/form", {"a": "b"})
    assert answer.status_code == 403
    assert "This form was open too long" in answer.content.decode()


def test_what_was_written_comes_back_when_the_form_is_refused_but_no_secret_does() -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    sent = {"body": "Half an hour of <b>words</b>.", "password": "hunter2", "csrfmiddlewaretoken": "x"}
    answer = strict.post("/form", sent)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Half an hour of &lt;b&gt;words&lt;/b&gt;." in page
    assert 'href="/form"' in page
    assert "hunter2" not in page
    assert answer["Cache-Control"] == "no-store"


def test_errors_speak_japanese_by_default() -> None:
    answer = Client(raise_request_exception=False).get("/fail/mistake")
    assert '<html lang="ja"' in answer.content.decode()
    assert "Something broke" not in answer.content.decode()


@pytest.fixture(autouse=True)
def _urls_back() -> Any:
    yield
    set_urlconf(None)

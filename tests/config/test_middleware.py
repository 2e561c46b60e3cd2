"""S1, S2, S10, S34: what every answer carries, and what every unsafe API request must bring."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.urls")]
ACT = "/api/test/act"
JSON = "application/json"


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def policy(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: rest for name, _blank, rest in parts}


@pytest.mark.parametrize(
    "path", ["/form", "/fail/mistake", "/fail/not-visible", "/no/such/place", "/static/css/tokens.css", ACT]
)
def test_every_answer_carries_the_safety_headers(visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    answer.close()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Permissions-Policy"]
    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-ID"])
    rules = policy(answer)
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_no_two_pages_share_a_nonce(visitor: Client) -> None:
    found = set()
    for _number in range(50):
        answer = visitor.get("/accounts/login/")
        nonces = re.findall(r"'nonce-([^']+)'", answer["Content-Security-Policy"])
        found.update(nonces)
        assert len(set(nonces)) <= 1
    assert len(found) in {0, 50}


def test_the_number_of_a_request_is_never_the_clients(visitor: Client) -> None:
    answer = visitor.get("/form", headers={"x-request-id": "mine"})
    assert answer["X-Request-ID"] != "mine"


def test_a_page_is_kept_by_no_shared_cache(visitor: Client) -> None:
    answer = visitor.get("/form")
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer["Vary"]


def test_a_members_page_is_kept_by_no_cache_at_all(visitor: Client, django_user_model: Any) -> None:
    visitor.force_login(member(django_user_model))
    assert visitor.get("/form")["Cache-Control"] == "private, no-store"


def test_a_members_language_and_zone_win_over_the_browsers(visitor: Client, django_user_model: Any) -> None:
    visitor.force_login(
        member(django_user_model, language="en", time_zone="Europe/Paris"),
    )
    assert visitor.get("/form", headers={"accept-language": "ja"})["Content-Language"] == "en"


def test_a_zone_that_does_not_exist_breaks_nothing(visitor: Client, django_user_model: Any) -> None:
    visitor.force_login(member(django_user_model, time_zone="../../etc/passwd"))
    assert visitor.get("/form").status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "text/plain; application/json"]
)
def test_the_api_reads_no_body_a_foreign_form_could_send(strict: Client, kind: str) -> None:
    answer = strict.generic("POST", ACT, b'{"n": 1}', content_type=kind)
    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"


def test_the_api_acts_for_nobody_without_the_token_of_a_page(strict: Client) -> None:
    answer = strict.post(ACT, {"n": 1}, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_api_refuses_what_another_site_sends(strict: Client, site: str) -> None:
    answer = strict.post(ACT, {"n": 1}, content_type=JSON, headers={"sec-fetch-site": site})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


def test_the_api_acts_with_the_token_of_a_page(strict: Client) -> None:
    token = "t" * 32
    strict.cookies["hiroba_csrf"] = token
    answer = strict.post(ACT, {"n": 1}, content_type=JSON, headers={"x-csrftoken": token})
    assert (answer.status_code, answer.json()) == (200, {"n": 1})


def test_a_program_with_a_key_of_its_own_needs_no_token(strict: Client) -> None:
    answer = strict.post(ACT, {"n": 1}, content_type=JSON, headers={"authorization": "Bearer key"})
    assert answer.status_code == 200


def test_a_wrong_shape_names_the_field_and_never_repeats_the_value(visitor: Client) -> None:
    answer = visitor.post(ACT, {"n": "canary"}, content_type=JSON)
    assert answer.status_code == 422
    assert [error["field"].rpartition(".")[2] for error in answer.json()["errors"]] == ["n"]
    assert "canary" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/openapi.json"])
def test_the_api_describes_itself_to_staff_only(visitor: Client, path: str, django_user_model: Any) -> None:
    assert visitor.get(path).status_code == 404
    visitor.force_login(member(django_user_model, role="manager", second_factor=True))
    assert visitor.get(path).status_code == 200


@pytest.mark.parametrize("path", ["../secret", "..%2fsecret", "/etc/hostname", "nothing.webp", "", "."])
def test_media_gives_out_nothing_but_its_own_files(visitor: Client, settings: Any, tmp_path: Any, path: str) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "media").mkdir()
    (tmp_path / "secret").write_text("canary")
    answer = visitor.get(f"/media/{path}")
    assert answer.status_code in {400, 404}
    assert (
        b"canary" not in b"".join(answer) if not isinstance(answer, HttpResponse) else b"canary" not in answer.content
    )


def test_a_picture_is_shown_and_anything_else_is_only_saved(visitor: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    for name in ("a.webp", "a.html", "a.svg"):
        (tmp_path / name).write_bytes(b"<script>alert(1)</script>")
    answers = {name: visitor.get(f"/media/{name}") for name in ("a.webp", "a.html", "a.svg")}
    for answer in answers.values():
        answer.close()
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answers["a.webp"]["Content-Type"] == "image/webp"
    assert "attachment" not in answers["a.webp"].get("Content-Disposition", "")
    for name in ("a.html", "a.svg"):
        assert answers[name]["Content-Type"] == "application/octet-stream"
        assert answers[name]["Content-Disposition"].startswith("attachment")


def member(model: Any, **fields: Any) -> Any:
    from community.core.clock import now

    return model.objects.create(
        **(
            {
                "handle": "ana",
                "display_name": "Ana",
                "email": "ana@example.com",
                "name_skeleton": "ana",
                "joined_at": now(),
            }
            | fields
        )
    )


@pytest.mark.parametrize("address", ["/nothing-here/", "/fail/http-404"])
def test_a_mistyped_address_is_our_page_for_whoever_tries_the_site_at_home(
    visitor: Client, settings: Any, address: str
) -> None:
    settings.DEBUG = True
    answer = visitor.get(address, headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode() and "URLconf" not in answer.content.decode()

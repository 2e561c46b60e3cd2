"""S10: nothing is done for a signed-in person whom a foreign page sends here.

Every operation that may change something is called as somebody who is allowed to, with the session and without the
token of a page of ours. What is found is compared with a control: a page that forgot its guard is seen.
"""

from collections.abc import Iterator

import pytest
from django.test import Client

from community.core.valkey import client as valkey
from tests.trust import state as database
from tests.trust.calls import Call, call_of, is_for_keys, path_of, send
from tests.trust.endpoints import Endpoint, every_endpoint
from tests.trust.probe import body_of, word_of
from tests.trust.world import World, as_if, laid_out

# RFC 8058: mail programs send no cookie and no token of a page; the signed address is the right.
BY_ADDRESS = {"POST /notifications/unsubscribe/<str:token>/"}
UNSAFE = {
    name: endpoint for name, endpoint in every_endpoint().items() if endpoint.is_unsafe and name not in BY_ADDRESS
}
MEMBERS_API = {name: one for name, one in UNSAFE.items() if one.is_api and not is_for_keys(one)}
SHOPS_API = {name: one for name, one in UNSAFE.items() if is_for_keys(one)}
TOKEN = "t" * 32
# A form, a script's no-cors request and a beacon can send these without asking anybody.
FOREIGN_TYPES = ("text/plain", "application/x-www-form-urlencoded", "text/plain; charset=utf-8; x=application/json")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with laid_out() as found:
        found.places["open"] |= {"external_id": "own", "object_id": found.people["other"].pk}
        yield found


def attack(world: World, endpoint: Endpoint, *, call: Call | None = None, **headers: str) -> tuple[str, list[str]]:
    """What the operation answers to an admin's browser without a token, and the tables that changed."""
    with as_if():
        valkey().flushdb()
        browser = world.client("admin", enforce_csrf_checks=True)
        response = send(browser, endpoint, place(world, endpoint), call or call_of(endpoint, world), **headers)
        body_of(response)
        return word_of(response), database.changed(world.rows)


def place(world: World, endpoint: Endpoint) -> str:
    return path_of(endpoint, world, "open") if endpoint.route != "unguarded/" else "/unguarded/"


def unguarded(world: World, endpoints: dict[str, Endpoint], **headers: str) -> list[str]:
    """The operations that did not refuse."""
    found = []
    for name, endpoint in endpoints.items():
        word, changed = attack(world, endpoint, **headers)
        # A shop's operation looks at no session: without a key it is nobody's.
        fine = {"403", "401"} if is_for_keys(endpoint) else {"403"}
        if word not in fine or changed:
            found.append(f"{name}: {word} {changed}")
    return found


@pytest.mark.timeout(400)
def test_a_session_without_the_token_of_a_page_changes_nothing(world: World) -> None:
    assert len(UNSAFE) > 100
    assert unguarded(world, UNSAFE) == []


def test_a_page_that_forgot_its_guard_is_seen(world: World, settings: pytest.FixtureRequest) -> None:
    settings.ROOT_URLCONF = "tests.trust.urls_unguarded"  # type: ignore[attr-defined]
    endpoints = {"POST /unguarded/": every_endpoint("tests.trust.urls_unguarded")["POST /unguarded/"]}
    (found,) = unguarded(world, endpoints)
    assert "200" in found
    assert "threads_category" in found


def test_without_the_guard_of_the_api_its_operations_are_still_refused(world: World, settings: object) -> None:
    """The second line: each operation's own authentication. A session is not enough for any of them."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "ApiGuard" not in name]  # type: ignore[attr-defined]
    assert unguarded(world, MEMBERS_API | SHOPS_API) == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_sends_is_refused_even_with_the_token(world: World, site: str) -> None:
    wrong = []
    for name, endpoint in MEMBERS_API.items():
        with as_if():
            valkey().flushdb()
            response = send(
                with_token(world), endpoint, place(world, endpoint), call_of(endpoint, world), **headers(site)
            )
            if word_of(response) != "403" or database.changed(world.rows):
                wrong.append(f"{name}: {word_of(response)}")
    assert wrong == []


def headers(site: str) -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "X-CSRFToken": TOKEN}


@pytest.mark.parametrize("kind", FOREIGN_TYPES)
def test_json_under_the_name_of_a_form_is_not_read(world: World, kind: str) -> None:
    wrong = []
    for name, endpoint in (MEMBERS_API | SHOPS_API).items():
        body = call_of(endpoint, world).body or {}
        for key in ("", world.keys["key"]) if is_for_keys(endpoint) else ("",):
            with as_if():
                valkey().flushdb()
                call = Call(body, kind)
                path = place(world, endpoint)
                response = send(with_token(world), endpoint, path, call, key=key, **{"X-CSRFToken": TOKEN})
                if response.status_code != 415 or database.changed(world.rows):
                    wrong.append(f"{name}: {word_of(response)} {database.changed(world.rows)}")
    assert wrong == []


def test_a_shops_operation_looks_at_no_session(world: World) -> None:
    """Not even with a token: who has no key is nobody there."""
    wrong = []
    for name, endpoint in SHOPS_API.items():
        with as_if():
            path = place(world, endpoint)
            response = send(with_token(world), endpoint, path, call_of(endpoint, world), **{"X-CSRFToken": TOKEN})
            if response.status_code != 401 or database.changed(world.rows):
                wrong.append(f"{name}: {word_of(response)}")
    assert wrong == []


def test_with_the_token_of_a_page_the_same_calls_are_done(world: World) -> None:
    """The other control: it was the missing token that refused, nothing else."""
    refused = []
    for name, endpoint in MEMBERS_API.items():
        with as_if():
            valkey().flushdb()
            call, path = call_of(endpoint, world), place(world, endpoint)
            response = send(with_token(world), endpoint, path, call, **headers("same-origin"))
            if response.status_code == 403 and response.json().get("code") in {"csrf", "cross_site"}:  # type: ignore
                refused.append(name)
    assert refused == []


def with_token(world: World) -> Client:
    browser = world.client("admin", enforce_csrf_checks=True)
    browser.cookies["hiroba_csrf"] = TOKEN
    return browser

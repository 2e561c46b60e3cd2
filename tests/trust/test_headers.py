"""S1, S2, S34: what every answer of every address carries, whoever asks."""

import re
from collections.abc import Iterator

import pytest
from django.http.response import HttpResponseBase

from community.core.valkey import client as valkey
from tests.trust.calls import Call, path_of, send
from tests.trust.endpoints import Endpoint, every_endpoint
from tests.trust.probe import body_of
from tests.trust.world import World, as_if, laid_out

READ = [endpoint for endpoint in every_endpoint().values() if endpoint.method == "GET"]
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
POLICY = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "default-src 'self'")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with laid_out() as found:
        found.places["open"] |= {"external_id": "own", "object_id": found.people["other"].pk}
        yield found


def answers(world: World, role: str) -> Iterator[tuple[Endpoint, HttpResponseBase, str]]:
    for endpoint in READ:
        with as_if():
            valkey().flushdb()
            response = send(world.client(role), endpoint, path_of(endpoint, world, "open"), Call())
            yield endpoint, response, body_of(response)


@pytest.mark.parametrize("role", ["visitor", "admin"])
def test_every_address_answers_with_the_safety_headers(world: World, role: str) -> None:
    wrong: list[str] = []
    nonces: list[str] = []
    for endpoint, response, body in answers(world, role):
        wrong += [f"{endpoint.name}: {name}" for name, value in ALWAYS.items() if response.headers.get(name) != value]
        policy = response.headers.get("Content-Security-Policy", "")
        if not endpoint.route.startswith("media/"):  # sandboxed, see tests/config
            wrong += [f"{endpoint.name}: {part}" for part in POLICY if part not in policy]
        wrong += [f"{endpoint.name}: unsafe"] if "unsafe" in policy else []
        wrong += [f"{endpoint.name}: {tag}" for tag in re.findall(r"<script(?![^>]*\b(?:src|nonce|type)=)[^>]*>", body)]
        nonces += re.findall(r"'nonce-([^']+)'", policy)[:1]
    assert wrong == []
    assert len(nonces) == len(set(nonces))


def test_no_cache_keeps_a_page_of_a_member(world: World) -> None:
    public = ("media/", "sw.js", "manifest.webmanifest", "offline/")  # the same for everybody: tests/config
    kept = [
        endpoint.name
        for endpoint, response, _body in answers(world, "author")
        if "no-store" not in response.headers.get("Cache-Control", "") and not endpoint.route.startswith(public)
    ]
    assert kept == []

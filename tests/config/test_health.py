"""/healthz and /readyz of the real site."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.site import Site


def get(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_process_that_works_is_alive_and_ready(site: Site) -> None:
    assert get(f"{site.url}/healthz") == (200, {"status": "alive"})
    assert get(f"{site.url}/readyz") == (200, {"status": "ready", "database": "ok", "valkey": "ok"})


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1"])
def test_a_balancer_may_ask_by_any_name(site: Site, host: str) -> None:
    request = urllib.request.Request(f"{site.url}/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_a_page_under_a_foreign_name_is_refused(site: Site) -> None:
    request = urllib.request.Request(f"{site.url}/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    with refused.value:
        assert refused.value.code == 400


def test_without_valkey_the_site_is_ready_and_says_that_it_is_degraded(make_site: Callable[..., Site]) -> None:
    site = make_site(REDIS_URL="unix:///nonexistent/valkey.sock")
    assert get(f"{site.url}/readyz") == (200, {"status": "degraded", "database": "ok", "valkey": "down"})


def test_without_its_database_a_process_is_alive_and_not_ready(make_site: Callable[..., Site]) -> None:
    site = make_site(DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert get(f"{site.url}/healthz")[0] == 200
    status, state = get(f"{site.url}/readyz")
    assert (status, state["database"]) == (503, "down")

"""The live log over HTTP, as the site mounts it."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
URL = "/live/streams/home.1/events?after=0"


def test_reading_the_log_is_counted_per_address(client: Client, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"live_events": {"address": (2, 60)}}
    assert [client.get(URL).status_code for _try in range(2)] == [200, 200]
    refused = client.get(URL, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_soon")
    assert int(refused["Retry-After"]) > 0
    assert client.get(URL, REMOTE_ADDR="192.0.2.7").status_code == 200

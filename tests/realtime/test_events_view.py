"""GET /live/streams/<name>/events: the log over plain HTTP."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from realtime import log, registry
from tests.realtime.harness import Note, append
from tests.realtime.people import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.realtime.urls")]

URL = "/live/streams/probe.1/events"


@pytest.fixture(autouse=True)
def probes() -> Iterator[None]:
    """`probe.1` is public, `probe.2` for members."""
    registry.register("probe", may_subscribe=lambda user, pk: pk == 1 or (pk == 2 and user.is_authenticated))
    yield
    registry._topics.pop("probe")


@pytest.mark.parametrize("name", ["probe.2", "probe.3", "nothing.1", "probe.01", "PROBE.1", "probe", "probe.1.2"])
def test_a_stream_that_is_not_there_or_not_for_this_reader_is_404_alike(client: Client, name: str) -> None:
    append("probe.2", "secret")
    answer = client.get(f"/live/streams/{name}/events?after=0")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert b"secret" not in answer.content


def test_a_member_reads_what_is_for_members(client: Client) -> None:
    append("probe.2", "secret")
    client.force_login(make_member("hana"))
    assert [e["kind"] for e in client.get("/live/streams/probe.2/events?after=0").json()["events"]] == ["secret"]


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=", "after=0&limit=x", "after=" + "9" * 30, "after=٣"])
def test_numbers_that_are_none_are_400(client: Client, query: str) -> None:
    assert client.get(f"{URL}?{query}").status_code == 400


def test_posting_is_not_allowed(client: Client) -> None:
    assert client.post(URL).status_code == 405


def test_without_a_number_only_the_newest_one_is_told(client: Client) -> None:
    append("probe.1")
    assert client.get(URL).json() == {"events": [], "seq": 1}


def test_the_events_after_a_number_come_in_order_with_the_newest_number(client: Client) -> None:
    with transaction.atomic():
        log.append_many([Note("probe.1", "note", {"n": n}) for n in range(5)])
    answer = client.get(f"{URL}?after=1&limit=2")
    assert [(e["seq"], e["payload"]) for e in answer.json()["events"]] == [(2, {"n": 1}), (3, {"n": 2})]
    assert answer.json()["seq"] == 5
    assert "no-store" in answer["Cache-Control"]


def test_a_number_that_the_log_does_not_reach_is_answered_with_reset(client: Client) -> None:
    append("probe.1")
    assert client.get(f"{URL}?after=9").json() == {"reset": True, "seq": 1}


@pytest.mark.parametrize(
    ("query", "header", "text"),
    [("", "en", "cloth"), ("", "ja", "布"), ("&lang=en", "ja", "cloth"), ("&lang=x", "ja", "布")],
)
def test_a_fragment_comes_in_the_language_of_the_request(client: Client, query: str, header: str, text: str) -> None:
    append("probe.1", "note", html={"ja": "布", "en": "cloth"})
    answer = client.get(f"{URL}?after=0{query}", headers={"accept-language": header})
    assert answer.json()["events"][0]["payload"] == {"html": text}

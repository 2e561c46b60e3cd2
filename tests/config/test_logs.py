"""S32: a log line is one line, and holds nothing that is not for the log."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch
from django.utils.log import log_response

from community.config import logs

WORDS = "canary\n\ncanary"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure({"level": "INFO", "format": "json"})
    out = io.StringIO()
    root.handlers[0].setStream(out)  # type: ignore[attr-defined]
    yield out
    root.handlers, root.level = before, level


def events(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("evil", ["a\r\n{}", "a\x1b[31m", "a\x00b", "a\u2028b", "a\u202eb", "a\x85b", "a\u200bb"])
def test_an_injected_line_stays_inside_its_own(lines: io.StringIO, evil: str) -> None:
    logging.getLogger("community.test").info("said %s", evil, extra={"name_of": evil})
    assert lines.getvalue().count("\n") == 1
    (event,) = events(lines)
    assert all(character.isprintable() for character in event["event"] + event["name_of"])


@pytest.mark.parametrize(
    "key", ["password", "body", "email", "token", "session_key", "Authorization", "api_key", "set_cookie"]
)
def test_what_is_secret_by_its_name_is_hidden(lines: io.StringIO, key: str) -> None:
    structlog.get_logger("community.test").info("thing", **{key: "canary-7f3a"}, inner={key: "canary-7f3a"})
    logging.getLogger("library").warning("thing", extra={key: "canary-7f3a"})
    assert "canary" not in lines.getvalue()
    assert len(events(lines)) == 2


def test_addresses_are_masked_wherever_they_stand(lines: io.StringIO) -> None:
    logging.getLogger("library").warning("could not reach %s", "ana+shop@mail.example.com")
    assert events(lines)[0]["event"] == "could not reach [mail]"


def test_a_job_is_logged_without_its_arguments(lines: io.StringIO) -> None:
    job = {
        "task_name": "send_mail",
        "id": 5,
        "task_kwargs": {"message": "canary"},
        "call_string": "send_mail[5](canary)",
    }
    logging.getLogger("procrastinate.worker").error(
        "send_mail[5](canary) failed", extra={"action": "job_error", "job": job}
    )
    (event,) = events(lines)
    assert (event["event"], event["task"], event["job_id"]) == ("job_error", "send_mail", 5)
    assert "canary" not in lines.getvalue()


@pytest.mark.parametrize("path", ["/members/canary/", "/canary/", "/canary-早苗/"])
def test_an_address_is_logged_as_its_route(lines: io.StringIO, path: str) -> None:
    request = RequestFactory().get(path, {"q": "canary"})
    request.resolver_match = ResolverMatch(str, (), {}, route="members/<handle>/") if "members" in path else None
    log_response("%s: %s", "Not Found", path, response=HttpResponse(status=404), request=request)
    log_response(
        "Forbidden (%s): %s",
        "Origin checking failed",
        path,
        response=HttpResponse(status=403),
        request=request,
        logger=logging.getLogger("django.security.csrf"),
    )
    missing, forbidden = events(lines)
    assert (missing["event"], forbidden["event"]) == ("Not Found", "Forbidden (Origin checking failed)")
    assert missing["route"] == forbidden["route"] == ("members/<handle>/" if "members" in path else None)
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
def test_no_line_about_a_request_holds_its_address(lines: io.StringIO) -> None:
    for path in ("/canary/?q=canary", "/members/canary/", "/search/?q=canary", "/static/canary.css", "/api/v1/canary"):
        Client().get(path)
    told = [event for event in events(lines) if event["event"] == "request"]
    assert [event["route"] for event in told][:3] == [None, "members/<str:handle>/", "search/"]
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
def test_what_the_database_refuses_is_logged_without_its_words(lines: io.StringIO) -> None:
    log = logging.getLogger("community.test")
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE kept (n int CHECK (n > 0), words text)")
            cursor.execute("INSERT INTO kept VALUES (0, %s)", [WORDS])
    except IntegrityError as error:
        log.exception("broke")
        log.warning("could not write: %r", error)
        log.warning("could not write: %s", error)
    assert len(events(lines)) == 3
    assert lines.getvalue().count("DETAIL: [hidden]") == 4  # psycopg's own error, Django's, and the two warnings
    assert "The above exception was the direct cause" in events(lines)[0]["exception"]
    assert "canary" not in lines.getvalue()


def test_a_traceback_is_one_line_too_and_times_are_utc(lines: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("community.test").exception("broke")
    (event,) = events(lines)
    assert "ValueError" in event["exception"]
    assert event["timestamp"].endswith("Z")
    assert lines.getvalue().count("\n") == 1

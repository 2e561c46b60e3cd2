"""Nothing at the door tells who has an account: not the answer, not the mail count, not the time (S19)."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from community.members.models import Member
from tests.factories.members import PASSWORD, make_member

FORMS: dict[str, Callable[[str, int], dict[str, str]]] = {
    "/accounts/login/": lambda address, n: {"login": address, "password": "not the password"},
    "/accounts/login/code/": lambda address, n: {"email": address},
    "/accounts/password/reset/": lambda address, n: {"email": address},
    "/accounts/signup/": lambda address, n: {
        "email": address,
        "display_name": f"Tanaka {n} {address[:3]}",
        "password1": PASSWORD,
    },
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", FORMS)
def test_the_answer_is_the_same_whether_or_not_there_is_an_account(path: str) -> None:
    make_member("known", password=PASSWORD)
    answers = []
    for address in ("known@example.com", "nobody@example.com"):
        client = Client()
        mail.outbox.clear()
        answer = client.post(path, FORMS[path](address, 1))
        follow = client.get(answer["Location"]) if answer.status_code == 302 else answer
        shown = follow.content.decode().replace(address, "ADDRESS")
        for part in shown.split('name="csrfmiddlewaretoken" value="')[1:]:
            shown = shown.replace(part[:64], "TOKEN")
        answers.append(
            (answer.status_code, answer.get("Location"), follow.status_code, _still(shown), len(mail.outbox))
        )
    assert answers[0] == answers[1]


def _still(page: str) -> str:
    """The page without what differs in every answer: nonces."""
    import re

    return re.sub(r'nonce="[^"]+"|value="TOKEN[^"]*"', "", page)


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", FORMS)
def test_the_time_is_the_same_over_two_hundred_tries(path: str, settings: Any) -> None:
    _compare(path, settings, tries=200, within=0.05)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", FORMS)
def test_the_time_is_about_the_same(path: str, settings: Any) -> None:
    _compare(path, settings, tries=40, within=0.15)


def _compare(path: str, settings: Any, *, tries: int, within: float) -> None:
    """Medians of interleaved tries, so that what else the machine does falls on both alike."""
    settings.LIMITS = {}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    make_member("known", password=PASSWORD)
    times: dict[str, list[float]] = {"known": [], "new": []}
    gc.disable()
    try:
        for n in range(tries + 5):
            for kind in ("known", "new") if n % 2 else ("new", "known"):
                address = "known@example.com" if kind == "known" else f"new{n}@example.com"
                times[kind].append(_time(path, FORMS[path](address, n)))
    finally:
        gc.enable()
    known, new = (statistics.median(times[kind][5:]) for kind in ("known", "new"))
    print(f"{path} known {known * 1000:.2f} ms, new {new * 1000:.2f} ms, {abs(known - new) / new:.1%}")
    assert abs(known - new) / new < within


def _time(path: str, form: dict[str, str]) -> float:
    client = Client()
    began = time.perf_counter()
    client.post(path, form)
    return time.perf_counter() - began


@pytest.mark.django_db
def test_a_rehearsed_sign_up_leaves_nothing(hana: Member) -> None:
    Client().post("/accounts/signup/", {"email": hana.email, "display_name": "Somebody New", "password1": PASSWORD})
    assert list(Member.objects.values_list("handle", flat=True)) == ["hana"]
    assert [message.to for message in mail.outbox] == [[hana.email]]

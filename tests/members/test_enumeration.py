"""Nothing at the door tells who has an account: not the answer, not the mail count, not the time (S19)."""

import gc
import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.test import Client

from community.members import actions
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
    return re.sub(r'nonce="[^"]+"|value="TOKEN[^"]*"', "", page)


class QuickArgon2(Argon2PasswordHasher):
    """The site's hasher at a hundredth of its price: dear enough to be seen when it is left out."""

    time_cost, memory_cost, parallelism = 2, 2048, 1


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", FORMS)
def test_the_time_is_the_same_over_two_hundred_tries(path: str, settings: Any) -> None:
    known, new = _times(path, settings, tries=200)
    assert abs(statistics.median(known) / statistics.median(new) - 1) < 0.05


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", FORMS)
def test_the_time_is_about_the_same(path: str, settings: Any) -> None:
    known, new = _times(path, settings, tries=30)
    assert abs(_calm(known) / _calm(new) - 1) < 0.15


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_sign_up_that_spares_the_work_would_tell(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the rehearsal a known address answers visibly sooner."""
    monkeypatch.setattr(actions, "rehearse_sign_up", lambda **given: None)
    known, new = _times("/accounts/signup/", settings, tries=30)
    assert _calm(known) / _calm(new) < 0.85


def _calm(times: list[float]) -> float:
    """The lower quartile: what else the machine does only ever adds time."""
    return statistics.quantiles(times, n=4)[0]


def _times(path: str, settings: Any, *, tries: int) -> tuple[list[float], list[float]]:
    """Seconds of interleaved tries with a known and with new addresses; the first five warm up and do not count."""
    settings.LIMITS = {}
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]
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
    known, new = times["known"][5:], times["new"][5:]
    print(f"{path}: known {_calm(known) * 1000:.2f} ms, new {_calm(new) * 1000:.2f} ms")
    return known, new


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

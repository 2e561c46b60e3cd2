"""Nothing at the door tells who has an account: not the answer, not the mail count, not the time (S19)."""

import gc
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members import actions
from community.members.models import Member
from tests.factories.members import PASSWORD, make_member, proven

FORMS: dict[str, Callable[[str, int], dict[str, str]]] = {
    "/accounts/login/": lambda address, n: {"login": address, "password": "not the password"},
    "/accounts/login/code/": lambda address, n: {"email": address},
    "/accounts/password/reset/": lambda address, n: {"email": address},
    "/accounts/signup/": lambda address, n: {
        "email": address,
        "display_name": f"Tanaka {n} {address[:3]}",
        "password1": PASSWORD,
        "old_enough": "on",
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


# -- signed in, one may ask about addresses of others, too: as one's own new address, or where people are named

ASKED: dict[str, Callable[[Client, str], HttpResponse]] = {
    "a new address": lambda client, address: client.post("/accounts/email/", {"email": address, "action_add": "1"}),
    "completing a mention": lambda client, address: client.get("/api/v1/members", {"q": address}),
    "the beginning of an address": lambda client, address: client.get("/api/v1/members", {"q": address[:9]}),
    "a mention": lambda client, address: client.post("/threads/preview/", {"body": f"Thanks @{address}!"}),
    "a search by somebody": lambda client, address: client.get("/search/", {"q": f"by:{address}"}),
}
ADDRESSES = ("sora.k.1@example.com", "nagi.m.2@example.com")  # the first has an account, under another name
NAMES = re.compile("|".join(re.escape(part) for address in ADDRESSES for part in (address, quote(address))))


@pytest.fixture
def asker(db: None) -> Client:
    """A member who has just shown who they are; and somebody else has an account."""
    make_member("somebody", email=ADDRESSES[0])
    asker = make_member("asker", password=PASSWORD)
    client = Client()
    client.force_login(asker)
    return proven(client, asker)


@pytest.mark.parametrize("way", ASKED)
def test_a_member_learns_nothing_about_an_address_either(way: str, asker: Client) -> None:
    answers = []
    for address in ADDRESSES:
        mail.outbox.clear()
        answer = ASKED[way](asker, address)
        follow = asker.get(answer["Location"]) if answer.status_code == 302 else answer
        guess = asker.post(answer["Location"], {"code": "0000-0000"}) if answer.status_code == 302 else follow
        told = [_same(page.content.decode()) for page in (follow, guess)]
        mails = [message.to == [address] for message in mail.outbox]
        answers.append((answer.status_code, answer.get("Location"), guess.status_code, *told, mails))
    assert answers[0] == answers[1]


def _same(page: str) -> str:
    return _still(re.sub(r'value="[A-Za-z0-9]{64}"|"[0-9a-f]{32}"', "TOKEN", NAMES.sub("ADDRESS", page)))


def test_a_taken_address_is_not_given_to_whoever_asks_for_it(asker: Client) -> None:
    """Not even with the code, which goes to its owner."""
    answer = asker.post("/accounts/email/", {"email": ADDRESSES[0], "action_add": "1"})
    assert [message.to for message in mail.outbox] == [[ADDRESSES[0]]]
    code = re.search(r"\b\d{4}-\d{4}\b", mail.outbox[0].body)
    assert code is not None
    assert asker.post(answer["Location"], {"code": code[0]}).status_code < 500
    assert Member.objects.get(handle="somebody").email == ADDRESSES[0]
    assert Member.objects.get(handle="asker").email == "asker@example.com"


# -- the work is the same: what takes time is counted, since a busy machine's clock tells little


TRANSACTION = {"SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT"}
# A sign-up that is rehearsed sets one thing right that a real one sets at once: 0.3 ms of some 40.
SLACK = dict.fromkeys(FORMS, 0) | {"/accounts/signup/": 1}


@dataclass(frozen=True)
class Work:
    """What answering takes: statements, by what they do and to which table, and password hashes."""

    statements: list[str]
    hashes: int


@pytest.fixture
def work_of(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[[Callable[[], Any]], Work]:
    settings.LIMITS = {}
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)

    def run(do: Callable[[], Any]) -> Work:
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            do()
        kinds = [_kind(one["sql"]) for one in asked.captured_queries]
        return Work([kind for kind in kinds if kind.split()[0] not in TRANSACTION], len(hashed))

    return run


def _kind(sql: str) -> str:
    """ "SELECT members_member": what a statement does, without its values."""
    table = re.search(r'(?:FROM|INTO|UPDATE) "?(\w+)"?', sql)
    return f"{sql.split()[0]} {table[1] if table else ''}"


@pytest.mark.django_db
@pytest.mark.parametrize("path", FORMS)
def test_the_work_is_the_same_whether_or_not_there_is_an_account(
    path: str, work_of: Callable[[Callable[[], Any]], Work]
) -> None:
    make_member("known", password=PASSWORD)
    for number in (0, 1):  # what is read once in a process is read
        addresses = ("known@example.com", f"new{number}@example.com")
        done = [work_of(partial(Client().post, path, FORMS[path](address, number))) for address in addresses]
    assert done[0].hashes == done[1].hashes
    assert abs(len(done[0].statements) - len(done[1].statements)) <= SLACK[path], done


@pytest.mark.parametrize("way", ASKED)
def test_the_work_is_the_same_for_a_member_who_asks(
    way: str, asker: Client, work_of: Callable[[Callable[[], Any]], Work]
) -> None:
    ASKED[way](asker, "warm.u.3@example.com")
    done = [work_of(partial(ASKED[way], asker, address)) for address in ADDRESSES]
    assert done[0].hashes == done[1].hashes and done[0].statements == done[1].statements


@pytest.mark.django_db
def test_a_sign_up_that_spares_the_work_would_be_counted(
    work_of: Callable[[Callable[[], Any]], Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    make_member("known", password=PASSWORD)
    monkeypatch.setattr(actions, "rehearse_sign_up", lambda **given: None)
    path = "/accounts/signup/"
    addresses = ("known@example.com", "new1@example.com")
    done = [work_of(partial(Client().post, path, FORMS[path](address, 1))) for address in addresses]
    assert done[0].hashes < done[1].hashes


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
@pytest.mark.parametrize("way", ASKED)
def test_a_member_who_asks_waits_as_long_over_two_hundred_tries(way: str, asker: Client, settings: Any) -> None:
    settings.LIMITS = {}
    times: dict[str, list[float]] = {address: [] for address in ADDRESSES}
    for n in range(205):
        for address in ADDRESSES if n % 2 else reversed(ADDRESSES):
            began = time.perf_counter()
            ASKED[way](asker, address)
            times[address].append(time.perf_counter() - began)
    known, new = (statistics.median(times[address][5:]) for address in ADDRESSES)
    print(f"{way}: known {known * 1000:.2f} ms, new {new * 1000:.2f} ms")
    assert abs(known / new - 1) < 0.05


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
    Client().post(
        "/accounts/signup/",
        {"email": hana.email, "display_name": "Somebody New", "password1": PASSWORD, "old_enough": "on"},
    )
    assert list(Member.objects.values_list("handle", flat=True)) == ["hana"]
    assert [message.to for message in mail.outbox] == [[hana.email]]

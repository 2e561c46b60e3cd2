"""Where one is signed in: the list, what it keeps, and the buttons that end a sign-in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from community.core.clock import held_at, now
from community.core.devices import device_of, network_of
from community.members import actions, queries
from community.members.actions import sign_ins
from community.members.models import KnownDevice, Member, SignIn
from tests.factories.members import PASSWORD, make_member

pytestmark = pytest.mark.django_db
URL = "/settings/sessions/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


def come_in(member: Member, agent: str = CHROME, address: str = "192.0.2.77") -> Client:
    """Sign in through the door, from a browser of its own."""
    client = Client(headers={"user-agent": agent, "accept-language": "en"}, REMOTE_ADDR=address)
    answer = client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, ("Chrome", "Windows")),
        (IPHONE, ("Safari", "iPhone")),
        (CHROME + " Edg/126.0", ("Edge", "Windows")),
        (IPHONE + " Line/14.1.0", ("LINE", "iPhone")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0 Safari", ("Samsung Internet", "Android")),
        ("curl/8.5", ("", "")),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_a_device_is_named_by_the_words_people_use(agent: str, words: tuple[str, str]) -> None:
    assert tuple(device_of(agent)) == words


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.77", "192.0.2.x"),
        ("::ffff:192.0.2.77", "192.0.2.x"),
        ("2001:db8:1:2::9", "2001:0db8:0001::x"),
        ("fe80::1%eth0", "fe80:0000:0000::x"),
        ("", ""),
        ("somewhere", ""),
    ],
)
def test_of_an_address_only_the_network_is_kept(address: str, shown: str) -> None:
    assert network_of(address) == shown


def test_nobody_sees_or_ends_the_sign_ins_of_somebody_else(hana: Member, ken: Member) -> None:
    come_in(hana)
    row, other = SignIn.objects.get(), Client()
    other.force_login(ken)
    assert b"Windows" not in other.get(URL).content
    answer = other.post(URL, {"do": str(row.pk)})
    assert answer.status_code == 404 and SignIn.objects.filter(pk=row.pk).exists()
    assert Session.objects.filter(session_key=row.session_key).exists()


@pytest.mark.parametrize("do", ["", "everything", "-1", "9" * 40, "1"])
def test_a_button_that_is_not_there_ends_nothing(do: str, hana: Member) -> None:
    client = come_in(hana)
    SignIn.objects.update(began_at=now())
    assert client.post(URL, {"do": do}).status_code in {302, 404}
    assert SignIn.objects.count() == 1 and client.get(URL).status_code == 200


def test_the_list_names_device_network_and_the_one_that_is_looking(hana: Member) -> None:
    come_in(hana, IPHONE, "198.51.100.7")
    laptop = come_in(hana)
    page = laptop.get(URL).content.decode()
    assert "Chrome on Windows" in page and "Safari on iPhone" in page
    assert "192.0.2.x" in page and "198.51.100.x" in page and "192.0.2.77" not in page
    assert page.index("This device") < page.index("Safari on iPhone")


def test_one_device_is_signed_out_from_another(hana: Member) -> None:
    phone, laptop = come_in(hana, IPHONE), come_in(hana)
    row = SignIn.objects.get(system="iPhone")
    assert laptop.post(URL, {"do": str(row.pk)})["Location"] == URL
    assert phone.get(URL).status_code == 302 and laptop.get(URL).status_code == 200
    assert not Session.objects.filter(session_key=row.session_key).exists()


def test_all_others_are_signed_out_and_this_one_stays_with_its_row(hana: Member) -> None:
    others, laptop = [come_in(hana, IPHONE) for _ in range(3)], come_in(hana)
    unknown = Client()
    unknown.force_login(hana)  # a session that no list knows ends as well
    before = SignIn.objects.get(browser="Chrome")
    laptop.post(URL, {"do": "others"})
    assert all(client.get(URL).status_code == 302 for client in [*others, unknown])
    assert laptop.get(URL).status_code == 200
    assert [row.pk for row in queries.sign_ins_of(Member.objects.get(pk=hana.pk))] == [before.pk]


def test_everywhere_means_here_as_well(hana: Member) -> None:
    phone, laptop = come_in(hana, IPHONE), come_in(hana)
    assert laptop.post(URL, {"do": "all"})["Location"] == "/accounts/login/"
    assert phone.get(URL).status_code == 302 and laptop.get(URL).status_code == 302
    assert not SignIn.objects.exists()


def test_a_new_password_keeps_this_sign_in_and_takes_the_others_off_the_list(hana: Member) -> None:
    come_in(hana, IPHONE)
    laptop = come_in(hana)
    before = SignIn.objects.get(browser="Chrome").pk
    laptop.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "nine winter lanterns"})
    assert [row.pk for row in queries.sign_ins_of(Member.objects.get(pk=hana.pk))] == [before]
    assert b"iPhone" not in laptop.get(URL).content


def test_use_is_written_down_once_in_ten_minutes_whatever_is_asked(
    hana: Member, django_assert_num_queries: Callable[..., Any]
) -> None:
    laptop = come_in(hana)
    laptop.get("/settings/preferences/")
    began = SignIn.objects.get().seen_at
    with django_assert_num_queries(4):  # the session, the member, the bell and the creator's tab: no write
        laptop.get("/settings/preferences/")
    sign_ins._seen.clear()
    laptop.get("/settings/preferences/")  # another process would ask, and the statement leaves the row alone
    assert SignIn.objects.get().seen_at == began
    sign_ins._seen.clear()
    with held_at(now() + timedelta(minutes=11)):
        laptop.get("/settings/preferences/")
    assert SignIn.objects.get().seen_at - began >= timedelta(minutes=11)


def test_what_is_known_of_ended_sessions_is_swept(hana: Member) -> None:
    gone, here = come_in(hana, IPHONE), come_in(hana)
    Session.objects.filter(session_key=gone.session.session_key).delete()
    KnownDevice.objects.filter(pk=KnownDevice.objects.order_by("pk")[0].pk).update(seen_at=now() - timedelta(days=401))
    assert actions.forget_ended_sign_ins() == 1
    assert SignIn.objects.get().session_key == here.session.session_key and KnownDevice.objects.count() == 1


# -- the mail about a new device


def test_signing_up_sends_no_word_of_a_new_device(code: Callable[[], str], mailoutbox: list[Any]) -> None:
    client = Client()
    client.post("/accounts/signup/", {"email": "yuki@example.com", "display_name": "ゆき", "old_enough": "on"})
    client.post("/accounts/confirm-email/", {"code": code()})
    assert "_auth_user_id" in client.session
    assert len(mailoutbox) == 1 and KnownDevice.objects.count() == 1


def test_a_new_device_is_told_once_and_a_known_one_never(hana: Member, mailoutbox: list[Any]) -> None:
    laptop = come_in(hana)
    assert [message.to for message in mailoutbox] == [["hana@example.com"]]
    text = mailoutbox[0].body
    assert "Chrome on Windows" in text and "192.0.2.x" in text and "192.0.2.77" not in text and URL in text
    laptop.post("/accounts/logout/")
    laptop.post("/accounts/login/", {"login": hana.email, "password": PASSWORD})
    assert len(mailoutbox) == 1
    come_in(hana, IPHONE)
    assert len(mailoutbox) == 2


def test_the_cookie_of_one_member_makes_no_device_of_another_known(hana: Member, mailoutbox: list[Any]) -> None:
    ume = make_member("ume", password=PASSWORD)
    laptop = come_in(hana)
    laptop.post("/accounts/logout/")
    laptop.post("/accounts/login/", {"login": ume.email, "password": PASSWORD})
    assert [message.to[0] for message in mailoutbox] == ["hana@example.com", "ume@example.com"]
    digests = set(KnownDevice.objects.values_list("digest", flat=True))
    assert len(digests) == 2 and laptop.cookies["hiroba_device"].value not in digests


def test_the_device_cookie_stays_at_the_door_and_out_of_scripts(hana: Member) -> None:
    cookie = come_in(hana).cookies["hiroba_device"]
    assert cookie["path"] == "/accounts/" and cookie["httponly"] and cookie["samesite"] == "Lax"

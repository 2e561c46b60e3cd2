"""What no person types but every crawler and fuzzer sends: each is answered with a page, none breaks the site."""

import base64
import json

import pytest
from django.test import Client

from community.members.models import Member
from community.threads.models import Thread
from tests.factories import threads as make

DIGITS = "9" * 4500  # more than Python turns into a number


def cursor(*values: object, back: bool = False) -> str:
    return base64.urlsafe_b64encode(json.dumps([back, *values]).encode()).decode().rstrip("=")


CURSORS = {
    "nested": base64.urlsafe_b64encode(b"[" * 5000).decode(),
    "infinite": cursor("2026-01-01T00:00:00+00:00", float("inf")),
    "no_number": cursor(float("nan"), float("nan")),
    "huge": cursor("2026-01-01T00:00:00+00:00", 10**30),
    "nul": cursor("\0", 1),
    "surrogate": cursor("\ud800", 1),
    "end_of_time": cursor("9999-12-31T23:59:59-23:59", 1),
    "begin_of_time": cursor("0001-01-01T00:00:00+23:59", 1),
    "letters": cursor("2026-01-01T00:00:00+00:00", "x"),
    "truth": cursor(True, True),
    "not_ascii": "あ",
}
LISTS = ["/threads/?", "/threads/?sort=hot&", "/items/?", "/items/?sort=price&", "/creators/?", "/api/v1/threads?"]
ADDRESSES = [
    "/members/%00/",
    "/members/" + "a" * 5000 + "/",
    "/api/v1/members/%00",
    "/api/v1/members?q=%00",
    "/creators/%00/",
    "/tags/%00/",
    "/tags/%F0%9F%8D%B5/",
    "/items/?category=%00",
    "/items/?min=9999999999&max=1",
    "/items/?min=%F0%9D%9F%98",
    f"/items/{DIGITS}/",
    f"/threads/{DIGITS}/",
    "/threads/99999999999999999999/",
    "/threads/in/%00/",
    "/threads/new/?item=%00&creator=%C2%B2",
    "/threads/?kind=%00&sort=%00",
    "/api/v1/threads?category=%00&kind=%00&author=%00&tag=%00",
    "/api/v1/threads?item_id=" + "9" * 30,
    "/api/v1/threads/" + "9" * 30,
    f"/api/v1/posts/{DIGITS}",
    "/media/" + "a" * 300,
    "/media/%00",
    "/media/" + "a/" * 3000,
    "/live/streams/thread.1%00/events?after=1",
    "/live/streams/home.1/events?after=1&lang=%00",
    "/live/streams/home.1/events?after=999999999999999999&lang=xx-yy",
    "/accounts/login/?next=%00",
    "/?%00=%00",
    "/%FF%FE",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", CURSORS)
@pytest.mark.parametrize("start", LISTS)
def test_a_cursor_nobody_was_given_is_refused_or_read_but_breaks_nothing(client: Client, start: str, name: str) -> None:
    assert client.get(f"{start}cursor={CURSORS[name]}").status_code in {200, 422}


@pytest.mark.parametrize(
    ("address", "begins"),
    [
        ("/threads/?sort=hot&cursor=x", "/threads/?sort=hot"),
        ("/feed/?cursor=x", "/feed/"),
        ("/notifications/?cursor=x", "/notifications/"),
        ("/bookmarks/?cursor=x", "/bookmarks/"),
        ("/items/?cursor=x", "/items/"),
    ],
)
def test_a_link_into_a_list_that_leads_nowhere_leads_to_where_it_begins(
    client: Client, db: None, address: str, begins: str
) -> None:
    client.force_login(make.make_member("ana", language="en"))
    answer = client.get(address)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'class="button button-primary" href="{begins}"' in text
    assert "what you wrote" not in text and "send it again" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:50])
def test_an_address_nobody_links_to_is_answered(client: Client, address: str) -> None:
    client.force_login(make.make_member("ana"))
    assert client.get(address).status_code < 500


@pytest.mark.parametrize("address", ["/threads/?cursor=%00", "/tags/%00/"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_nul_in_an_address_is_refused_in_words_and_is_no_fault_in_the_log(
    client: Client, db: None, caplog: pytest.LogCaptureFixture, address: str, signed_in: bool
) -> None:
    if signed_in:
        client.force_login(make.make_member("ana"))
    answer = client.get(address, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "incomplete or damaged" in answer.content.decode()
    assert "site-header" in answer.content.decode()  # the page, not the last resort
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.fixture
def talk(db: None) -> Thread:
    return make.open_thread(make.make_member("ben"), make.make_category())


@pytest.mark.parametrize("to", [DIGITS, "²", "-1", "9" * 30])
def test_a_reply_to_no_post_is_a_page_with_the_text_in_it(client: Client, talk: Thread, to: str) -> None:
    client.force_login(make.make_member("ana"))
    assert client.get(f"/threads/{talk.pk}/reply/", {"to": to}).status_code == 200
    answer = client.post(f"/threads/{talk.pk}/reply/", {"body": "Kept words.", "reply_to": to})
    assert answer.status_code == 422
    assert "Kept words." in answer.content.decode()


@pytest.mark.parametrize("picture", [DIGITS, "²", "\0", "-1", "9" * 30])
def test_a_profile_with_no_such_picture_is_shown_again(client: Client, db: None, picture: str) -> None:
    ana: Member = make.make_member("ana")
    client.force_login(ana)
    sent = {"display_name": ana.display_name, "handle": ana.handle, "bio": "I turn bowls.", "avatar_id": picture}
    answer = client.post("/settings/profile/", sent)
    assert answer.status_code == 422
    assert "I turn bowls." in answer.content.decode()

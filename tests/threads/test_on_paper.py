"""A thread to be printed: all of it at once, by the rules of the flat page."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members.models import Member
from community.threads import actions
from community.threads.models import Thread
from community.threads.views import on_paper
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(db: None) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make.make_member("reader", language="en"))
    return client


def paper(client: Client, thread: Thread, **query: int) -> str:
    answer = client.get(thread.get_absolute_url(), {"view": "print", **query})
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_taken_down_and_who_is_blocked_is_not_printed(reader: Client, ben: Member, talk: Thread) -> None:
    kept, gone = make.reply(ben, talk, "Stays here."), make.reply(ben, talk, "Goes away.")
    actions.delete_post(by=ben, post_id=gone.pk)
    text = paper(reader, talk)
    assert "Stays here." in text and "Goes away." not in text
    assert f'id="p{kept.number}"' in text and f'id="p{gone.number}"' in text


def test_a_thread_one_may_not_see_is_not_there(reader: Client, mori: Member, talk: Thread) -> None:
    actions.delete_post(by=mori, post_id=talk.posts.get(number=1).pk, reason="spam")
    flat = reader.get(talk.get_absolute_url())
    printed = reader.get(talk.get_absolute_url(), {"view": "print"})
    assert printed.status_code == flat.status_code
    assert reader.get("/threads/999999999/?view=print").status_code == 404


def test_the_whole_thread_stands_on_one_page_and_costs_as_many_queries_as_a_short_one(
    reader: Client, ben: Member, talk: Thread
) -> None:
    make.reply(ben, talk)
    paper(reader, talk)  # the first answer of a session also notes where it is used
    with CaptureQueriesContext(connection) as short:
        paper(reader, talk)
    for number in range(3, 26):
        make.reply(ben, talk, f"Reply {number}.")
    with CaptureQueriesContext(connection) as long:
        text = paper(reader, talk)
    assert len(long) == len(short)
    assert all(f'id="p{number}"' in text for number in range(1, 26))
    assert 'name="robots" content="noindex"' in text and "data-posts" not in text


def test_a_thread_longer_than_a_sheaf_has_further_parts(
    reader: Client, ben: Member, talk: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_paper, "SHEAF", 2)
    for number in range(2, 6):
        make.reply(ben, talk, f"Reply {number}.")
    text = paper(reader, talk, page=2)
    assert 'id="p3"' in text and 'id="p4"' in text and 'id="p2"' not in text and 'id="p5"' not in text
    assert "Posts 3 to 4 of 5" in text and "Page 2 of 3" in text
    assert "view=print&amp;page=1" in text and "view=print&amp;page=3" in text


def test_paper_says_whose_page_it_is_where_and_which_part(
    client: Client, ben: Member, talk: Thread, settings: Any
) -> None:
    settings.POSTS_PER_PAGE = 2
    make.reply(ben, talk)
    make.reply(ben, talk)
    text = client.get(talk.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    head = text[text.index("paper-head") :][:400]
    assert f"/threads/{talk.pk}/</span>" in head and "Page 1 of 2" in head and "data-printed" in head
    assert f"{talk.get_absolute_url()}?view=print" in text

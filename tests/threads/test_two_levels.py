"""A thread by its answers: what stands where, in which order, for whom, and what it costs."""

import importlib
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.config.settings import base
from community.core.errors import Invalid, NotVisible
from community.members.models import Member
from community.threads import actions, queries
from community.threads.models import Post, Thread
from community.threads.queries.two_levels import COMMENTS, Answers, answer_of, get_answer, list_answers
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
fill = importlib.import_module("community.threads.migrations.0130_two_levels").fill


@pytest.fixture
def tree(question: Thread, ana: Member, ben: Member) -> Thread:
    """2 and 3 are answers; 4 is said about 2, 5 about 4, 6 about 3, 7 to the one who asked."""
    opening = make.opening(question)
    second = make.reply(ben, question, "こたえ")
    third = make.reply(ben, question, "べつのこたえ", reply_to_id=opening.pk)
    fourth = make.reply(ana, question, "ありがとう", reply_to_id=second.pk)
    make.reply(ben, question, "いいえ", reply_to_id=fourth.pk)
    make.reply(ana, question, "なるほど", reply_to_id=third.pk)
    make.reply(ben, question, "さいごに", reply_to_id=opening.pk)
    question.refresh_from_db()
    return question


def shown(found: Answers) -> list[tuple[int, tuple[int, ...]]]:
    return [(row.number, row.comments) for row in found.rows]


def post(thread: Thread, number: int) -> Post:
    return Post.objects.get(thread=thread, number=number)


def test_a_cursor_of_another_list_or_an_answer_that_is_none_leads_nowhere(tree: Thread) -> None:
    for cursor in ("x", "W2ZhbHNlLCJhIiwiYiJd", "W2ZhbHNlLDEuNSwyXQ", "W2ZhbHNlLDk5OTk5OTk5OTk5OSwyXQ"):
        with pytest.raises(Invalid):
            list_answers(thread=tree, cursor=cursor)
    for number in (1, 4, 99):
        with pytest.raises(NotVisible):
            get_answer(thread=tree, number=number)
    assert Client().get(f"{tree.get_absolute_url()}?view=two&answer=4").status_code == 404


def test_a_chain_of_replies_stands_under_the_answer_it_began_with(tree: Thread) -> None:
    assert shown(list_answers(thread=tree)) == [(2, (4, 5)), (3, (6,)), (7, ())]
    assert [answer_of(thread=tree, number=number) for number in range(1, 8)] == [0, 2, 3, 2, 2, 3, 7]


def test_reactions_order_answers_and_the_accepted_one_leads(tree: Thread, ana: Member, ben: Member) -> None:
    for kind in ("heart", "clap"):
        actions.react(member=ana, post_id=post(tree, 7).pk, kind=kind, on=True)
    actions.react(member=ana, post_id=post(tree, 3).pk, kind="heart", on=True)
    assert [row.number for row in list_answers(thread=tree).rows] == [7, 3, 2]
    actions.react(member=ana, post_id=post(tree, 7).pk, kind="heart", on=False)
    actions.react(member=ana, post_id=post(tree, 7).pk, kind="clap", on=False)
    assert [row.number for row in list_answers(thread=tree).rows] == [3, 2, 7]
    # What was accepted is said under the second answer: all of that leads.
    accepted = actions.accept_answer(by=ana, post_id=post(tree, 5).pk)
    assert [row.number for row in list_answers(thread=accepted).rows] == [2, 3, 7]


def test_pages_go_through_all_answers_once(tree: Thread, ana: Member, settings: Any) -> None:
    settings.POSTS_PER_PAGE = 2
    actions.react(member=ana, post_id=post(tree, 7).pk, kind="heart", on=True)
    thread = actions.accept_answer(by=ana, post_id=post(tree, 3).pk)
    walked: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        found = list_answers(thread=thread, cursor=cursor)
        walked += [row.number for row in found.rows]
        cursor = found.next
    assert walked == [3, 7, 2]


def test_of_many_comments_the_first_are_shown_and_the_rest_is_one_link_away(tree: Thread, ben: Member) -> None:
    for number in range(COMMENTS):
        make.reply(ben, tree, f"{number}", reply_to_id=post(tree, 7).pk)
    row = list_answers(thread=tree).rows[2]
    assert row.number == 7 and row.comments == tuple(range(8, 8 + COMMENTS)) and not row.more
    make.reply(ben, tree, "もうひとつ", reply_to_id=post(tree, 7).pk)
    row = list_answers(thread=tree).rows[2]
    assert row.more and len(row.comments) == COMMENTS
    assert shown(get_answer(thread=tree, number=7, after=row.after)) == [(7, (8 + COMMENTS,))]
    page = Client().get(f"{tree.get_absolute_url()}?view=two&at={8 + COMMENTS}").content.decode()
    assert f'id="p{8 + COMMENTS}"' in page and 'id="p2"' not in page


def test_a_page_costs_the_same_however_many_answers_it_shows(tree: Thread, ana: Member, ben: Member) -> None:
    client = Client()
    client.force_login(ana)
    url = f"{tree.get_absolute_url()}?view=two"
    client.get(url)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    few = cost()
    for number in range(6):
        answer = make.reply(ben, tree, f"{number}")
        make.reply(ana, tree, "ええ", reply_to_id=answer.pk)
    assert cost() == few <= 12


def test_only_questions_offer_it_and_search_engines_hear_of_the_flat_page(tree: Thread, talk: Thread) -> None:
    moved = Client().get(f"{talk.get_absolute_url()}?view=two&at=3")
    assert moved.status_code == 302 and moved["Location"] == f"{talk.get_absolute_url()}?at=3"
    flat = Client().get(tree.get_absolute_url()).content.decode()
    assert "?view=two" in flat
    two = Client().get(f"{tree.get_absolute_url()}?view=two").content.decode()
    assert f'rel="canonical" href="{base.SITE_ORIGIN}{tree.get_absolute_url()}"' in two
    assert two.index('id="p2"') < two.index('id="p5"') < two.index('id="p3"') < two.index('id="p7"')


def test_what_was_taken_down_is_a_line_without_words_here_as_well(tree: Thread, ben: Member) -> None:
    actions.delete_post(by=ben, post_id=post(tree, 2).pk)
    page = Client().get(f"{tree.get_absolute_url()}?view=two").content.decode()
    assert 'class="tombstone" id="p2"' in page and ">こたえ<" not in page and "いいえ" in page


def test_rows_that_were_there_before_are_filled_in(tree: Thread, ana: Member) -> None:
    actions.react(member=ana, post_id=post(tree, 3).pk, kind="heart", on=True)
    Post.objects.filter(thread=tree, number=7).update(score=4)
    before = list(Post.objects.order_by("pk").values_list("answer_number", flat=True))
    Post.objects.update(answer_number=0, esteem=0)

    class Editor:
        connection = connection

    class Apps:
        @staticmethod
        def get_model(_app: str, _name: str) -> type[Thread]:
            return Thread

    fill(Apps, Editor)
    assert list(Post.objects.order_by("pk").values_list("answer_number", flat=True)) == before
    assert dict(Post.objects.exclude(esteem=0).values_list("number", "esteem")) == {3: 1, 7: 4}
    again = queries.get_thread(thread_id=tree.pk, viewer=ana)
    assert [row.number for row in list_answers(thread=again).rows] == [7, 3, 2]


def test_only_a_member_s_own_choice_of_a_view_is_kept_and_only_one_there_is(tree: Thread, ben: Member) -> None:
    client = Client()
    assert client.post("/threads/view/", {"view": "two"}).status_code == 403
    client.force_login(ben)
    assert client.post("/threads/view/", {"view": "three"}).status_code == 422
    assert not Member.objects.exclude(thread_view="").exists()
    assert client.post("/threads/view/", {"view": "two"}, headers={"accept": "application/json"}).status_code == 204
    assert list(Member.objects.exclude(thread_view="").values_list("pk", "thread_view")) == [(ben.pk, "two")]


def test_each_member_s_choice_comes_with_the_page_that_lies_ready_for_all(tree: Thread, ben: Member) -> None:
    address = tree.get_absolute_url()
    cleo, dora = make.make_member("cleo"), make.make_member("dora")
    Member.objects.filter(pk=cleo.pk).update(thread_view="two")
    told, counted = {}, {}
    for _turn in range(2):
        for name, member in (("nobody", None), ("dora", dora), ("cleo", cleo)):
            client = Client()
            if member is not None:
                client.force_login(member)
            with CaptureQueriesContext(connection) as caught:
                page = client.get(address).content.decode()
            told[name], counted[name] = re.search(r'js/view[^">]*"([^>]*)>', page), len(caught)
    assert {name: found and found[1].strip() for name, found in told.items()} == {
        "nobody": "",
        "dora": 'data-keep-at="/threads/view/" data-view=""',
        "cleo": 'data-keep-at="/threads/view/" data-view="two"',
    }
    assert counted["cleo"] == counted["dora"]

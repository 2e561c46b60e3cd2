"""What a member has read: positions that only go up, what is new, "all read", and who is told."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.catalog.models import Item, Shop
from community.core import clock
from community.members.models import Member
from community.members.permissions import VISITOR
from community.notifications.actions import set_level
from community.threads import actions, queries
from community.threads.models import Category, ReadingDay, ReadMark, ReadPosition, Thread
from community.threads.queries import News
from realtime.models import StreamEvent
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_talk(talk: Thread, ben: Member) -> Thread:
    """ana's thread with five replies of ben's: numbers 1 to 6."""
    for _ in range(5):
        make.reply(ben, talk)
    talk.refresh_from_db()
    return talk


def position(member: Member, thread: Thread) -> int | None:
    return ReadPosition.objects.filter(member=member, thread=thread).values_list("number", flat=True).first()


def news(viewer: Any, thread: Thread) -> News | None:
    return queries.news_of(viewer=viewer, threads=[thread]).get(thread.pk)


def told(member: Member) -> list[tuple[str, dict[str, Any]]]:
    rows = StreamEvent.objects.filter(stream=f"member.{member.pk}").order_by("seq")
    return list(rows.values_list("kind", "payload"))


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


# --- Positions


def test_nothing_is_put_down_beyond_the_end_or_for_a_thread_that_is_not_for_the_reader(
    long_talk: Thread, mori: Member, ben: Member, office: Category, kanri: Member
) -> None:
    secret = make.open_thread(kanri, office)
    asked = {long_talk.pk: 7, secret.pk: 1, 10**9: 1}
    assert actions.mark_read(member=mori, reached=asked) == {}
    assert not ReadPosition.objects.filter(member=mori).exists()
    assert told(mori) == []


def test_a_position_goes_up_and_never_back(long_talk: Thread, mori: Member) -> None:
    for number, expected in [(3, 3), (2, 3), (3, 3), (6, 6)]:
        actions.mark_read(member=mori, reached={long_talk.pk: number})
        assert position(mori, long_talk) == expected
    # What changes nothing is told to nobody.
    assert told(mori) == [("read", {"thread": long_talk.pk, "number": number}) for number in (3, 6)]


def test_who_writes_has_read_what_they_wrote(talk: Thread, ana: Member, ben: Member, mori: Member) -> None:
    assert position(ana, talk) == 1
    make.reply(ben, talk)
    assert position(ben, talk) == 2
    actions.mark_read(member=mori, reached={talk.pk: 1})
    make.reply(mori, talk)
    assert position(mori, talk) == 1, "number 2 was not read, so the position does not jump over it"


def test_a_report_for_fifty_threads_is_three_questions(square: Category, ana: Member, ben: Member) -> None:
    threads = [make.open_thread(ana, square, title=f"Thread {n}") for n in range(3)]
    with CaptureQueriesContext(connection) as asked:
        changed = actions.mark_read(member=ben, reached={thread.pk: 1 for thread in threads}, seconds=20)
    assert len(changed) == 3
    ours = [query["sql"] for query in asked.captured_queries if "threads_" in query["sql"]]
    assert len(ours) == 3


# --- What is new


def test_a_visitor_has_no_news(long_talk: Thread) -> None:
    assert queries.news_of(viewer=VISITOR, threads=[long_talk]) == {}


def test_what_comes_after_the_position_is_unread(long_talk: Thread, ana: Member, mori: Member) -> None:
    assert news(ana, long_talk) == News(read=1, unread=5)
    actions.mark_read(member=ana, reached={long_talk.pk: 4})
    assert news(ana, long_talk) == News(read=4, unread=2)
    actions.mark_read(member=ana, reached={long_talk.pk: 6})
    assert news(ana, long_talk) is None


def test_a_thread_is_new_for_two_weeks_and_only_to_those_who_were_here(ben: Member, talk: Thread, ana: Member) -> None:
    assert news(ben, talk) == News(read=0, unread=1)
    assert news(ana, talk) is None, "one's own thread is no news"
    Thread.objects.filter(pk=talk.pk).update(created_at=clock.now() - timedelta(days=15))
    talk.refresh_from_db()
    assert news(ben, talk) is None
    Thread.objects.filter(pk=talk.pk).update(created_at=clock.now() - timedelta(days=1))
    talk.refresh_from_db()
    newcomer = make.make_member("nina")
    assert news(newcomer, talk) is None, "what was there before one joined drowns nobody"
    assert news(Member.objects.get(pk=ben.pk), talk) is None


def test_all_read_holds_for_what_was_there_and_is_taken_back(
    ana: Member, long_talk: Thread, square: Category, ben: Member
) -> None:
    other = make.open_thread(ben, make.make_category())
    actions.mark_all_read(member=ana, category=square)
    assert news(ana, long_talk) is None
    assert news(ana, other) == News(read=0, unread=1), "another place is left as it was"
    later = make.reply(ben, long_talk)
    long_talk.refresh_from_db()
    assert news(ana, long_talk) == News(read=later.number - 1, unread=1)

    actions.mark_all_read(member=ana)
    assert news(ana, other) is None
    actions.undo_all_read(member=ana)
    assert news(ana, other) == News(read=0, unread=1)
    actions.undo_all_read(member=ana, category=square)
    assert news(ana, long_talk) == News(read=1, unread=6)
    actions.undo_all_read(member=ana, category=square)
    assert not ReadMark.objects.exists()
    assert {kind for kind, _payload in told(ana)} == {"read_all"}


def test_undo_goes_back_to_the_mark_before(talk: Thread, ben: Member) -> None:
    actions.mark_all_read(member=ben)
    first = ReadMark.objects.get().before
    actions.mark_all_read(member=ben)
    actions.undo_all_read(member=ben)
    assert ReadMark.objects.get().before == first


def test_all_read_means_the_moment_the_list_was_made_and_never_the_future(talk: Thread, ben: Member) -> None:
    actions.mark_all_read(member=ben, before=clock.now() + timedelta(days=9))
    assert ReadMark.objects.get().before <= clock.now()


# --- What is muted


@pytest.mark.parametrize("place", ["thread", "category", "item", "creator", "shop", "tag", "member"])
def test_what_is_muted_has_nothing_new_and_a_threads_own_level_goes_first(
    place: str, square: Category, bowl: Item, ana: Member, ben: Member, mori: Member
) -> None:
    thread = make.open_thread(ana, square, item_id=bowl.pk, tags=["indigo"])
    other = make.open_thread(ben, make.make_category())
    spots = {"thread": thread.pk, "category": square.pk, "item": bowl.pk, "creator": bowl.creator_id}
    spots |= {"shop": bowl.shop_id, "tag": thread.tags.get().pk, "member": ana.pk}
    # The control: what is not muted is new, what is only followed is not quieter for it.
    both = {thread.pk: News(0, 1), other.pk: News(0, 1)}
    assert queries.news_of(viewer=mori, threads=[thread, other]) == both
    set_level(member=mori, kind=place, target_id=spots[place], level="watch")
    assert queries.news_of(viewer=mori, threads=[thread, other]) == both

    set_level(member=mori, kind=place, target_id=spots[place], level="mute")
    assert queries.news_of(viewer=mori, threads=[thread, other]) == {other.pk: News(0, 1)}
    assert news(ben, thread) == News(0, 1), "others are not quietened"
    actions.mark_read(member=mori, reached={thread.pk: 1})
    make.reply(ben, thread)
    thread.refresh_from_db()
    assert news(mori, thread) is None

    set_level(member=mori, kind="thread", target_id=thread.pk, level="normal")
    assert news(mori, thread) == News(1, 1)


def test_a_muted_place_silences_another_that_is_watched(
    square: Category, bowl: Item, ana: Member, mori: Member
) -> None:
    thread = make.open_thread(ana, square, item_id=bowl.pk)
    set_level(member=mori, kind="item", target_id=bowl.pk, level="watch")
    set_level(member=mori, kind="category", target_id=square.pk, level="mute")
    assert news(mori, thread) is None
    set_level(member=mori, kind="thread", target_id=thread.pk, level="track")
    assert news(mori, thread) == News(0, 1)


# --- Minutes


def test_no_more_seconds_count_than_have_passed(ben: Member) -> None:
    actions.mark_read(member=ben, reached={}, seconds=100)
    first = ReadingDay.objects.get(member=ben).seconds
    actions.mark_read(member=ben, reached={}, seconds=100)
    assert ReadingDay.objects.get(member=ben).seconds - first <= 5, "two devices at once do not read twice"
    ReadingDay.objects.update(at=clock.now() - timedelta(seconds=40), seconds=10)
    actions.mark_read(member=ben, reached={}, seconds=30)
    assert ReadingDay.objects.get(member=ben).seconds == 40


# --- Pages


def test_a_visitor_reports_nothing(long_talk: Thread) -> None:
    assert Client().post("/threads/read/", {"reached": f"{long_talk.pk}:2"}).status_code == 403
    assert not ReadPosition.objects.filter(number=2).exists()


def test_what_is_no_pair_of_numbers_is_left_out(long_talk: Thread, mori: Member) -> None:
    sent = ["", "x", f"{long_talk.pk}", f"{long_talk.pk}:", ":3", f"{long_talk.pk}:²", f"{long_talk.pk}:{10**12}"]
    answer = signed_in(mori).post("/threads/read/", {"reached": [*sent, f"{long_talk.pk}:2", f"{long_talk.pk}:1"]})
    assert answer.status_code == 302
    assert position(mori, long_talk) == 2


def test_a_page_knows_where_its_reader_stands_and_a_visitors_does_not(
    long_talk: Thread, ana: Member, mori: Member
) -> None:
    path = long_talk.get_absolute_url()
    for member, number in [(ana, 3), (mori, 5), (ana, 6)]:
        actions.mark_read(member=member, reached={long_talk.pk: number})
        html = signed_in(member).get(path).content.decode()
        assert f'data-read="{number}"' in html
        assert ('class="no-js-only"><a href="#p4"' in html) is (number == 3)
    assert "data-read=" not in Client().get(path).content.decode()


def test_a_page_that_lies_ready_tells_each_reader_their_own_place(long_talk: Thread, mori: Member, ben: Member) -> None:
    path = long_talk.get_absolute_url()
    nina, otto = make.make_member("nina"), make.make_member("otto")
    for member, number in [(nina, 2), (otto, 5), (nina, 2)]:
        actions.mark_read(member=member, reached={long_talk.pk: number})
        assert f'data-read="{number}"' in signed_in(member).get(path).content.decode()


def test_a_list_asks_once_for_all_its_rows_and_is_told_what_its_reader_may_know(
    long_talk: Thread, office: Category, kanri: Member, ana: Member, mori: Member
) -> None:
    secret = make.open_thread(kanri, office)
    actions.mark_read(member=mori, reached={long_talk.pk: 5})
    path = f"/threads/news/?of={long_talk.pk},{secret.pk},x,{10**9},"
    assert signed_in(mori).get(path).json()["news"] == {str(long_talk.pk): [5, 1]}
    assert signed_in(ana).get(path).json()["news"] == {str(long_talk.pk): [1, 5]}
    assert Client().get(path).json()["news"] == {}
    with CaptureQueriesContext(connection) as asked:
        queries.news_in_lists(viewer=ana, thread_ids=[long_talk.pk, secret.pk])
    assert len([query for query in asked.captured_queries if "threads_" in query["sql"]]) == 2


def test_cards_of_items_say_how_much_of_their_talk_is_new_for_the_reader(
    square: Category, office: Category, shop: Shop, bowl: Item, kanri: Member, ana: Member, ben: Member, mori: Member
) -> None:
    cup = make.make_item(shop)
    talk = make.open_thread(ana, square, item_id=bowl.pk)
    make.open_thread(ana, square, item_id=bowl.pk, kind="question")
    make.open_thread(kanri, office, item_id=bowl.pk)
    taken_down = make.open_thread(ana, square, item_id=cup.pk)
    Thread.objects.filter(pk=taken_down.pk).update(state="deleted")
    for _ in range(4):
        make.reply(ana, talk)
    actions.mark_read(member=ben, reached={talk.pk: 2})
    path = f"/threads/news/?items={bowl.pk},{cup.pk},x,{10**9},"
    assert signed_in(ben).get(path).json()["items"] == {str(bowl.pk): 3 + 1}
    assert signed_in(mori).get(path).json()["items"] == {str(bowl.pk): 2}, "two threads, whatever their length"
    assert signed_in(ana).get(path).json()["items"] == {}, "one's own words are no news"
    assert signed_in(ben).get(path).json()["news"] == {}
    assert Client().get(path).json()["items"] == {}

    set_level(member=ben, kind="thread", target_id=talk.pk, level="mute")
    assert signed_in(ben).get(path).json()["items"] == {str(bowl.pk): 1}


def test_what_is_new_about_items_is_two_questions_and_none_for_a_visitor(
    square: Category, shop: Shop, ana: Member, ben: Member
) -> None:
    items = [make.make_item(shop) for _ in range(3)]
    threads = [make.open_thread(ana, square, item_id=item.pk) for item in items]
    counts = {item.pk: 1 for item in items}
    for viewer, expected, most in [(ben, counts, 2), (VISITOR, {}, 0)]:
        with CaptureQueriesContext(connection) as asked:
            found = queries.news_in_lists(
                viewer=viewer, thread_ids=[threads[0].pk], item_ids=[item.pk for item in items]
            )
        assert found.items == expected
        assert len([query for query in asked.captured_queries if "threads_" in query["sql"]]) == most


def test_a_card_and_the_talk_of_an_item_have_a_place_for_what_is_new(
    square: Category, shop: Shop, bowl: Item, ana: Member
) -> None:
    make.open_thread(ana, square, item_id=bowl.pk)
    place = f'data-item-news="{bowl.pk}" hidden></span>'
    assert signed_in(ana).get("/items/").content.decode().count(place) == 1
    assert place in signed_in(ana).get(bowl.get_absolute_url()).content.decode()


def test_everything_is_marked_and_taken_back_with_buttons_alone(
    long_talk: Thread, square: Category, ana: Member
) -> None:
    client, here = signed_in(ana), f"/threads/in/{square.slug}/"
    html = client.get(here).content.decode()
    button = re.search(r'formaction="(/threads/read/all/[^"]*)" name="until" value="([^"]*)"', html)
    assert button is not None
    assert button[1] == f"/threads/read/all/?category={square.slug}"
    answer = client.post(button[1], {"until": button[2], "next": here}, follow=True)
    assert news(ana, long_talk) is None
    assert f"/threads/read/undo/?category={square.slug}" in answer.content.decode()
    client.post(f"/threads/read/undo/?category={square.slug}")
    assert news(ana, long_talk) == News(read=1, unread=5)

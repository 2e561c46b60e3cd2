"""The personal feed: what is new in what one follows, why, without the muted; read by its index alone."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from community.catalog.facts import ItemsImported
from community.catalog.models import Creator, Item, Shop, Tag
from community.core import clock, facts
from community.core.clock import now
from community.core.errors import Invalid
from community.core.work import open_unit
from community.members import actions as members
from community.members.models import Member
from community.notifications.models import Level
from community.threads import actions, queries
from community.threads.models import Category, FeedEntry, Thread
from community.threads.queries.feed import _WALK
from realtime.models import StreamEvent
from tests.factories import threads as make
from tests.factories.notifications import follow
from tests.notifications.jobs import do_waiting

pytestmark = pytest.mark.django_db


def came(*items: Item) -> None:
    with open_unit():
        ids = tuple(item.pk for item in items)
        facts.record(ItemsImported(items[0].shop_id, ids, ids))


def shown(member: Member) -> list[tuple[str, int]]:
    """Kind and id of what the feed shows, once all jobs are done."""
    do_waiting()
    page = queries.feed(member=member)
    return [
        (row.kind, row.thing.post.pk if isinstance(row.thing, queries.Reply) else row.thing.pk) for row in page.rows
    ]


def reasons(member: Member) -> list[list[str]]:
    do_waiting()
    return [[f"{kind} {place.name}" for kind, place in row.reasons] for row in queries.feed(member=member).rows]


# --- What is not shown -------------------------------------------------------------------------------------------


def test_who_follows_nothing_sees_nothing_and_is_shown_what_could_be_followed(
    ana: Member, ben: Member, square: Category, bowl: Item
) -> None:
    make.open_thread(ben, square)
    bowl.tags.add(Tag.objects.create(name="藍染", slug="ai", key="藍染"))
    Creator.objects.update(item_count=1)
    client = Client(headers={"accept-language": "en"})
    client.force_login(ana)
    page = client.get("/feed/").content.decode()
    assert shown(ana) == [] and "You follow nothing yet" in page
    assert "#藍染" in page and f"/notifications/levels/creator/{bowl.creator_id}/" in page


def test_one_s_own_what_is_muted_and_what_is_blocked_is_left_out(ana: Member, ben: Member, square: Category) -> None:
    cleo, dora = make.make_member("cleo"), make.make_member("dora")
    follow([ana], "category", square.pk)
    make.open_thread(ana, square)
    make.open_thread(cleo, square, tags=["felt"])
    muted = make.open_thread(ben, square)
    make.open_thread(dora, square)
    loud = make.open_thread(ben, square, title="Which clay?")
    follow([ana], "tag", Tag.objects.get(name="felt").pk, level="mute")
    follow([ana], "thread", muted.pk, level="mute")
    members.block(by=dora, member_id=ana.pk)
    assert shown(ana) == [("thread", loud.pk)]
    follow([ana], "member", ben.pk, level="mute")
    assert shown(ana) == []


def test_a_category_that_is_not_for_them_is_not_read_though_they_followed_it(
    ana: Member, sara: Member, maker: Creator
) -> None:
    room = make.make_category(read_by=Category.OpenedBy.CREATORS)
    follow([ana, sara], "category", room.pk)
    follow([ana], "member", sara.pk)
    thread = make.open_thread(sara, room)
    assert shown(ana) == []
    make.open_thread(make.make_member("other"), make.make_category())
    colleague = make.make_member("colleague")
    make.make_creator(maker.shop, member=colleague)
    follow([colleague], "member", sara.pk)
    assert shown(colleague) == [("thread", thread.pk)]


def test_what_was_taken_down_goes_and_comes_back_with_it(ana: Member, ben: Member, square: Category) -> None:
    follow([ana], "member", ben.pk)
    thread = make.open_thread(ben, square)
    assert shown(ana) == [("thread", thread.pk)]
    opening = make.opening(thread)
    actions.delete_post(by=ben, post_id=opening.pk)
    assert queries.feed(member=ana).rows == []  # at once, before any job
    assert shown(ana) == [] and not FeedEntry.objects.exists()
    actions.restore_post(by=ben, post_id=opening.pk)
    assert shown(ana) == [("thread", thread.pk)]


def test_what_is_normal_is_not_followed_and_old_news_are_none(ana: Member, ben: Member, square: Category) -> None:
    follow([ana], "member", ben.pk)
    with clock.held_at(now() - timedelta(days=366)):
        make.open_thread(ben, square)
    make.open_thread(ben, square, title="New?")
    Level.objects.update(level="normal")
    assert shown(ana) == []
    Level.objects.update(level="track")
    assert len(shown(ana)) == 1
    with clock.held_at(now() + timedelta(days=366)):
        assert actions.sweep_feed() > 0 and not FeedEntry.objects.exists()


# --- What is shown, and why --------------------------------------------------------------------------------------


def test_a_thread_stands_once_with_all_places_it_is_shown_for(
    ana: Member, ben: Member, square: Category, bowl: Item, maker: Creator
) -> None:
    thread = make.open_thread(ben, square, item_id=bowl.pk, tags=["felt"])
    tag = Tag.objects.get(name="felt")
    for kind, pk in (("tag", tag.pk), ("creator", maker.pk), ("item", bowl.pk), ("member", ben.pk)):
        follow([ana], kind, pk, level="track")
    assert shown(ana) == [("thread", thread.pk)]
    names = [f"creator {maker.name}", f"item {bowl.title}", f"member {ben.display_name}", "tag #felt"]
    assert reasons(ana) == [names]


def test_new_works_of_makers_shops_and_tags_are_shown_and_withdrawn_ones_go(
    ana: Member, shop: Shop, bowl: Item, maker: Creator
) -> None:
    vase = make.make_item(shop)
    follow([ana], "creator", maker.pk)
    came(bowl, vase)
    assert shown(ana) == [("item", bowl.pk)]
    follow([ana], "shop", shop.pk)
    assert sorted(shown(ana)) == sorted([("item", bowl.pk), ("item", vase.pk)])
    Item.objects.filter(pk=bowl.pk).update(state=Item.State.WITHDRAWN)
    came(bowl)
    assert shown(ana) == [("item", vase.pk)]
    Shop.objects.update(is_open=False)
    assert shown(ana) == []


def test_of_replies_the_accepted_one_and_those_of_makers_are_news(
    ana: Member, ben: Member, sara: Member, maker: Creator, square: Category
) -> None:
    follow([ana], "category", square.pk)
    with clock.held_at(now() - timedelta(days=3)):
        thread = make.open_thread(ben, square, kind="question")
        answer = make.reply(make.make_member("cleo"), thread, "Beeswax.")
    assert shown(ana) == [("thread", thread.pk)]
    actions.mark_read(member=ana, reached={thread.pk: 1})
    word = make.reply(sara, thread, "I made it of walnut.")
    assert shown(ana) == [("reply", word.pk), ("thread", thread.pk)]
    actions.accept_answer(by=ben, post_id=answer.pk)  # new is that it was accepted
    assert shown(ana) == [("reply", answer.pk), ("reply", word.pk), ("thread", thread.pk)]
    rows = queries.feed(member=ana).rows
    assert isinstance(rows[0].thing, queries.Reply) and rows[0].thing.accepted and rows[0].thing.unread
    actions.unaccept_answer(by=ben, thread_id=thread.pk)
    assert shown(ana) == [("reply", word.pk), ("thread", thread.pk)]
    actions.mark_read(member=ana, reached={thread.pk: 3})
    rows = queries.feed(member=ana).rows
    assert isinstance(rows[0].thing, queries.Reply) and not rows[0].thing.unread


def test_a_maker_is_followed_wherever_they_write(ana: Member, ben: Member, sara: Member, maker: Creator) -> None:
    follow([ana], "creator", maker.pk)
    elsewhere = make.open_thread(ben, make.make_category())
    word = make.reply(sara, elsewhere)
    own = make.open_thread(sara, elsewhere.category)
    assert sorted(shown(ana)) == sorted([("reply", word.pk), ("thread", own.pk)])


def test_other_tags_and_another_category_are_other_places(ana: Member, ben: Member, square: Category) -> None:
    follow([ana], "category", square.pk)
    thread = make.open_thread(ben, square)
    assert len(shown(ana)) == 1
    mori = make.make_member("mori", role=Member.Role.MODERATOR)
    actions.move_thread(by=mori, thread_id=thread.pk, category_id=make.make_category().pk)
    assert shown(ana) == []


def test_made_anew_from_the_rows_it_is_what_it_was(
    ana: Member, ben: Member, sara: Member, maker: Creator, bowl: Item, square: Category
) -> None:
    thread = make.open_thread(ben, square, item_id=bowl.pk, tags=["felt"])
    make.reply(sara, thread)
    came(bowl)
    do_waiting()
    columns = ("kind", "target_id", "at", "source", "source_id", "thread_id")
    before = set(FeedEntry.objects.values_list(*columns))
    FeedEntry.objects.all().delete()
    actions.publish_all()
    assert set(FeedEntry.objects.values_list(*columns)) == before and len(before) > 8


# --- Pages -------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_without_a_gap_though_many_came_at_one_moment(
    ana: Member, ben: Member, square: Category
) -> None:
    moment = now()
    with clock.held_at(moment):
        made = [make.open_thread(ben, square, title=f"Thread {n}").pk for n in range(7)]
    follow([ana], "category", square.pk)
    follow([ana], "member", ben.pk)
    do_waiting()
    seen: list[int] = []
    cursor = ""
    while True:
        page = queries.feed(member=ana, cursor=cursor, size=3)
        seen += [row.thing.pk for row in page.rows if isinstance(row.thing, Thread)]
        if page.next is None:
            break
        cursor = page.next
    assert seen == sorted(made, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "W10", "W2ZhbHNlLDEsMiwzXQ", "W2ZhbHNlLCIyMDI2LTAxLTAxIiwiYSIsImIiXQ"])
def test_a_foreign_cursor_is_refused(ana: Member, cursor: str) -> None:
    with pytest.raises(Invalid):
        queries.feed(member=ana, cursor=cursor)


def test_the_page_and_the_api_say_why(ana: Member, ben: Member, square: Category) -> None:
    thread = make.open_thread(ben, square, tags=["felt"])
    follow([ana], "tag", Tag.objects.get(name="felt").pk)
    do_waiting()
    client = Client(headers={"accept-language": "ja"})
    client.force_login(ana)
    Member.objects.filter(pk=ana.pk).update(language="ja")
    with translation.override("ja"):
        page = client.get("/feed/", headers={"accept-language": "ja"}).content.decode()
    assert f'data-thread="{thread.pk}"' in page and "#felt" in page
    told = client.get("/api/v1/feed").json()
    assert [(one["kind"], one["id"], [why["kind"] for why in one["reasons"]]) for one in told["news"]] == [
        ("thread", thread.pk, ["tag"])
    ]


def test_the_number_of_queries_does_not_grow(
    ana: Member, ben: Member, sara: Member, maker: Creator, bowl: Item, square: Category
) -> None:
    from django.test.utils import CaptureQueriesContext

    for kind, pk in (("category", square.pk), ("creator", maker.pk), ("item", bowl.pk), ("member", ben.pk)):
        follow([ana], kind, pk)
    counted = []
    for _turn in range(2):
        for _more in range(2):
            make.reply(sara, make.open_thread(ben, square, item_id=bowl.pk, tags=["felt"]))
        came(bowl)
        do_waiting()
        with CaptureQueriesContext(connection) as caught:
            assert len(queries.feed(member=ana).rows) > 3
        counted.append(len(caught))
    assert counted[1] <= counted[0] <= 22  # whether she is a maker is asked once


# --- What is new since the page was opened -----------------------------------------------------------------------


def told() -> list[dict[str, Any]]:
    """What open feeds were told, once all jobs are done."""
    do_waiting()
    return list(StreamEvent.objects.filter(stream="feed.1").order_by("seq").values_list("payload", flat=True))


def test_what_is_shown_already_muted_hidden_or_one_s_own_is_not_new(ana: Member, ben: Member, square: Category) -> None:
    follow([ana], "category", square.pk)
    shown_thread, hidden, loud = (make.open_thread(ben, square) for _one in range(3))
    make.open_thread(ana, square)
    make.open_thread(ben, square, tags=["felt"])
    follow([ana], "tag", Tag.objects.get(name="felt").pk, level="mute")
    do_waiting()
    page = {("thread", shown_thread.pk)}
    assert queries.news_of_feed(member=ana, shown=page) == 2
    actions.delete_post(by=ben, post_id=make.opening(hidden).pk)
    assert queries.news_of_feed(member=ana, shown=page) == 1  # at once, before any job
    assert queries.news_of_feed(member=ana, shown={*page, ("thread", loud.pk)}) == 0
    with pytest.raises(Invalid):
        queries.news_of_feed(member=ana, shown=page, last="x")


def test_what_moved_up_from_behind_the_page_is_not_new(ana: Member, ben: Member, square: Category) -> None:
    follow([ana], "category", square.pk)
    old, *rest = (make.open_thread(ben, square) for _one in range(4))
    do_waiting()
    page = queries.feed(member=ana, size=3)
    keys = {(row.kind, row.thing.pk) for row in page.rows if isinstance(row.thing, Thread)}
    assert keys == {("thread", one.pk) for one in rest} and page.next
    actions.delete_post(by=ben, post_id=make.opening(rest[0]).pk)
    do_waiting()
    assert shown(ana) == [("thread", one.pk) for one in (rest[2], rest[1], old)]
    assert queries.news_of_feed(member=ana, shown=keys, last=page.next) == 0
    make.open_thread(ben, square)
    do_waiting()
    assert queries.news_of_feed(member=ana, shown=keys, last=page.next) == 1


def test_open_feeds_are_told_once_of_each_new_thing_and_where_it_lies(
    ben: Member, sara: Member, maker: Creator, bowl: Item, square: Category
) -> None:
    thread = make.open_thread(ben, square, tags=["felt"])
    lies = {f"category:{square.pk}", f"member:{ben.pk}", f"thread:{thread.pk}"}
    lies.add(f"tag:{Tag.objects.get(name='felt').pk}")
    first = told()
    assert [(set(one["places"]), one["author_id"]) for one in first] == [(lies, ben.pk)]
    make.reply(ben, thread)  # not what feeds show
    assert told() == first
    make.reply(sara, thread)
    came(bowl)
    word, item = told()[1:]
    assert word["author_id"] == sara.pk and f"creator:{maker.pk}" in word["places"]
    assert "author_id" not in item and f"creator:{maker.pk}" in item["places"]
    came(bowl)
    actions.publish_all()
    assert len(told()) == 3


def test_where_something_lies_that_is_not_for_everybody_is_not_told(sara: Member, maker: Creator, bowl: Item) -> None:
    make.open_thread(sara, make.make_category(read_by=Category.OpenedBy.CREATORS))
    assert told() == [{"places": [], "author_id": sara.pk}]
    Shop.objects.update(is_open=False)
    came(bowl)
    assert told()[1:] == [{"places": []}]


def test_whom_a_block_keeps_apart_hears_nothing_and_counts_nothing_new(
    ana: Member, ben: Member, square: Category
) -> None:
    cleo = make.make_member("cleo")
    follow([ana, cleo], "category", square.pk)
    members.block(by=ben, member_id=ana.pk)
    make.open_thread(ben, square)
    do_waiting()
    heard = {}
    for member in (ana, cleo):
        client = Client()
        client.force_login(member)
        (event,) = client.get("/live/streams/feed.1/events?after=0").json()["events"]
        heard[member.handle] = (event["kind"], bool(event["payload"]), client.get("/feed/news/").json())
    assert heard == {ana.handle: ("withheld", False, {"new": 0}), cleo.handle: ("news", True, {"new": 1})}


def test_many_at_once_are_told_as_one(ben: Member, square: Category) -> None:
    for _one in range(21):
        make.open_thread(ben, square)
    do_waiting()
    before = len(told())
    FeedEntry.objects.all().delete()
    actions.publish_all()
    assert told()[before:] == [{"places": []}]


def test_an_open_page_says_what_it_shows_and_asks_for_the_rest(ana: Member, ben: Member, square: Category) -> None:
    client = Client()
    client.force_login(ana)
    assert "data-hub=" not in client.get("/feed/").content.decode()  # who follows nothing has nothing to wait for
    follow([ana], "category", square.pk)
    assert 'data-hub="feed.1" data-position="0"' in client.get("/feed/").content.decode()
    thread = make.open_thread(ben, square)
    do_waiting()
    page = client.get("/feed/").content.decode()
    assert f'data-entry="thread.{thread.pk}"' in page and f'data-places="category:{square.pk}"' in page
    assert 'data-hub="feed.1" data-position="1"' in page
    make.open_thread(ben, square)
    do_waiting()
    answer = client.get("/feed/news/", {"shown": f"thread.{thread.pk},x.y,thread.,,item.²", "last": ""})
    assert answer.json() == {"new": 1}
    assert client.get("/feed/news/", {"last": "x"}, headers={"accept": "application/json"}).status_code == 422


# --- Growth ------------------------------------------------------------------------------------------------------

_MANY = """
INSERT INTO threads_feedentry (kind, target_id, at, source, source_id, thread_id, places)
SELECT kind, target_id, %(at)s - make_interval(mins => n), 'thread', n, NULL,
  ARRAY['category:' || n %% 10, 'tag:' || n %% 500, 'tag:' || n %% 490, 'member:' || n %% 5000, 'creator:' || n %% 300]
FROM generate_series(1, %(threads)s) n, LATERAL (VALUES
  ('category', n %% 10), ('tag', n %% 500), ('tag', 500 + n %% 490), ('member', n %% 5000), ('creator', n %% 300)
) place (kind, target_id)
"""


def plan_of_the_walk(member: Member) -> dict[str, Any]:
    """What PostgreSQL did for the walk of a page: the root of EXPLAIN ANALYZE."""
    with connection.cursor() as cursor:
        sql = _WALK.format(before="")
        given: dict[str, Any] = {"me": member.pk, "shut": [f"member:{member.pk}"], "most": 21}
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", given)
        found = cursor.fetchone()[0]
    root = json.loads(found)[0] if isinstance(found, str) else found[0]
    return dict(root)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes(part))]


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_500_places_among_100000_threads_are_read_in_milliseconds_by_the_index_alone(ana: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_MANY, {"at": now(), "threads": 100_000})
        cursor.execute("VACUUM (ANALYZE) threads_feedentry")  # as autovacuum leaves it: the index alone answers
    for kind, count in (("category", 5), ("tag", 200), ("creator", 95), ("member", 200)):
        Level.objects.bulk_create(
            Level(member=ana, kind=kind, target_id=pk, level="track", changed_at=now()) for pk in range(count)
        )
    follow([ana], "tag", 499, level="mute")
    plans = [plan_of_the_walk(ana) for _turn in range(5)]
    best = min(plans, key=lambda plan: plan["Execution Time"])
    every = nodes(best["Plan"])
    walks = [node for node in every if node.get("Index Name") == "threads_feed_of_place"]
    print(f"\n{best['Execution Time']:.1f} ms, {best['Plan']['Shared Hit Blocks']} blocks")
    assert [(node["Node Type"], node["Actual Loops"]) for node in walks] == [("Index Only Scan", 500)] * 2
    assert sum(node["Actual Rows"] * 500 for node in walks) < 1_000  # the newest of each place, and hardly more
    assert {node["Index Name"] for node in every if node.get("Relation Name") == "threads_feedentry"} == {
        "threads_feed_of_place",
        "threads_feed_entry_once",
    }

"""What a reply costs: a fixed number of statements, written by hand, that do what the models would do."""

import time
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from community.catalog.models import Item
from community.core import facts
from community.core.clock import held_at, now
from community.core.work import open_unit
from community.members.models import Member
from community.threads import actions
from community.threads.actions.heat import POST, SAME_VOICE, warmer
from community.threads.facts import ReplyPosted, ThreadChanged
from community.threads.models import Category, Post, Thread
from community.threads.queries import answering
from community.threads.queries.gates import WITH
from tests.factories import threads as make
from tests.threads.counting import assert_counts_are_exact

pytestmark = pytest.mark.django_db

# session · member · BEGIN · the key's lock and answer · thread · lock, post and counts · answer and live log · COMMIT
PLAIN = 8
BODY = """I use **beeswax** on mine, and [this page](https://example.org/wax) says so too.

- warm it
- rub it in with `cotton`
- wait a *night*

It smells nice, keeps for years, and the walnut gets darker; my bowls are in use every day."""


@pytest.fixture
def as_ben(ben: Member) -> Client:
    client = Client(headers={"accept": "application/json"})
    client.force_login(ben)
    return client


def statements(client: Client, thread: Thread, body: str = "Mine is, after two years.", **said: Any) -> list[str]:
    """What one reply asks of the database, sent as the page's script sends it."""
    with CaptureQueriesContext(connection) as asked:
        sent = {"body": body, "idempotency_key": str(uuid4())} | said
        answer = client.post(reverse("threads:reply", args=[thread.pk]), sent)
    assert answer.status_code == 201, answer.content
    return [query["sql"] for query in asked.captured_queries]


@pytest.mark.parametrize("replies", [0, 300])
def test_a_reply_is_eight_statements_however_long_the_thread_is(
    as_ben: Client, question: Thread, ana: Member, replies: int
) -> None:
    kept = {"thread": question, "author": ana, "created_at": now()}
    Post.objects.bulk_create(Post(**kept, number=number) for number in range(2, replies + 2))
    Thread.objects.filter(pk=question.pk).update(last_number=replies + 1, reply_count=replies)
    statements(as_ben, question)  # what a process asks once in its life is not the reply's
    asked = statements(as_ben, question)
    assert len(asked) == PLAIN, "\n".join(sql[:120] for sql in asked)


def test_what_a_reply_says_costs_what_it_has_to(as_ben: Client, question: Thread, ana: Member, bowl: Item) -> None:
    opening = make.opening(question)
    statements(as_ben, question)
    found = {
        "an answer to a post": len(statements(as_ben, question, reply_to=opening.pk)),
        "with a mention": len(statements(as_ben, question, f"@{ana.handle}, it is.")),
        "with a card": len(statements(as_ben, question, f"Like [this](/items/{bowl.pk}/).")),
    }
    # The post spoken to · who that is, and the mention · whether it is shown, the item and its picture.
    assert found == {"an answer to a post": PLAIN + 1, "with a mention": PLAIN + 2, "with a card": PLAIN + 3}


# Steps of a reply in the order they happen: (what it is called in docs/architecture.md, module, function).
STEPS = [
    ("session and member", "django.contrib.auth", "get_user"),
    ("limits", "community.threads.views.replying", "take"),
    ("the key's lock", "community.core.idempotency", "_ask"),
    ("thread and rule", "community.threads.actions.post_reply", "thread_to_answer"),
    ("Markdown to HTML", "community.threads.actions.post_reply", "compose"),
    ("lock, post, counts", "community.threads.actions.post_reply", "write_reply"),
    ("HTML of the answer", "community.threads.views.replying", "_sent"),
    ("HTML of the push, twice", "community.threads.topics", "_post_payload"),
    ("answer and live log", "realtime.log", "_store"),
    ("wake-up", "realtime.valkey", "publish"),
]


def timed(patch: pytest.MonkeyPatch, spent: dict[str, list[float]], name: str, module: str, function: str) -> None:
    """Keep how much CPU time each call of the function takes."""
    real = getattr(import_module(module), function)

    def run(*args: Any, **given: Any) -> Any:
        began = time.thread_time()
        try:
            return real(*args, **given)
        finally:
            spent.setdefault(name, []).append(time.thread_time() - began)

    patch.setattr(import_module(module), function, run)


@pytest.mark.django_db(transaction=True)
def test_a_whole_reply_takes_less_than_its_reads_alone_would(
    as_ben: Client, question: Thread, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Written plainly, a reply reads its thread before the lock and under it, and itself for the push and the answer:
    four times a row with all that a page shows, made into SQL each time.
    """
    settings.LIMITS = {}
    spent: dict[str, list[float]] = {}
    for name, module, function in STEPS:
        timed(monkeypatch, spent, name, module, function)
    for _ in range(60):
        for name, work in (
            ("all of a reply", lambda: as_ben.post(f"/threads/{question.pk}/reply/", {"body": BODY})),
            ("such a read", lambda: Thread.objects.select_related(*WITH).get(pk=question.pk)),
        ):
            began = time.thread_time()
            work()
            spent.setdefault(name, []).append(time.thread_time() - began)
    best = {name: min(times) * 1e3 for name, times in spent.items()}
    print("", *(f"{name:25} {best[name]:6.2f} ms" for name in (*dict.fromkeys(best),)), sep="\n")
    assert Post.objects.filter(thread=question, body=BODY).count() == 60
    assert best["all of a reply"] < 4 * best["such a read"]


def test_locks_are_taken_in_one_order(as_ben: Client, ben: Member, square: Category, bowl: Item) -> None:
    asked = "\n".join(statements(as_ben, make.open_thread(ben, square, item_id=bowl.pk)))
    steps = ["UPDATE threads_thread", "INSERT INTO threads_post", "UPDATE members_member", "UPDATE threads_category"]
    steps += ["UPDATE catalog_item", "core_idempotencykey AS k", "INTO realtime_stream "]
    places = [asked.index(step) for step in steps]
    assert places == sorted(places)


def test_the_rows_that_other_threads_want_are_held_for_one_round_trip(as_ben: Client, question: Thread) -> None:
    statements(as_ben, question)  # what a process asks once in its life is not the reply's
    *_before, last, commit = statements(as_ben, question)
    assert "UPDATE members_member" in last and "UPDATE threads_category" in last and "INTO realtime_stream " in last
    assert commit == "COMMIT" or commit.startswith("RELEASE")


def test_a_reply_has_what_the_model_gives_every_post(talk: Thread, ben: Member) -> None:
    post = make.reply(ben, talk, "As **ever**.")
    by_hand = Post.objects.filter(pk=post.pk).values().get()
    made = Post.objects.create(
        thread=talk,
        number=post.number + 1,
        author=ben,
        body=post.body,
        body_html=post.body_html,
        created_at=post.created_at,
    )
    by_the_model = Post.objects.filter(pk=made.pk).values().get()
    own = {"id": made.pk, "number": made.number, "answer_number": by_the_model["answer_number"]}
    assert by_hand | own == by_the_model


def test_the_post_that_comes_back_is_the_one_that_is_stored(question: Thread, ben: Member, ana: Member) -> None:
    first = make.reply(ben, question)
    post = make.reply(ana, question, "Thank you.", reply_to_id=first.pk)
    for row in (post, post.thread):
        stored = type(row)._default_manager.get(pk=row.pk)
        for field in row._meta.concrete_fields:
            assert getattr(row, field.attname) == getattr(stored, field.attname), field


@pytest.mark.parametrize("score", [0.0, 5000.0, "now"])
@pytest.mark.parametrize("same_voice", [True, False])
def test_a_reply_warms_a_thread_as_everything_does(
    talk: Thread, ana: Member, ben: Member, score: float | str, same_voice: bool
) -> None:
    Thread.objects.filter(pk=talk.pk).update(hot_score=talk.hot_score if score == "now" else score)
    moment = now() + timedelta(minutes=3)
    with held_at(moment):
        twin = Thread.objects.filter(pk=talk.pk)
        warmed = twin.values_list(warmer(moment, SAME_VOICE if same_voice else POST), flat=True).get()
        make.reply(ana if same_voice else ben, talk)
    assert Thread.objects.get(pk=talk.pk).hot_score == pytest.approx(warmed, abs=1e-9)


def test_times_follow_numbers_whoever_waited_longer(talk: Thread, ben: Member) -> None:
    later = make.reply(ben, talk)
    with held_at(later.created_at - timedelta(seconds=2)):
        post = make.reply(ben, talk)
    assert (post.number, post.created_at) == (3, later.created_at)
    talk.refresh_from_db()
    assert talk.last_post_at == later.created_at


def test_all_that_changes_in_a_thread_is_read_under_the_lock() -> None:
    settled = {"id", "author_id", "created_at", "view_count", "score", "origin", "origin_id"}
    assert set(answering.LIVING) | settled == {field.attname for field in Thread._meta.concrete_fields}
    assert not set(answering.LIVING) & settled


def test_a_thread_that_was_moved_is_counted_where_it_now_stands(
    talk: Thread, ben: Member, mori: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look at the thread and its lock."""
    other = make.make_category()

    def moved_meanwhile(**given: Any) -> Thread:
        seen = answering.thread_to_answer(**given)
        actions.move_thread(by=mori, thread_id=talk.pk, category_id=other.pk)
        return seen

    action = import_module("community.threads.actions.post_reply")
    monkeypatch.setattr(action, "thread_to_answer", moved_meanwhile)
    post = make.reply(ben, talk)
    assert post.thread.category == other
    assert Category.objects.get(pk=other.pk).post_count == 2
    assert_counts_are_exact()


# --- The row that was just written (ADR 0011) ----------------------------------------------------------------


def test_a_written_row_is_at_hand_until_the_next_fact(talk: Thread, ben: Member) -> None:
    with open_unit():
        post = make.reply(ben, talk)
        assert facts.written(Post, post.pk) is post
        assert facts.written(Post, post.pk + 1) is None
        assert facts.written(Thread, post.pk) is None
        facts.record(ThreadChanged(talk.pk, ben.pk))
        assert facts.written(Post, post.pk) is None
    assert facts.written(Post, post.pk) is None


def test_a_row_that_was_taken_back_is_not_at_hand(talk: Thread, ben: Member) -> None:
    with open_unit():
        with pytest.raises(ValueError), open_unit():
            post = make.reply(ben, talk)
            raise ValueError
        assert facts.written(Post, post.pk) is None


def test_a_reply_that_is_deleted_in_the_same_unit_is_told_as_it_ends(talk: Thread, ben: Member) -> None:
    from realtime.models import StreamEvent

    with open_unit():
        post = make.reply(ben, talk, "Never mind")
        actions.delete_post(by=ben, post_id=post.pk)
    told = StreamEvent.objects.filter(stream=talk.stream, payload__post_id=post.pk)
    assert told.count() == 2
    assert not [event for event in told if "Never mind" in str(event.payload)]


def test_the_fact_itself_holds_ids_alone() -> None:
    assert {type(value) for value in vars_of(ReplyPosted(1, 2, 3, 4, 5))} == {int}


def vars_of(fact: Any) -> list[Any]:
    return [getattr(fact, name) for name in fact.__slots__]

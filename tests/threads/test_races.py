"""Many people at the same moment: real threads, real transactions, one row they all want."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max
from django.test import Client
from django.urls import reverse

from community.catalog.models import Item, Tag
from community.core import idempotency, together
from community.core.clock import now
from community.core.errors import Conflict, Invalid, NotAllowed, NotVisible
from community.core.work import open_unit
from community.members.models import Member
from community.threads import actions
from community.threads.actions import NewPicture
from community.threads.errors import SlowMode
from community.threads.models import Category, Post, PostPicture, Reaction, Thread
from realtime.models import StreamEvent
from tests.factories import threads as make
from tests.threads.counting import assert_counts_are_exact

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of them in threads that start together; an exception is an answer, too."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return _patiently(work)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def _patiently(work: Callable[[], Any]) -> Any:
    """More people than connections: who gets none in time asks again, as a 503 tells them to."""
    until = time.monotonic() + 60
    while True:
        try:
            return work()
        except OperationalError:
            if time.monotonic() > until:
                raise


def of(kind: type, answers: list[Any]) -> int:
    return sum(isinstance(answer, kind) for answer in answers)


def test_fifty_posters_get_dense_numbers_and_exact_counts(talk: Thread, bowl: Item) -> None:
    people = [make.make_member() for _ in range(50)]
    answers = at_once([lambda m=member: make.reply(m, talk, f"I am {m.handle}") for member in people])
    assert sorted(post.number for post in answers) == list(range(2, 52))
    assert_counts_are_exact()
    told = StreamEvent.objects.filter(stream=talk.stream, kind="post_created").order_by("seq")
    assert [event.seq for event in told] == list(range(1, 51))
    assert [event.payload["number"] for event in told] == list(range(2, 52))


def test_control_the_largest_number_plus_one_collides(talk: Thread, ben: Member) -> None:
    """What the row lock is for: without it two writers see the same largest number."""
    looked = Barrier(8)

    def post() -> Post:
        with transaction.atomic():
            largest = Post.objects.filter(thread=talk).aggregate(n=Max("number"))["n"]
            looked.wait()
            return Post.objects.create(thread=talk, number=largest + 1, author=ben, body="x", created_at=now())

    answers = at_once([post] * 8)
    assert of(IntegrityError, answers) == 7


def test_of_ten_edits_of_one_version_one_wins(talk: Thread, ana: Member) -> None:
    opening = make.opening(talk)

    def edit(word: int) -> Post:
        return actions.edit_post(editor=ana, post_id=opening.pk, body=f"Version of tab {word}.", seen_version=1)

    answers = at_once([lambda n=n: edit(n) for n in range(10)])
    assert (of(Post, answers), of(Conflict, answers)) == (1, 9)
    opening.refresh_from_db()
    assert (opening.version, opening.body) == (2, next(a for a in answers if isinstance(a, Post)).body)


def test_slow_mode_lets_one_of_ten_tabs_through(talk: Thread, ben: Member, mori: Member) -> None:
    actions.set_slow_mode(by=mori, thread_id=talk.pk, seconds=600)
    answers = at_once([lambda: make.reply(ben, talk)] * 10)
    assert (of(Post, answers), of(SlowMode, answers)) == (1, 9)
    assert_counts_are_exact()


def test_one_upload_is_shown_by_one_post(talk: Thread, ben: Member) -> None:
    upload = make.make_upload(ben)
    answers = at_once([lambda: make.reply(ben, talk, pictures=[NewPicture(upload.pk)])] * 6)
    assert (of(Post, answers), of(Invalid, answers)) == (1, 5)
    assert PostPicture.objects.count() == 1
    assert_counts_are_exact()


def test_reactions_from_everywhere_are_counted_exactly(talk: Thread) -> None:
    post = make.opening(talk)
    people = [make.make_member() for _ in range(10)]

    def give(member: Member, kind: str, on: bool) -> Callable[[], Any]:
        return lambda: actions.react(member=member, post_id=post.pk, kind=kind, on=on)

    twice = [give(member, kind, True) for member in people for kind in ("heart", "heart", "clap")]
    answers = at_once(twice)
    assert all(isinstance(answer, dict) for answer in answers), answers
    post.refresh_from_db()
    assert post.reactions == {"heart": 10, "clap": 10}
    at_once([give(member, "heart", on) for member in people for on in (False, False, True)])
    assert_counts_are_exact()


def test_accepting_and_deleting_at_once_leaves_one_truth(
    question: Thread, ana: Member, sara: Member, ben: Member
) -> None:
    replies = [make.reply(ben, question, f"Answer {n}") for n in range(4)]
    works: list[Callable[[], Any]] = []
    for post in replies:
        works += [lambda p=post, by=by: actions.accept_answer(by=by, post_id=p.pk) for by in (ana, sara)]
    works += [lambda p=post: actions.delete_post(by=ben, post_id=p.pk) for post in replies[:2]]
    works += [lambda: actions.unaccept_answer(by=ana, thread_id=question.pk)] * 2
    at_once(works)
    assert_counts_are_exact()
    accepted = Thread.objects.get(pk=question.pk).accepted_post
    assert accepted is None or accepted.is_visible


def test_new_tags_made_by_many_at_once_exist_once(square: Category) -> None:
    spellings = [["ﾚｻﾞｰ", "Wax"], ["wax", "レザー"], ["ＷＡＸ", "れざー"]]
    people = [make.make_member() for _ in range(9)]
    works = [
        lambda m=member, tags=spellings[n % 3]: make.open_thread(m, square, tags=tags)
        for n, member in enumerate(people)
    ]
    answers = at_once(works)
    assert of(Thread, answers) == 9, answers
    assert Tag.objects.count() == 2
    assert all(thread.tags.count() == 2 for thread in answers)


def test_writers_of_every_kind_together_never_lock_each_other_out(
    question: Thread, talk: Thread, ana: Member, ben: Member, mori: Member
) -> None:
    """Replies, reactions, edits, pins, moves and deletions on the same rows: no deadlock, no lost count."""
    other = make.make_category()
    target = make.reply(ben, question, "to be deleted")
    opening = make.opening(talk)
    works: list[Callable[[], Any]] = []
    for n in range(4):
        works += [lambda: make.reply(ben, question), lambda: make.reply(ana, talk)]
        works += [lambda n=n: actions.react(member=ben, post_id=opening.pk, kind="heart", on=n % 2 == 0)]
        works += [lambda n=n: actions.pin_thread(by=mori, thread_id=talk.pk, on=n % 2 == 0)]
    works += [lambda: actions.move_thread(by=mori, thread_id=talk.pk, category_id=other.pk)]
    works += [lambda: actions.delete_post(by=ben, post_id=target.pk)]
    works += [lambda: actions.restore_post(by=ben, post_id=target.pk)]
    answers = at_once(works)
    assert not [answer for answer in answers if isinstance(answer, (OperationalError, IntegrityError))]
    assert Reaction.objects.count() <= 1
    assert_counts_are_exact()


def test_crossing_authors_threads_items_and_places_never_lock_each_other_out(
    question: Thread, talk: Thread, ana: Member, ben: Member, sara: Member
) -> None:
    """Each of three people answers in each of four threads, everybody in another order: 96 replies at once."""
    people = [ana, ben, sara]
    shop = make.make_shop()
    threads = [question, talk]
    for _ in range(2):
        item = make.make_item(shop)
        threads.append(make.open_thread(ana, make.make_category(), item_id=item.pk))
    works = [
        lambda who=people[(n + m) % 3], where=threads[(n * (m + 1) + m) % 4]: make.reply(who, where)
        for n in range(24)
        for m in range(4)
    ]
    answers = at_once(works)
    assert of(Post, answers) == 96, [answer for answer in answers if not isinstance(answer, Post)]
    assert_counts_are_exact()


def test_the_control_without_the_order_of_locks_two_replies_lock_each_other_out(talk: Thread, ben: Member) -> None:
    """Thread first and member first, at the same moment: one of them is told "deadlock detected"."""
    both = Barrier(2)

    def count(*tables: str) -> Callable[[], None]:
        rows = {"threads_thread": ("reply_count", talk.pk), "members_member": ("post_count", ben.pk)}

        def work() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                for n, table in enumerate(tables):
                    column, pk = rows[table]
                    cursor.execute(f"UPDATE {table} SET {column} = {column} + 1 WHERE id = %s", [pk])
                    if n == 0:
                        both.wait(timeout=10)

        return work

    works = [count("threads_thread", "members_member"), count("members_member", "threads_thread")]
    errors = [error for error in _each_once(works) if error is not None]
    assert len(errors) == 1
    assert "deadlock" in str(errors[0])


def _each_once(works: Sequence[Callable[[], None]]) -> list[Exception | None]:
    """As `at_once`, without trying again."""

    def run(work: Callable[[], None]) -> Exception | None:
        try:
            work()
        except Exception as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.parametrize("change", ["lock", "delete"])
def test_a_thread_that_closes_while_a_reply_waits_for_it_takes_no_reply(
    talk: Thread, ana: Member, ben: Member, mori: Member, change: str
) -> None:
    """The rule is asked again under the lock, and the post that was written with it goes."""
    opening = make.opening(talk)
    closed = Event()

    def close() -> None:
        with open_unit():
            if change == "lock":
                actions.lock_thread(by=mori, thread_id=talk.pk)
            else:
                actions.delete_post(by=ana, post_id=opening.pk)
            closed.set()
            time.sleep(0.5)  # by now the reply waits for the row

    def reply() -> Post:
        assert closed.wait(10)
        return make.reply(ben, talk)

    answers = at_once([close, reply])
    assert isinstance(answers[1], NotVisible if change == "delete" else NotAllowed), answers
    assert talk.posts.count() == 1
    assert not StreamEvent.objects.filter(kind="post_created").exists()
    assert_counts_are_exact()


def sent_at_once(times: int, talk: Thread, ben: Member) -> list[Any]:
    """The same reply with the same key, so many times at the same moment."""

    def send() -> idempotency.Answer:
        command = {"owner": f"member:{ben.pk}", "operation": "reply", "key": "the-very-same", "body": b"x"}
        with idempotency.claim(**command) as claim:  # type: ignore[arg-type]
            if claim.replay:
                return claim.replay
            post = make.reply(ben, talk)
            return claim.store(status=201, body=str(post.pk).encode(), headers={})

    return at_once([send] * times)


def test_of_sixty_calls_with_one_key_one_has_an_effect(talk: Thread, ben: Member) -> None:
    answers = sent_at_once(60, talk, ben)
    given = {answer.body for answer in answers if isinstance(answer, idempotency.Answer)}
    assert len(given) == 1
    assert of(idempotency.Answer, answers) + of(Conflict, answers) == 60
    assert talk.posts.count() == 2


def test_the_control_without_the_lock_on_the_key_has_more(
    talk: Thread, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = idempotency._ASK.replace("pg_try_advisory_xact_lock(hashtextextended(%s, 0))", "%s::text IS NOT NULL")
    monkeypatch.setattr(idempotency, "_ASK", free)
    sent_at_once(12, talk, ben)
    assert talk.posts.count() > 2


def test_replies_that_wait_for_each_other_are_committed_together(talk: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reply is slow, and five more come meanwhile."""
    people = [make.make_member() for _ in range(6)]
    send, calls = actions.send_reply, count()

    def slow(draft: actions.ReplyDraft) -> Post:
        until = time.monotonic() + 60
        if next(calls) == 0:
            while len(together._LINES._waiting[("thread", talk.pk)]) < 5:
                assert time.monotonic() < until
                time.sleep(0.01)
        return send(draft)

    def post(member: Member) -> int:
        client = Client(headers={"accept": "application/json"})
        client.force_login(member)
        said = {"body": f"I am {member.handle}", "idempotency_key": str(uuid4())}
        answer = client.post(reverse("threads:reply", args=[talk.pk]), said).json()
        assert f"I am {member.handle}" in answer["html"]
        return answer["number"]

    monkeypatch.setattr(actions, "send_reply", slow)
    numbers = at_once([lambda m=member: post(m) for member in people])
    assert sorted(numbers) == [2, 3, 4, 5, 6, 7]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT xmin::text) FROM threads_post WHERE number > 1")
        assert cursor.fetchone() == (6, 2)
    told = StreamEvent.objects.filter(stream=talk.stream, kind="post_created").order_by("seq")
    assert [(event.seq, event.payload["number"]) for event in told] == [(n, n + 1) for n in range(1, 7)]
    authors = dict(Post.objects.filter(thread=talk).values_list("number", "author_id"))
    assert all(event.payload["author_id"] == authors[event.payload["number"]] for event in told)
    assert_counts_are_exact()

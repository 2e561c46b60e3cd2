"""Many people at the same moment: real threads, real transactions, one row they all want."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max

from community.catalog.models import Item, Tag
from community.core.clock import now
from community.core.errors import Conflict, Invalid
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

"""Many followers: who posts does not pay for them, and each hears of it once, whatever happens to the workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from community.core.clock import now
from community.members.models import Member
from community.notifications import actions
from community.notifications.actions import telling
from community.notifications.models import Cause, Inbox, Notice
from community.threads.models import Category, Post, Thread
from tests.factories import threads as make
from tests.factories.members import make_member
from tests.factories.notifications import assert_counts_are_exact, follow
from tests.support import cpu

MANY, BATCH = 300, 100


def crowd(count: int, *, first: int = 0) -> list[Member]:
    """People who can sign in, made in one go."""
    rows = [
        Member(email=f"f{n}@example.com", handle=f"follower_{n}", joined_at=now(), language="en", password="!")
        for n in range(first, first + count)
    ]
    for row in rows:
        row.rename(f"Follower {row.handle}")
    return Member.objects.bulk_create(rows)


def told_exactly_once(followers: list[Member], post: Post) -> bool:
    """Whether each of them has one cause and one line about the post, and counts one unread."""
    ids = {member.pk for member in followers}
    causes = sorted(Cause.objects.filter(source="post", source_id=post.pk).values_list("member_id", flat=True))
    lines = list(Notice.objects.filter(member__in=ids).values_list("member_id", "count"))
    counted = dict(Inbox.objects.filter(pk__in=ids).values_list("pk", "unread"))
    return causes == sorted(ids) and sorted(lines) == [(pk, 1) for pk in sorted(ids)] and set(counted.values()) == {1}


# --- Posting -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_posting_asks_the_same_with_ten_followers_and_with_a_thousand(ana: Member, ben: Member, wax: Thread) -> None:
    client = Client(headers={"accept": "application/json"})
    client.force_login(ben)

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as found:
            sent = {"body": "The same here.", "idempotency_key": str(uuid4())}
            assert client.post(reverse("threads:reply", args=[wax.pk]), sent).status_code == 201
        return [query["sql"] for query in found.captured_queries]

    followers = crowd(1_000)
    follow(followers[:10], "thread", wax.pk)
    asked()
    few = asked()
    follow(followers[10:], "thread", wax.pk)
    many = asked()
    assert len(few) == len(many) and not Notice.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'threads.spoken'")
        assert cursor.fetchone() == (4,)  # the thread's first post, and one for each reply


# --- Telling -------------------------------------------------------------------------------------------------


@pytest.fixture
def followed(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[list[Member], Post]]:
    """A reply that many watch for, posted and not told yet."""
    monkeypatch.setattr(telling, "BATCH", BATCH)
    ana = make_member("ana")
    square: Category = make.make_category()
    thread = make.open_thread(ana, square)
    followers = crowd(MANY)
    follow(followers, "thread", thread.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    yield followers, make.reply(ana, thread)


def test_who_is_cut_off_between_two_batches_and_begins_again_tells_everybody_once(
    followed: tuple[list[Member], Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    followers, post = followed
    real, done = telling._settle_batch, []

    def dies(*given: object) -> None:
        if len(done) == 1:
            raise KeyboardInterrupt
        real(*given)  # type: ignore[arg-type]
        done.append(given)

    monkeypatch.setattr(telling, "_settle_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        actions.settle("post", post.pk)
    assert 0 < Cause.objects.count() <= BATCH
    monkeypatch.setattr(telling, "_settle_batch", real)
    actions.settle("post", post.pk)
    actions.settle("post", post.pk)
    assert told_exactly_once(followers, post)
    assert_counts_are_exact()


def test_without_the_look_at_what_is_known_a_second_pass_would_be_seen(
    followed: tuple[list[Member], Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a job that believes it is the first tells twice, unless the key refuses it."""
    from django.db import IntegrityError

    _followers, post = followed
    actions.settle("post", post.pk)
    monkeypatch.setattr(telling, "_known", lambda *given: {})
    with pytest.raises(IntegrityError, match="notifications_told_once"):
        actions.settle("post", post.pk)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notifications_cause DROP CONSTRAINT notifications_told_once")
    try:
        actions.settle("post", post.pk)
        assert Cause.objects.count() == 2 * MANY
    finally:
        Cause.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE notifications_cause ADD CONSTRAINT notifications_told_once"
                " UNIQUE (source, source_id, member_id, actor_id)"
            )


TELL = """
import django; django.setup()
from django.conf import settings
from community.notifications import actions
from community.notifications.actions import telling
telling.BATCH = 40
actions.settle("post", {post})
"""


def kill_while_telling(post: Post) -> int:
    """Two processes at a time tell of the post and are killed in the midst of it; how many were."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "community.config.settings.test", "HIROBA_TEST_SITE": "1"}
    killed = 0
    for pause in (0.05, 0.2, 0.4, 0.1, 0.3):
        two = [subprocess.Popen([sys.executable, "-c", TELL.format(post=post.pk)], env=environment) for _ in range(2)]
        before = Cause.objects.count()
        until = time.monotonic() + 60
        while Cause.objects.count() == before and time.monotonic() < until and two[0].poll() is None:
            time.sleep(0.01)
        time.sleep(pause)
        for worker in two:
            killed += worker.poll() is None
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    return killed


@pytest.mark.deep
def test_workers_that_are_killed_again_and_again_tell_everybody_once(followed: tuple[list[Member], Post]) -> None:
    followers, post = followed
    assert kill_while_telling(post) > 0
    actions.settle("post", post.pk)
    assert told_exactly_once(followers, post)
    assert_counts_are_exact()


# --- Ten thousand ----------------------------------------------------------------------------------------------


def followed_maker(count: int, *, first: int = 0) -> tuple[Thread, list[Member]]:
    """A thread about a maker whom so many watch."""
    shop = make.make_shop()
    maker = make.make_creator(shop)
    followers = crowd(count, first=first)
    follow(followers, "creator", maker.pk)
    author = make_member(f"opener_{count}")
    return make.open_thread(author, make.make_category(), creator_id=maker.pk), followers


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_ten_thousand_followers_of_a_creator_hear_of_a_thread_once_although_workers_are_killed(
    transactional_db: None,
) -> None:
    thread, followers = followed_maker(10_000)
    post = Post.objects.get(thread=thread, number=1)
    killed = kill_while_telling(post)
    reached = Cause.objects.count()
    actions.settle("post", post.pk)
    print(f"\n{killed} workers killed with {reached:,} of {len(followers):,} told")
    assert killed > 0
    assert told_exactly_once(followers, post)
    assert_counts_are_exact()


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_a_reply_costs_its_author_the_same_with_ten_followers_and_with_ten_thousand(
    transactional_db: None, settings: Any
) -> None:
    """CPU of the web process and of PostgreSQL together, in turns, so that both meet the same moments."""
    settings.LIMITS = {}
    talks = {10: followed_maker(10)[0], 10_000: followed_maker(10_000, first=10)[0]}
    client = Client(headers={"accept": "application/json"})
    client.force_login(make_member("poster"))
    pid = cpu.server_process()
    spent: dict[int, list[float]] = {count: [] for count in talks}
    for _turn in range(150):
        for count, thread in talks.items():
            began = cpu.spent(pid)
            sent = {"body": "The same here.", "idempotency_key": str(uuid4())}
            assert client.post(reverse("threads:reply", args=[thread.pk]), sent).status_code == 201
            spent[count].append(cpu.spent(pid) - began)
    few, many = (median(spent[count][10:]) * 1e3 for count in talks)
    print(f"\nCPU of a reply: {few:.2f} ms with ten followers, {many:.2f} ms with ten thousand")
    assert many <= 1.2 * few

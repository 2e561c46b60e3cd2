"""What a community level rests on, counted from rows; and rings of accounts that praise each other."""

from datetime import date, timedelta
from itertools import permutations

import pytest

from community.core.clock import held_at
from community.members import actions as members
from community.members import trust
from community.members.models import Member
from community.members.registry import Span, measure_of
from community.threads import actions
from community.threads.models import Category, Post, Reaction, ReadingDay, ReadPosition, State, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 31)
SPAN = Span(TODAY - timedelta(days=30), TODAY)


def counted(name: str, *people: Member) -> list[int]:
    found = measure_of(name)
    assert found is not None
    have = found.count([member.pk for member in people], SPAN)
    return [have.get(member.pk, 0) for member in people]


def read(member: Member, *, days_ago: int, seconds: int) -> None:
    day = TODAY - timedelta(days=days_ago)
    ReadingDay.objects.create(member=member, day=day, seconds=seconds, at=SPAN.begins)


def words_of(author: Member, square: Category, *, days_ago: int = 20) -> Post:
    at = SPAN.ends - timedelta(days=days_ago)
    thread = Thread.objects.create(category=square, title="…", author=author, created_at=at, last_post_at=at)
    return Post.objects.create(thread=thread, number=1, author=author, body="…", body_html="…", created_at=at)


def praise(giver: Member, post: Post, *, days_ago: int = 10, kind: str = "heart") -> None:
    Reaction.objects.create(post=post, member=giver, kind=kind, created_at=SPAN.ends - timedelta(days=days_ago))


def people(number: int, **fields: int) -> list[Member]:
    return [make.make_member(f"p{index}", **fields) for index in range(number)]


# -- reading


def test_days_of_reading_begin_at_a_minute_and_end_with_yesterday(ana: Member, ben: Member) -> None:
    read(ana, days_ago=0, seconds=900)
    read(ana, days_ago=1, seconds=60)
    read(ana, days_ago=2, seconds=59)
    read(ana, days_ago=30, seconds=300)
    read(ana, days_ago=31, seconds=300)
    assert counted("reading_days", ana, ben) == [2, 0]


def test_a_page_left_open_counts_two_hours_a_day(ana: Member) -> None:
    read(ana, days_ago=1, seconds=20 * 3600)
    read(ana, days_ago=2, seconds=90)
    assert counted("reading_minutes", ana) == [121]


def test_only_threads_of_others_that_can_be_seen_are_read(ana: Member, ben: Member, square: Category) -> None:
    own, other, gone = (make.open_thread(author, square) for author in (ana, ben, ben))
    Thread.objects.filter(pk=gone.pk).update(state=State.DELETED)
    at = SPAN.ends - timedelta(days=3)
    for thread in (own, other, gone):
        ReadPosition.objects.update_or_create(member=ana, thread=thread, defaults={"number": 1, "at": at})
    assert counted("threads_read", ana) == [1]


def test_a_conversation_is_a_thread_of_somebody_else(ana: Member, ben: Member, square: Category) -> None:
    with held_at(SPAN.ends - timedelta(days=3)):
        own, other, third = (make.open_thread(author, square) for author in (ana, ben, ben))
        for thread in (own, other, other):
            make.reply(ana, thread)
        gone = make.reply(ana, third)
        actions.delete_post(by=ana, post_id=gone.pk)
    assert counted("conversations", ana) == [1]


# -- the good word of others


def test_a_voice_counts_once_and_three_of_its_posts(ana: Member, ben: Member, square: Category) -> None:
    for author in people(2):
        praise(ben, words_of(author, square))
    for days_ago in (9, 8, 7, 7):
        post = words_of(ana, square)
        praise(ben, post, days_ago=days_ago)
        praise(ben, post, days_ago=days_ago, kind="clap")
    assert [counted(name, ana) for name in ("voices", "voice_days", "reactions")] == [[1], [3], [3]]
    assert counted("thanked", ben) == [3]


def test_what_was_said_before_the_span_or_today_does_not_count(ana: Member, ben: Member, square: Category) -> None:
    for author in people(2):
        praise(ben, words_of(author, square, days_ago=60))
    praise(ben, words_of(ana, square, days_ago=60), days_ago=31)
    praise(ben, words_of(ana, square, days_ago=60), days_ago=0)
    assert counted("voices", ana) == [0]


@pytest.mark.parametrize("change", [{"trust_level": 0}, {"is_active": False}, {"banned_at": SPAN.begins}])
def test_newcomers_and_the_closed_out_have_no_voice(
    ana: Member, ben: Member, square: Category, change: dict[str, object]
) -> None:
    for author in (*people(2), ana):
        praise(ben, words_of(author, square))
    assert counted("voices", ana) == [1]
    Member.objects.filter(pk=ben.pk).update(**change)
    assert counted("voices", ana) == [0]


def test_who_praises_nobody_else_has_no_voice(ana: Member, ben: Member, square: Category) -> None:
    praise(ben, words_of(ana, square))
    assert counted("voices", ana) == [0]
    praise(ben, words_of(make.make_member("p"), square))
    assert counted("voices", ana) == [0]  # one other is not enough
    praise(ben, words_of(make.make_member("q"), square))
    assert counted("voices", ana) == [1]


def test_two_who_praise_each_other_need_to_be_regulars(ana: Member, ben: Member, square: Category) -> None:
    for giver, author in ((ben, ana), (ana, ben)):
        praise(giver, words_of(author, square))
        for other in people(2):
            praise(giver, words_of(other, square))
    assert counted("voices", ana, ben) == [0, 0]
    Member.objects.filter(pk=ben.pk).update(trust_level=2)
    assert counted("voices", ana, ben) == [1, 0]


@pytest.mark.parametrize("size", [2, 5, 8])
def test_a_ring_that_praises_itself_has_no_voices(square: Category, size: int) -> None:
    ring = people(size)
    posts = {member: words_of(member, square) for member in ring}
    for giver, author in permutations(ring, 2):
        praise(giver, posts[author])
    assert counted("voices", *ring) == counted("reactions", *ring) == [0] * size


def test_a_ring_that_goes_round_in_one_direction_has_none_either(square: Category) -> None:
    ring = people(5)
    posts = {member: words_of(member, square) for member in ring}
    for index, giver in enumerate(ring):
        praise(giver, posts[ring[(index + 1) % 5]])
        praise(giver, posts[ring[(index + 2) % 5]])
    assert counted("voices", *ring) == [0] * 5


@pytest.mark.parametrize("size", [5, 8])
def test_accounts_that_like_each_other_stay_where_they_are(square: Category, size: int) -> None:
    """They read, write, wait and praise others as honestly as anybody. One with the word of others goes up."""
    ring, honest, stars, crowd = people(size), make.make_member("honest"), people(3), people(5)
    Member.objects.update(joined_at=SPAN.begins - timedelta(days=300))
    theirs = {author: [words_of(author, square) for _each in range(3)] for author in (*ring, honest, *stars)}
    for giver, author in permutations(ring, 2):
        for index, post in enumerate(theirs[author]):
            praise(giver, post, days_ago=5 + index)
    for index, giver in enumerate(crowd):
        praise(giver, theirs[honest][0], days_ago=5 + index)
    for giver in (*ring, honest, *crowd):
        for star in stars:
            praise(giver, theirs[star][0])
    for member in (*ring, honest):
        live_here(member, square)
    with held_at(SPAN.ends + timedelta(hours=1)):
        members.settle_trust()
        missing = {row.measure for row in trust.overview(Member.objects.get(pk=ring[0].pk)).missing}
    assert {Member.objects.get(pk=one.pk).trust_level for one in ring} == {1}
    assert Member.objects.get(pk=honest.pk).trust_level == 2
    assert missing == {"voices", "voice_days"}


def live_here(member: Member, square: Category) -> None:
    """All that level 2 asks for but the word of others: reading, and replies in threads of somebody else."""
    for days_ago in range(1, 21):
        read(member, days_ago=days_ago, seconds=600)
    other, at = make.make_member("other"), SPAN.ends - timedelta(days=3)
    threads = Thread.objects.bulk_create(
        Thread(category=square, title="…", author=other, created_at=at, last_post_at=at) for _each in range(20)
    )
    ReadPosition.objects.bulk_create(ReadPosition(member=member, thread=one, number=1, at=at) for one in threads)
    given = {"author": member, "body": "…", "body_html": "…", "created_at": at}
    Post.objects.bulk_create(Post(thread=one, number=1, **given) for one in threads[:3])

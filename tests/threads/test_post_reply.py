"""Replies: who may, what is refused, and what is written when it is not."""

from datetime import timedelta

import pytest

from community.catalog.models import Item
from community.core.clock import held_at, now
from community.core.errors import Invalid, NotAllowed, NotVisible
from community.core.models import Picture
from community.members.models import Member
from community.members.permissions import VISITOR
from community.threads import actions
from community.threads.actions import NewPicture
from community.threads.errors import SlowMode
from community.threads.models import Category, Mention, Post, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


def posts_of(thread: Thread) -> int:
    return Post.objects.filter(thread=thread).count()


def test_a_visitor_is_asked_to_sign_in_and_nothing_is_written(talk: Thread) -> None:
    with pytest.raises(NotAllowed) as refusal:
        actions.post_reply(author=VISITOR, thread_id=talk.pk, body="Hello")
    assert refusal.value.code == "sign_in_first"
    assert posts_of(talk) == 1


def test_a_missing_and_a_hidden_thread_look_alike(ben: Member, talk: Thread, ana: Member) -> None:
    actions.delete_post(by=ana, post_id=make.opening(talk).pk)
    refusals = []
    for thread_id in (talk.pk, talk.pk + 999):
        with pytest.raises(NotVisible) as refusal:
            actions.post_reply(author=ben, thread_id=thread_id, body="Hello")
        refusals.append((str(refusal.value), refusal.value.code, refusal.value.status))
    assert refusals[0] == refusals[1]
    assert posts_of(talk) == 1


def test_a_locked_thread_takes_no_reply_but_the_staffs(locked_thread: Thread, ben: Member, mori: Member) -> None:
    with pytest.raises(NotAllowed) as refusal:
        make.reply(ben, locked_thread)
    assert refusal.value.code == "thread_locked"
    assert make.reply(mori, locked_thread).number == 2


@pytest.mark.parametrize("body", ["", "  \n ", "\u200b\u2060"])
def test_an_empty_text_is_refused(talk: Thread, ben: Member, body: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make.reply(ben, talk, body)
    assert (refusal.value.code, refusal.value.field) == ("body_empty", "body")
    assert posts_of(talk) == 1


def test_a_text_over_32_kilobytes_is_refused_before_it_is_parsed(talk: Thread, ben: Member) -> None:
    with pytest.raises(Invalid) as refusal:
        make.reply(ben, talk, "あ" * 11_000)
    assert refusal.value.code == "body_too_long"


def test_a_reply_is_numbered_rendered_and_counted(talk: Thread, ben: Member, ana: Member, square: Category) -> None:
    post = make.reply(ben, talk, "I use **beeswax**, @" + ana.handle + " <script>alert(1)</script>")
    for row in (talk, ben, square):
        row.refresh_from_db()
    assert post.number == talk.last_number == 2
    assert "<strong>beeswax</strong>" in post.body_html
    assert "<script>" not in post.body_html
    assert f'href="/members/{ana.handle}/"' in post.body_html
    assert (talk.reply_count, talk.last_poster_id, talk.last_post_at) == (1, ben.pk, post.created_at)
    assert (ben.post_count, square.post_count) == (1, 2)
    assert list(Mention.objects.filter(post=post).values_list("member_id", flat=True)) == [ana.pk]


def test_a_mention_of_nobody_stays_text(talk: Thread, ben: Member) -> None:
    post = make.reply(ben, talk, "ask @nobody_here")
    assert "@nobody_here" in post.body_html
    assert "<a" not in post.body_html


def test_a_reply_answers_a_post_of_its_own_thread_only(
    talk: Thread, question: Thread, ben: Member, ana: Member
) -> None:
    first = make.reply(ben, talk)
    assert make.reply(ana, talk, reply_to_id=first.pk).reply_to == first
    elsewhere = make.opening(question)
    with pytest.raises(Invalid) as refusal:
        make.reply(ben, talk, reply_to_id=elsewhere.pk)
    assert refusal.value.code == "reply_to_gone"


def test_links_to_items_become_cards_of_items_one_may_see(talk: Thread, ben: Member, bowl: Item, settings) -> None:
    settings.SITE_ORIGIN = "https://hiroba.example"
    hidden = make.make_item(make.make_shop(is_open=False))
    body = (
        f"https://hiroba.example/items/{bowl.pk}/a-bowl/ and [this](/items/{hidden.pk}/) "
        f"https://evil.example/items/{bowl.pk}/ /items/{bowl.pk}/ [again](/items/{bowl.pk}/?x=1)"
    )
    assert make.reply(ben, talk, body).item_ids == [bowl.pk]


def test_a_post_shows_five_cards_at_most(talk: Thread, ben: Member, bowl: Item) -> None:
    items = [make.make_item(bowl.shop) for _ in range(6)]
    body = " ".join(f"[{item.pk}](/items/{item.pk}/)" for item in items)
    assert make.reply(ben, talk, body).item_ids == [item.pk for item in items[:5]]


def test_only_ones_own_unused_pictures_can_be_shown(talk: Thread, ana: Member, ben: Member) -> None:
    mine, hers = make.make_upload(ben), make.make_upload(ana)
    used = make.make_upload(ben, used_at=now())
    for picture in (hers, used):
        with pytest.raises(Invalid) as refusal:
            make.reply(ben, talk, pictures=[NewPicture(mine.pk), NewPicture(picture.pk)])
        assert refusal.value.code == "picture_not_yours"
    assert posts_of(talk) == 1
    assert Picture.objects.get(pk=mine.pk).used_at is None
    post = make.reply(ben, talk, pictures=[NewPicture(mine.pk, "  a bowl ")])
    assert [(row.picture_id, row.alt) for row in post.pictures.all()] == [(mine.pk, "a bowl")]
    assert Picture.objects.get(pk=mine.pk).used_at is not None


def test_nine_pictures_are_one_too_many(talk: Thread, ben: Member) -> None:
    pictures = [NewPicture(make.make_upload(ben).pk) for _ in range(9)]
    with pytest.raises(Invalid) as refusal:
        make.reply(ben, talk, pictures=pictures)
    assert refusal.value.code == "too_many_pictures"
    assert make.reply(ben, talk, pictures=pictures[:8]).picture_count == 8


def test_slow_mode_makes_everybody_but_staff_wait(talk: Thread, ben: Member, ana: Member, mori: Member) -> None:
    actions.set_slow_mode(by=mori, thread_id=talk.pk, seconds=60)
    start = now() + timedelta(minutes=2)
    with held_at(start):
        first = make.reply(ben, talk)
        make.reply(ana, talk)
        make.reply(mori, talk)
        make.reply(mori, talk)
    actions.delete_post(by=ben, post_id=first.pk)
    with held_at(start + timedelta(seconds=20)), pytest.raises(SlowMode) as refusal:
        make.reply(ben, talk)
    assert (refusal.value.code, refusal.value.status, refusal.value.retry_after) == ("slow_mode", 429, 40)
    with held_at(start + timedelta(seconds=60)):
        assert make.reply(ben, talk).number == 6


def test_slow_mode_does_not_count_posts_in_other_threads(
    talk: Thread, question: Thread, ben: Member, mori: Member
) -> None:
    actions.set_slow_mode(by=mori, thread_id=talk.pk, seconds=60)
    make.reply(ben, question)
    assert make.reply(ben, talk).number == 2

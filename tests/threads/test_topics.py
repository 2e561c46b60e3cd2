"""What the live streams hear of threads, and who may listen."""

import pytest
from django.contrib.auth.models import AnonymousUser

from community.catalog.models import Creator, Item
from community.core.work import open_unit
from community.members.models import Member
from community.threads import actions, topics
from community.threads.models import Category, Post, Thread
from realtime.models import StreamEvent
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


def heard(stream: str, kind: str) -> list[dict]:
    return list(StreamEvent.objects.filter(stream=stream, kind=kind).order_by("seq").values_list("payload", flat=True))


def test_a_reply_is_told_in_both_languages(question: Thread, ben: Member, bowl: Item) -> None:
    post = make.reply(ben, question, "It **is**.")
    [told] = heard(question.stream, "post_created")
    assert (told["post_id"], told["number"], told["author_id"], told["reply_count"]) == (post.pk, 2, ben.pk, 1)
    assert set(told["html"]) == {"ja", "en"}
    assert all("<strong>is</strong>" in html for html in told["html"].values())
    assert told["html"]["ja"] != told["html"]["en"]
    moved = {"thread_id": question.pk, "reply_count": 1, "last_number": 2, "author_id": ben.pk}
    assert heard(f"item.{bowl.pk}", "reply") == heard("home.1", "reply") == [moved]


def test_nothing_that_differs_per_reader_is_told(question: Thread, ben: Member) -> None:
    make.reply(ben, question)
    [told] = heard(question.stream, "post_created")
    for html in told["html"].values():
        assert "csrf" not in html
        assert "/edit/" not in html
        assert "/delete/" not in html


def test_a_new_thread_is_told_to_its_item_and_the_front_page(question: Thread, bowl: Item) -> None:
    [told] = heard("home.1", "thread_opened")
    assert told["thread_id"] == question.pk
    assert question.title in told["html"]["en"]
    assert heard(f"item.{bowl.pk}", "thread_opened") == [told]


def test_what_not_everybody_may_read_is_not_told_to_everybody(
    sara: Member, maker: Creator, makers_room: Category
) -> None:
    thread = make.open_thread(sara, makers_room)
    make.reply(sara, thread, "among us")
    assert not StreamEvent.objects.filter(stream="home.1").exists()
    assert len(heard(thread.stream, "post_created")) == 1


def test_a_write_that_is_taken_back_is_never_heard(talk: Thread, ben: Member) -> None:
    before = StreamEvent.objects.count()
    with pytest.raises(RuntimeError), open_unit():
        make.reply(ben, talk)
        raise RuntimeError("the power went")
    assert StreamEvent.objects.count() == before
    assert Post.objects.filter(thread=talk).count() == 1


def test_a_text_that_was_taken_down_leaves_the_log(question: Thread, answer: Post, ben: Member) -> None:
    actions.delete_post(by=ben, post_id=answer.pk)
    assert "html" not in heard(question.stream, "post_created")[0]
    [told] = heard(question.stream, "post_removed")
    assert answer.body not in str(told)
    actions.restore_post(by=ben, post_id=answer.pk)
    [told] = heard(question.stream, "post_changed")
    assert answer.body in told["html"]["en"]


def test_a_slip_that_was_put_right_leaves_the_log(question: Thread, ben: Member, ana: Member, bowl: Item) -> None:
    post = make.reply(ben, question, "Write to ben@example.org, please.")
    actions.edit_post(editor=ben, post_id=post.pk, body="Write to me, please.", seen_version=1)
    assert "html" not in heard(question.stream, "post_created")[0]
    assert "Write to me" in heard(question.stream, "post_changed")[0]["html"]["en"]
    opening = make.opening(question)
    words = {"body": opening.body, "seen_version": 1, "title": "Is it safe?"}
    actions.edit_post(editor=ana, post_id=opening.pk, **words)  # type: ignore[arg-type]
    for stream in ("home.1", f"item.{bowl.pk}"):
        assert "dishwasher" not in str(heard(stream, "thread_opened"))


def test_a_place_that_closes_takes_its_threads_out_of_the_open_streams(
    question: Thread, talk: Thread, square: Category, bowl: Item, kanri: Member
) -> None:
    square.read_by = Category.OpenedBy.MANAGERS
    actions.set_up_category(by=kanri, category=square, kinds=square.kinds)
    for told in (*heard("home.1", "thread_opened"), *heard(f"item.{bowl.pk}", "thread_opened")):
        assert "html" not in told


def test_reactions_answers_and_changes_are_told(question: Thread, answer: Post, ana: Member, mori: Member) -> None:
    actions.react(member=ana, post_id=answer.pk, kind="heart", on=True)
    counts = {"post_id": answer.pk, "number": 2, "counts": {"heart": 1}, "author_id": answer.author_id}
    assert heard(question.stream, "reactions") == [counts]
    actions.accept_answer(by=ana, post_id=answer.pk)
    actions.unaccept_answer(by=ana, thread_id=question.pk)
    told = heard(question.stream, "accepted")
    of_whom = {"author_id": answer.author_id}
    assert told == [{"post_id": answer.pk, "number": 2} | of_whom, {"post_id": None, "number": None}]
    actions.lock_thread(by=mori, thread_id=question.pk)
    [told] = heard(question.stream, "thread_changed")
    assert (told["locked"], told["pinned"], told["title"]) == (True, False, question.title)


def test_when_a_thread_goes_its_readers_are_asked_again(question: Thread, ana: Member, bowl: Item) -> None:
    opening = make.opening(question)
    actions.delete_post(by=ana, post_id=opening.pk)
    assert heard(question.stream, "access") == [{}]
    assert heard(f"item.{bowl.pk}", "thread_removed") == [{"thread_id": question.pk, "author_id": ana.pk}]
    assert "html" not in heard("home.1", "thread_opened")[0]
    actions.restore_post(by=ana, post_id=opening.pk)
    assert len(heard("home.1", "thread_opened")) == 2


def test_who_may_watch(talk: Thread, ana: Member, ben: Member, sara: Member, maker: Creator, bowl: Item) -> None:
    visitor = AnonymousUser()
    assert topics.may_watch_thread(visitor, talk.pk)
    assert not topics.may_watch_thread(visitor, talk.pk + 99)
    actions.delete_post(by=ana, post_id=make.opening(talk).pk)
    assert [topics.may_watch_thread(who, talk.pk) for who in (visitor, ben, ana)] == [False, False, True]
    hidden = make.make_item(make.make_shop(is_open=False))
    assert [topics.may_watch_item(visitor, item.pk) for item in (bowl, hidden)] == [True, False]
    assert [topics.may_watch_home(visitor, pk) for pk in (1, 2)] == [True, False]


def test_a_slip_in_a_template_refuses_nobodys_post(
    talk: Thread, ben: Member, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object) -> str:
        raise RuntimeError("a slip")

    monkeypatch.setattr(topics.fragments, "post", broken)
    post = make.reply(ben, talk)
    [told] = heard(talk.stream, "post_created")
    assert (told["post_id"], "html" in told) == (post.pk, False)
    assert "live_fragment_failed" in caplog.text

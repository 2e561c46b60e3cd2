"""Taking down and bringing back: what others see, and that every count follows."""

import pytest

from community.catalog.models import Item
from community.core.errors import NotAllowed, NotVisible
from community.core.paging import NumberPage
from community.members.models import Member
from community.members.permissions import VISITOR, Viewer
from community.threads import actions, queries
from community.threads.models import Post, State, Thread
from tests.factories import threads as make
from tests.threads.counting import assert_counts_are_exact

pytestmark = pytest.mark.django_db


def seen(thread: Thread, viewer: Viewer) -> list[Post]:
    page = NumberPage.of(page=1, size=20, total=thread.last_number)
    return queries.thread_posts(thread=queries.get_thread(thread_id=thread.pk, viewer=viewer), viewer=viewer, page=page)


def test_others_cannot_delete(answer: Post, ana: Member) -> None:
    with pytest.raises(NotAllowed):
        actions.delete_post(by=ana, post_id=answer.pk)
    answer.refresh_from_db()
    assert answer.state == State.VISIBLE


def test_a_deleted_reply_is_a_tombstone_to_others(answer: Post, question: Thread, ben: Member, mori: Member) -> None:
    actions.react(member=mori, post_id=answer.pk, kind="heart", on=True)
    actions.delete_post(by=ben, post_id=answer.pk, reason="wrong bowl")
    question.refresh_from_db()
    for viewer, body in ((VISITOR, ""), (mori, answer.body), (ben, answer.body)):
        stone = seen(question, viewer)[1]
        assert (stone.number, stone.state, stone.body) == (2, State.DELETED, body)
    assert (stone.delete_reason, stone.deleted_by_id) == ("wrong bowl", ben.pk)
    assert seen(question, VISITOR)[1].reactions == {}
    with pytest.raises(NotVisible):
        queries.get_post(post_id=answer.pk, viewer=VISITOR)
    assert_counts_are_exact()


def test_numbers_go_on_after_a_deletion(answer: Post, question: Thread, ben: Member, ana: Member) -> None:
    actions.delete_post(by=ben, post_id=answer.pk)
    assert make.reply(ana, question).number == 3
    assert_counts_are_exact()


def test_a_deleted_answer_is_not_the_accepted_one(
    answer: Post, question: Thread, ana: Member, ben: Member, bowl: Item
) -> None:
    actions.accept_answer(by=ana, post_id=answer.pk)
    actions.delete_post(by=ben, post_id=answer.pk)
    question.refresh_from_db()
    assert question.accepted_post is None
    actions.restore_post(by=ben, post_id=answer.pk)
    question.refresh_from_db()
    assert question.accepted_post is None
    assert_counts_are_exact()


def test_what_staff_took_down_the_author_cannot_bring_back(answer: Post, ben: Member, mori: Member) -> None:
    actions.delete_post(by=mori, post_id=answer.pk)
    with pytest.raises(NotAllowed) as refusal:
        actions.restore_post(by=ben, post_id=answer.pk)
    assert refusal.value.code == "deleted_by_staff"
    assert actions.restore_post(by=mori, post_id=answer.pk).is_visible
    assert_counts_are_exact()


def test_deleting_twice_is_refused_and_counts_once(answer: Post, ben: Member) -> None:
    actions.delete_post(by=ben, post_id=answer.pk)
    with pytest.raises(NotAllowed) as refusal:
        actions.delete_post(by=ben, post_id=answer.pk)
    assert refusal.value.code == "post_deleted"
    assert_counts_are_exact()


def test_the_first_post_takes_the_thread_with_it_and_brings_it_back(
    question: Thread, answer: Post, ana: Member, ben: Member, mori: Member
) -> None:
    actions.accept_answer(by=ana, post_id=answer.pk)
    actions.react(member=ben, post_id=make.opening(question).pk, kind="thanks", on=True)
    actions.delete_post(by=ana, post_id=make.opening(question).pk)
    for viewer in (VISITOR, ben):
        with pytest.raises(NotVisible):
            queries.get_thread(thread_id=question.pk, viewer=viewer)
        assert not queries.list_threads(viewer=viewer).rows
    assert queries.get_thread(thread_id=question.pk, viewer=ana)
    assert queries.get_thread(thread_id=question.pk, viewer=mori)
    assert_counts_are_exact()
    with pytest.raises(NotAllowed):
        make.reply(ana, question)
    actions.restore_post(by=ana, post_id=make.opening(question).pk)
    question.refresh_from_db()
    assert (question.state, question.reply_count, question.accepted_post) == (State.VISIBLE, 1, answer)
    assert_counts_are_exact()


def test_a_reply_to_a_deleted_post_still_stands(talk: Thread, ben: Member, ana: Member) -> None:
    first = make.reply(ben, talk)
    second = make.reply(ana, talk, reply_to_id=first.pk)
    actions.delete_post(by=ben, post_id=first.pk)
    talk.refresh_from_db()
    assert seen(talk, VISITOR)[2].reply_to_id == first.pk
    assert seen(talk, VISITOR)[2].body == second.body

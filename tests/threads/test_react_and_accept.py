"""Reactions, accepted answers, and what staff do to a thread."""

import pytest

from community.catalog.models import Item
from community.core.errors import Invalid, NotAllowed, NotVisible
from community.members.models import Member
from community.members.permissions import VISITOR
from community.threads import actions, queries
from community.threads.models import Category, Post, Reaction, Thread
from tests.factories import threads as make
from tests.threads.counting import assert_counts_are_exact

pytestmark = pytest.mark.django_db


def test_a_reaction_is_counted_once_and_can_be_taken_back(answer: Post, ana: Member, mori: Member) -> None:
    for _twice in range(2):
        assert actions.react(member=ana, post_id=answer.pk, kind="heart", on=True) == {"heart": 1}
    assert actions.react(member=mori, post_id=answer.pk, kind="heart", on=True) == {"heart": 2}
    assert actions.react(member=mori, post_id=answer.pk, kind="clap", on=True) == {"heart": 2, "clap": 1}
    assert_counts_are_exact()
    for _twice in range(2):
        assert actions.react(member=mori, post_id=answer.pk, kind="heart", on=False) == {"heart": 1, "clap": 1}
    assert actions.react(member=ana, post_id=answer.pk, kind="heart", on=False) == {"clap": 1}
    assert queries.my_reactions(viewer=mori, posts=[answer]) == {answer.pk: {"clap"}}
    assert queries.my_reactions(viewer=VISITOR, posts=[answer]) == {}
    assert_counts_are_exact()


def test_a_reaction_is_for_the_posts_of_others_and_of_a_known_kind(answer: Post, ben: Member, ana: Member) -> None:
    with pytest.raises(NotAllowed) as refusal:
        actions.react(member=ben, post_id=answer.pk, kind="heart", on=True)
    assert refusal.value.code == "own_post"
    with pytest.raises(NotAllowed):
        actions.react(member=VISITOR, post_id=answer.pk, kind="heart", on=True)
    with pytest.raises(Invalid):
        actions.react(member=ana, post_id=answer.pk, kind="skull", on=True)
    assert not Reaction.objects.exists()


def test_a_reaction_does_not_stand_in_the_way_of_an_edit(answer: Post, ana: Member, ben: Member) -> None:
    actions.react(member=ana, post_id=answer.pk, kind="heart", on=True)
    assert actions.edit_post(editor=ben, post_id=answer.pk, body="Still fine.", seen_version=1).version == 2


def test_only_the_asker_the_maker_or_a_manager_accepts(answer: Post, ben: Member, mori: Member) -> None:
    for stranger in (ben, mori):
        with pytest.raises(NotAllowed) as refusal:
            actions.accept_answer(by=stranger, post_id=answer.pk)
        assert refusal.value.code == "not_the_asker"


def test_a_question_has_one_accepted_answer(
    question: Thread, answer: Post, ana: Member, sara: Member, ben: Member, bowl: Item
) -> None:
    other = make.reply(sara, question, "It is glazed, so yes.")
    actions.accept_answer(by=ana, post_id=answer.pk)
    assert_counts_are_exact()
    for _twice in range(2):
        assert actions.accept_answer(by=sara, post_id=other.pk).accepted_post == other
    ben.refresh_from_db()
    sara.refresh_from_db()
    bowl.refresh_from_db()
    assert (ben.accepted_count, sara.accepted_count, bowl.answered_count) == (0, 1, 1)
    assert_counts_are_exact()
    for _twice in range(2):
        actions.unaccept_answer(by=ana, thread_id=question.pk)
    assert_counts_are_exact()
    assert Thread.objects.get(pk=question.pk).accepted_post is None


def test_answering_oneself_earns_nothing(question: Thread, ana: Member) -> None:
    own = make.reply(ana, question, "Found it: it is safe.")
    actions.accept_answer(by=ana, post_id=own.pk)
    ana.refresh_from_db()
    assert ana.accepted_count == 0
    assert_counts_are_exact()


def test_only_a_reply_to_a_question_can_be_accepted(
    question: Thread, answer: Post, talk: Thread, ana: Member, ben: Member
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        actions.accept_answer(by=ana, post_id=make.opening(question).pk)
    assert refusal.value.code == "not_an_answer"
    with pytest.raises(NotAllowed) as refusal:
        actions.accept_answer(by=ana, post_id=make.reply(ben, talk).pk)
    assert refusal.value.code == "not_a_question"
    actions.delete_post(by=ben, post_id=answer.pk)
    with pytest.raises(NotVisible):
        actions.accept_answer(by=ana, post_id=answer.pk)


def test_members_cannot_manage_a_thread(talk: Thread, ana: Member, square: Category) -> None:
    attempts = [
        lambda: actions.pin_thread(by=ana, thread_id=talk.pk),
        lambda: actions.lock_thread(by=ana, thread_id=talk.pk),
        lambda: actions.set_slow_mode(by=ana, thread_id=talk.pk, seconds=10),
        lambda: actions.move_thread(by=ana, thread_id=talk.pk, category_id=square.pk),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed) as refusal:
            attempt()
        assert refusal.value.code == "staff_only"


def test_a_pinned_thread_stands_on_top_and_not_in_the_list(talk: Thread, question: Thread, mori: Member) -> None:
    actions.pin_thread(by=mori, thread_id=talk.pk)
    assert queries.pinned_threads(viewer=VISITOR) == [talk]
    assert list(queries.list_threads(viewer=VISITOR).rows) == [question]
    assert list(queries.list_threads(viewer=VISITOR, with_pinned=True).rows) == [question, talk]
    actions.pin_thread(by=mori, thread_id=talk.pk, on=False)
    assert queries.pinned_threads(viewer=VISITOR) == []


def test_a_thread_moves_only_where_its_kind_is_at_home(
    talk: Thread, ben: Member, mori: Member, office: Category
) -> None:
    make.reply(ben, talk)
    news = make.make_category(kinds=["announcement"])
    with pytest.raises(Invalid) as refusal:
        actions.move_thread(by=mori, thread_id=talk.pk, category_id=news.pk)
    assert refusal.value.code == "kind_not_here"
    with pytest.raises(NotVisible):
        actions.move_thread(by=mori, thread_id=talk.pk, category_id=office.pk)
    home = make.make_category()
    assert actions.move_thread(by=mori, thread_id=talk.pk, category_id=home.pk).category == home
    home.refresh_from_db()
    assert (home.thread_count, home.post_count) == (1, 2)
    assert_counts_are_exact()


def test_a_pause_is_a_day_at_most(talk: Thread, mori: Member) -> None:
    for seconds in (-1, 24 * 3600 + 1):
        with pytest.raises(Invalid):
            actions.set_slow_mode(by=mori, thread_id=talk.pk, seconds=seconds)

"""Posts and rows that are drawn once: never another one's buttons, never yesterday's words, and the rules asked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from community.catalog.models import Item
from community.core.clock import held_at, now
from community.core.paging import NumberPage
from community.members.models import Member
from community.members.permissions import VISITOR, Viewer
from community.threads import actions, fragments, permissions, queries
from community.threads.models import Post, State, Thread
from community.threads.views import shown as views
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


def page_of(thread: Thread, viewer: Viewer) -> list[str]:
    """The posts of a thread as its page shows them to this viewer."""
    row = queries.get_thread(thread_id=thread.pk, viewer=viewer)
    page = NumberPage.of(page=1, size=100, total=row.last_number)
    drawn = views.drawn(viewer, row, queries.page_rows(thread=row, viewer=viewer, page=page))
    return [str(piece) for piece in drawn.posts]


def one_by_one(thread: Thread, viewer: Viewer) -> list[str]:
    """The same from whole models, each post asked for by itself, and nothing kept."""
    fragments.POSTS.clear()
    row = queries.get_thread(thread_id=thread.pk, viewer=viewer)
    page = NumberPage.of(page=1, size=100, total=row.last_number)
    posts = queries.thread_posts(thread=row, viewer=viewer, page=page)
    drawn = [str(fragments.post(post, row, views.one(viewer, post))) for post in posts]
    fragments.POSTS.clear()
    return drawn


@pytest.fixture
def lively(question: Thread, answer: Post, ana: Member, ben: Member, bowl: Item, mori: Member) -> Thread:
    """A question with all that a post can be: answered, edited, liked, with a picture, with a card, taken down."""
    actions.accept_answer(by=ana, post_id=answer.pk)
    edited = make.reply(ben, question, "First this.")
    longer = "Then something quite different, and much longer."
    actions.edit_post(editor=ben, post_id=edited.pk, body=longer, seen_version=edited.version)
    actions.react(member=ana, post_id=edited.pk, kind="heart", on=True)
    actions.react(member=mori, post_id=edited.pk, kind="clap", on=True)
    make.reply(ana, question, f"Like [this one](/items/{bowl.pk}/)", reply_to_id=edited.pk)
    make.reply(ben, question, "Look", pictures=[actions.NewPicture(make.make_upload(ben).pk, "a bowl")])
    actions.delete_post(by=ben, post_id=make.reply(ben, question, "No longer here").pk)
    actions.delete_post(by=mori, post_id=make.reply(ben, question, "Taken down").pk, reason="Rude")
    Post.objects.filter(pk=make.reply(ben, question, "Under review").pk).update(state=State.HIDDEN)
    Post.objects.filter(pk=make.reply(ben, question, "<b>From afar</b>").pk).update(
        origin_url="https://other.example/q/1", origin_licence="CC BY-SA 4.0"
    )
    return question


def test_a_page_shows_every_viewer_what_each_post_by_itself_shows(
    lively: Thread, ana: Member, ben: Member, mori: Member, sara: Member
) -> None:
    viewers: list[Viewer] = [VISITOR, ana, ben, mori, sara]
    with held_at(now()):
        apart = {viewer.pk: one_by_one(lively, viewer) for viewer in viewers}
        for _again in range(2):
            assert {viewer.pk: page_of(lively, viewer) for viewer in viewers} == apart
    assert len({tuple(pieces) for pieces in apart.values()}) == len(viewers)


def test_why_a_post_went_is_told_to_its_author_and_to_moderators_alone(
    lively: Thread, ana: Member, ben: Member, mori: Member
) -> None:
    for _again in range(2):
        for viewer, told in ((ben, True), (VISITOR, False), (mori, True), (ana, False)):
            page = "".join(page_of(lively, viewer))
            assert ("Rude" in page) is told
            assert not any(text in page for text in ("No longer here", "Taken down", "Under review"))


def test_a_button_goes_with_the_right_to_press_it(talk: Thread, ben: Member, ana: Member, mori: Member) -> None:
    make.reply(ben, talk, "Mine")
    assert "/edit/" in page_of(talk, ben)[1]
    actions.lock_thread(by=mori, thread_id=talk.pk)
    assert "/edit/" not in page_of(talk, ben)[1]
    assert "/edit/" in page_of(talk, mori)[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda post: Post.objects.filter(pk=post.pk).update(body_html="<p>Other words</p>"),
        lambda post: Post.objects.filter(pk=post.pk).update(reactions={"heart": 7}),
        lambda post: Post.objects.filter(pk=post.pk).update(edited_at=now(), edit_count=1),
        lambda post: Member.objects.filter(pk=post.author_id).update(display_name="Another name"),
        lambda post: Member.objects.filter(pk=post.author_id).update(role="moderator"),
        lambda post: Thread.objects.filter(pk=post.thread_id).update(accepted_post=post),
    ],
    ids=["text", "reactions", "edit", "name", "role", "accepted"],
)
def test_what_changed_is_shown_although_no_rule_told_of_it(
    change: Callable[[Post], object], talk: Thread, ben: Member, ana: Member
) -> None:
    post = make.reply(ben, talk, "Before")
    before = page_of(talk, ana)
    assert page_of(talk, ana) == before
    change(post)
    after = page_of(talk, ana)
    assert after[1] != before[1]
    assert after == one_by_one(talk, ana)


def test_words_of_time_language_and_zone_are_their_readers(talk: Thread, ana: Member) -> None:
    first = page_of(talk, ana)[0]
    with held_at(now() + timedelta(hours=3)):
        later = page_of(talk, ana)[0]
    with translation.override("en"):
        english = page_of(talk, ana)[0]
    with timezone.override("America/New_York"):
        overseas = page_of(talk, ana)[0]
    assert len({first, later, english, overseas}) == 4
    assert page_of(talk, ana)[0] == first


def test_equal_standing_means_equal_rights(lively: Thread, ana: Member, ben: Member, mori: Member) -> None:
    for viewer in (VISITOR, ana, ben, mori):
        thread = queries.get_thread(thread_id=lively.pk, viewer=viewer)
        page = NumberPage.of(page=1, size=100, total=thread.last_number)
        known: dict[object, object] = {}
        for post in queries.thread_posts(thread=thread, viewer=mori, page=page):
            rights = views.may(viewer, thread, post, reply=True), bool(permissions.can_see_post(viewer, post))
            standing = permissions.standing(viewer, post), post.edit_count > 0
            assert known.setdefault(standing, rights) == rights


def test_a_page_row_is_the_model_as_django_reads_it(lively: Thread, ana: Member) -> None:
    thread = queries.get_thread(thread_id=lively.pk, viewer=ana)
    page = NumberPage.of(page=1, size=100, total=thread.last_number)
    rows = queries.page_rows(thread=thread, viewer=ana, page=page)
    for row, post in zip(rows, Post.objects.filter(thread=lively).order_by("number"), strict=True):
        made = row.post(thread)
        for field in Post._meta.concrete_fields:
            if field.name not in {"body", "score", "esteem", "answer_number", "origin", "origin_id", "thread"}:
                assert getattr(made, field.attname) == getattr(post, field.attname), field.name
        for name in ("pk", "handle", "display_name", "role", "avatar_id"):
            assert getattr(made.author, name) == getattr(post.author, name)


def test_a_thread_row_that_was_kept_is_the_one_that_is_drawn(question: Thread, mori: Member) -> None:
    thread = queries.streamed_thread(question.pk)
    assert thread is not None
    with held_at(now()):
        kept = [fragments.thread_row(thread, level=2), fragments.thread_row(thread, level=2)]
        fragments.ROWS.clear()
        assert [fragments.thread_row(thread, level=2)] * 2 == kept
        assert fragments.thread_row(thread, at_item=True) != kept[0]
    actions.pin_thread(by=mori, thread_id=question.pk)
    pinned = queries.streamed_thread(question.pk)
    assert pinned is not None
    assert fragments.thread_row(pinned, level=2) != kept[0]


def test_one_readers_page_holds_no_token_of_another(talk: Thread, ana: Member, ben: Member) -> None:
    pages: dict[tuple[int, int], str] = {}
    for member in (ana, ben, ana):
        client = Client()
        client.force_login(member)
        text = client.get(talk.get_absolute_url()).content.decode()
        pages[member.pk, len(pages)] = text
        assert text.count('name="csrfmiddlewaretoken"') == 2
        assert f"@{member.handle}" in text
    tokens = [set(_tokens(text)) for text in pages.values()]
    assert all(tokens)
    assert not tokens[0] & tokens[1]
    assert not tokens[0] & tokens[2]


def _tokens(text: str) -> list[str]:
    names = ('name="csrfmiddlewaretoken" value="', 'name="idempotency_key" value="')
    return [part.partition('"')[0] for name in names for part in text.split(name)[1:]]

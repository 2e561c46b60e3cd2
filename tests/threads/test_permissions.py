"""Rules and their list twins: for every viewer and every state they say the same."""

from itertools import product

import pytest

from community.catalog.models import Creator, Item
from community.members.actions import block
from community.members.models import Member
from community.members.permissions import VISITOR, Viewer
from community.threads import permissions as may
from community.threads.models import Category, Post, State, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewers(ana: Member, ben: Member, sara: Member, maker: Creator, mori: Member, kanri: Member) -> dict[str, Viewer]:
    admin = make.make_member("admin", role=Member.Role.ADMIN)
    people = {"author": ana, "other": ben, "maker": sara, "moderator": mori, "manager": kanri, "admin": admin}
    people |= {name: make.make_member(name) for name in ("blocker", "blocked")}
    block(by=people["blocker"], member_id=ana.pk)
    block(by=ana, member_id=people["blocked"].pk)
    for member in people.values():
        member.refresh_from_db()
    return {"visitor": VISITOR, **people}


@pytest.fixture
def every_thread(ana: Member, kanri: Member) -> list[Thread]:
    """One in each circle of readers and each state, by ana and by somebody else."""
    threads = []
    for read_by, state, author in product(Category.OpenedBy, State, (ana, kanri)):
        category = make.make_category(read_by=read_by)
        thread = make.open_thread(kanri, category)
        Thread.objects.filter(pk=thread.pk).update(state=state, author=author)
        threads.append(thread)
    return threads


def test_the_lists_of_categories_and_threads_show_what_the_rules_allow(
    every_thread: list[Thread], viewers: dict[str, Viewer]
) -> None:
    for name, viewer in viewers.items():
        for category in Category.objects.all():
            listed = Category.objects.filter(may.visible_categories(viewer), pk=category.pk).exists()
            assert listed == bool(may.can_see_category(viewer, category)), (name, category.read_by)
        for thread in Thread.objects.select_related("category"):
            listed = Thread.objects.filter(may.visible_threads(viewer), pk=thread.pk).exists()
            case = (name, thread.category.read_by, thread.state)
            assert listed == bool(may.can_see_thread(viewer, thread)), case


def test_the_list_of_posts_shows_what_the_rule_allows(
    every_thread: list[Thread], viewers: dict[str, Viewer], ana: Member, kanri: Member
) -> None:
    for thread, state, author in product(every_thread, State, (ana, kanri)):
        number = Post.objects.filter(thread=thread).count() + 1
        moment = thread.created_at
        Post.objects.create(thread=thread, number=number, author=author, state=state, body="x", created_at=moment)
    posts = list(Post.objects.select_related("thread__category"))
    for name, viewer in viewers.items():
        listed = set(Post.objects.filter(may.visible_posts(viewer)).values_list("pk", flat=True))
        allowed = {post.pk for post in posts if may.can_see_post(viewer, post)}
        assert listed == allowed, name
    assert len(posts) > 100


def test_makers_see_the_makers_room_and_nobody_but_managers_the_office(
    makers_room: Category, office: Category, viewers: dict[str, Viewer]
) -> None:
    inside = {name for name, viewer in viewers.items() if may.can_see_category(viewer, makers_room)}
    assert inside == {"maker", "moderator", "manager", "admin"}
    assert {name for name, viewer in viewers.items() if may.can_see_category(viewer, office)} == {"manager", "admin"}


def test_news_come_from_the_maker_or_a_manager(square: Category, bowl: Item, viewers: dict[str, Viewer]) -> None:
    allowed = {n for n, viewer in viewers.items() if may.can_open_thread(viewer, square, "announcement", item=bowl)}
    assert allowed == {"maker", "manager", "admin"}
    verdict = may.can_open_thread(viewers["maker"], square, "announcement")
    assert verdict.code == "not_the_maker"


def test_a_category_says_who_opens_what(viewers: dict[str, Viewer]) -> None:
    news = make.make_category(kinds=["announcement"], opened_by=Category.OpenedBy.MANAGERS)
    assert may.can_open_thread(viewers["manager"], news, "talk").code == "kind_not_here"
    assert may.can_open_thread(viewers["moderator"], news, "announcement").code == "category_closed"
    assert may.can_open_thread(viewers["manager"], news, "announcement")


def test_the_asker_the_maker_and_managers_choose_the_answer(
    question: Thread, answer: Post, viewers: dict[str, Viewer]
) -> None:
    row = Thread.objects.select_related("category", "item__creator", "creator").get(pk=question.pk)
    answer.thread = row
    allowed = {name for name, viewer in viewers.items() if may.can_accept(viewer, row, answer)}
    assert allowed == {"author", "maker", "manager", "admin"}


def test_only_the_author_and_moderators_change_a_post(talk: Thread, viewers: dict[str, Viewer]) -> None:
    post = Post.objects.select_related("thread__category").get(thread=talk)
    for rule in (may.can_edit_post, may.can_delete_post):
        allowed = {name for name, viewer in viewers.items() if rule(viewer, post)}
        assert allowed == {"author", "moderator", "manager", "admin"}
    assert {name for name, viewer in viewers.items() if may.can_react(viewer, post)} == {
        "other", "maker", "moderator", "manager", "admin",
    }  # fmt: skip
    assert may.can_react(viewers["author"], post).code == "own_post"


def test_a_banned_member_may_nothing_but_read(talk: Thread, ben: Member) -> None:
    ben.banned_at = talk.created_at
    post = Post.objects.select_related("thread__category").get(thread=talk)
    assert may.can_see_post(ben, post)
    assert may.can_reply(ben, post.thread).code == "banned"
    assert may.can_react(ben, post).code == "banned"
    assert may.can_open_thread(ben, post.thread.category, "talk").code == "banned"


def test_one_look_is_enough_to_know_a_maker(sara: Member, maker: Creator, django_assert_num_queries) -> None:
    fresh = Member.objects.get(pk=sara.pk)
    with django_assert_num_queries(1):
        assert may.is_maker(fresh)
        assert may.is_maker(fresh)

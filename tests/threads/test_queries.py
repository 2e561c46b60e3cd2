"""Reads: what they cost, and that a long thread costs what a short one costs."""

import time
from collections.abc import Callable
from functools import partial

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.catalog.models import Item
from community.core.errors import Invalid, NotVisible
from community.core.paging import NumberPage
from community.members.models import Member
from community.members.permissions import VISITOR, Viewer
from community.threads import actions, queries
from community.threads.actions import NewPicture
from community.threads.actions.heat import settle_heat
from community.threads.models import Category, Post, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db

# An average post of the se-quantum data set: 600 characters.
BODY = "Walnut takes oil better than maple does, and wax on top keeps the water out for a season. " * 7


def fill(thread: Thread, author: Member, *, posts: int) -> Thread:
    """Bulk-load replies up to `posts` in all; counts as the actions would keep them."""
    have = thread.last_number
    rows = [
        Post(
            thread=thread,
            number=number,
            author=author,
            body=BODY,
            body_html=f"<p>{BODY}</p>",
            created_at=thread.created_at,
            reactions={"heart": 1},
        )
        for number in range(have + 1, posts + 1)
    ]
    Post.objects.bulk_create(rows, batch_size=2_000)
    Thread.objects.filter(pk=thread.pk).update(last_number=posts, reply_count=posts - 1)
    thread.refresh_from_db()
    return thread


def read_page(thread: Thread, viewer: Viewer, page: int) -> list[Post]:
    """All that a thread's page reads."""
    found = queries.get_thread(thread_id=thread.pk, viewer=viewer)
    numbers = NumberPage.of(page=page, size=settings.POSTS_PER_PAGE, total=found.last_number)
    posts = queries.thread_posts(thread=found, viewer=viewer, page=numbers)
    queries.my_reactions(viewer=viewer, posts=posts)
    return posts


def count_of(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        work()
    return len(seen)


@pytest.fixture
def short(talk: Thread, ben: Member) -> Thread:
    return fill(talk, ben, posts=20)


@pytest.fixture
def long(ana: Member, ben: Member, square: Category) -> Thread:
    thread = fill(make.open_thread(ana, square), ben, posts=10_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE threads_post")
    return thread


def test_a_page_of_ten_thousand_replies_asks_as_often_as_one_of_twenty(
    short: Thread, long: Thread, ana: Member
) -> None:
    pages = {"short": (short, 1), "first": (long, 1), "middle": (long, 250), "last": (long, 500)}
    asked = {name: count_of(partial(read_page, thread, ana, page)) for name, (thread, page) in pages.items()}
    assert asked == dict.fromkeys(pages, 3)
    assert [post.number for post in read_page(long, ana, 250)] == list(range(4981, 5001))


def test_the_middle_of_ten_thousand_replies_takes_no_longer(short: Thread, long: Thread, ana: Member) -> None:
    best: dict[str, float] = {}
    for _round in range(40):
        for name, thread, page in (("short", short, 1), ("middle", long, 250)):
            began = time.perf_counter()
            read_page(thread, ana, page)
            best[name] = min(best.get(name, 9.0), time.perf_counter() - began)
    assert best["middle"] <= 1.2 * best["short"], best


def test_pictures_and_cards_cost_one_query_a_kind(talk: Thread, ben: Member, bowl: Item, ana: Member) -> None:
    def post() -> None:
        picture = NewPicture(make.make_upload(ben).pk, "a bowl")
        make.reply(
            ben,
            talk,
            f"see /items/{bowl.pk}/ [it](/items/{bowl.pk}/)",
            pictures=[
                picture,
            ],
        )

    post()
    few = count_of(lambda: read_page(talk, ana, 1))
    for _more in range(5):
        post()
    assert count_of(lambda: read_page(talk, ana, 1)) == few == 6
    shown = read_page(talk, ana, 1)[1]
    assert [item.pk for item in shown.cards] == [bowl.pk]
    assert shown.pictures.all()[0].picture.width == 640


@pytest.mark.parametrize("sort", ["latest", "hot", "unanswered"])
def test_a_list_asks_as_often_for_many_threads_as_for_few(
    sort: str, question: Thread, ana: Member, square: Category, bowl: Item
) -> None:
    def read() -> list[object]:
        found = queries.list_threads(viewer=ana, sort=sort)
        return [(t.author.avatar, t.item and t.item.creator, list(t.tags.all()), t.category.name) for t in found.rows]

    few = count_of(read)
    for _more in range(5):
        make.open_thread(ana, square, kind="question", item_id=bowl.pk, tags=["oil"])
    assert len(read()) == 6
    assert count_of(read) == few == 4


def test_a_list_is_walked_to_its_end_and_back_without_loss(ana: Member, square: Category) -> None:
    made = [make.open_thread(ana, square).pk for _ in range(7)]
    seen, cursor = [], ""
    while True:
        found = queries.list_threads(viewer=VISITOR, cursor=cursor, size=3)
        seen += [thread.pk for thread in found.rows]
        if found.next is None:
            break
        cursor = found.next
    assert seen == made[::-1]
    assert found.previous is not None
    back = queries.list_threads(viewer=VISITOR, cursor=found.previous, size=3)
    assert [thread.pk for thread in back.rows] == seen[3:6]


def test_lists_by_kind_category_item_creator_author_and_tag(
    question: Thread, talk: Thread, ana: Member, ben: Member, bowl: Item, square: Category
) -> None:
    tagged = make.open_thread(ben, make.make_category(), tags=["Oil"])

    def found(**filters: object) -> set[Thread]:
        return set(queries.list_threads(viewer=VISITOR, **filters).rows)  # type: ignore[arg-type]

    assert found(kind="question") == found(item=bowl) == found(creator=bowl.creator) == {question}
    assert found(category=square) == found(author=ana) == {question, talk}
    assert found(tag=tagged.tags.get()) == {tagged}
    assert found(sort="unanswered") == {question}
    with pytest.raises(Invalid):
        found(sort="random")
    with pytest.raises(Invalid):
        found(cursor="bm9wZQ")


def test_what_a_member_wrote_leaves_out_what_others_may_not_read(
    answer: Post, question: Thread, ben: Member, talk: Thread, ana: Member
) -> None:
    make.reply(ben, talk)
    actions.delete_post(by=ana, post_id=make.opening(talk).pk)
    assert list(queries.list_posts(viewer=VISITOR, author=ben).rows) == [answer]


def test_gates_show_nothing_of_what_is_hidden(makers_room: Category, kanri: Member, ana: Member) -> None:
    thread = make.open_thread(kanri, makers_room)
    for gate in (
        lambda: queries.get_thread(thread_id=thread.pk, viewer=ana),
        lambda: queries.get_post(post_id=make.opening(thread).pk, viewer=ana),
        lambda: queries.get_category(slug=makers_room.slug, viewer=ana),
    ):
        with pytest.raises(NotVisible):
            gate()
    assert queries.categories(ana) == []
    assert queries.categories(kanri) == [makers_room]


def test_hot_threads_are_those_with_many_voices_lately(
    ana: Member, ben: Member, sara: Member, square: Category
) -> None:
    lonely, lively, old = (make.open_thread(ana, square, title=title) for title in ("lonely", "lively", "old"))
    for _again in range(3):
        make.reply(ana, lonely)
    make.reply(ben, lively)
    make.reply(sara, lively)
    before = list(queries.list_threads(viewer=VISITOR, sort="hot").rows)
    assert before == [lively, lonely, old]
    Thread.objects.update(hot_score=0)
    assert settle_heat() == 0
    after = list(queries.list_threads(viewer=VISITOR, sort="hot").rows)
    assert after == before
    assert [t.hot_score for t in after] == pytest.approx([t.hot_score for t in before], abs=0.01)


def test_settling_takes_the_heat_of_deleted_posts_out_again(ana: Member, ben: Member, square: Category) -> None:
    quiet, stirred = make.open_thread(ana, square), make.open_thread(ana, square)
    post = make.reply(ben, stirred)
    actions.react(member=ana, post_id=post.pk, kind="heart", on=True)
    actions.delete_post(by=ben, post_id=post.pk)
    settle_heat(batch=1)
    settle_heat(after_id=quiet.pk, batch=1)
    quiet.refresh_from_db()
    stirred.refresh_from_db()
    assert stirred.hot_score == pytest.approx(quiet.hot_score, abs=0.01)

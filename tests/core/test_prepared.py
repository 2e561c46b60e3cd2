"""A query that was made into SQL once gives what Django gives."""

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext

from community.core.prepared import Given, Prepared, among, hang
from community.members.models import Member
from community.threads.models import Post, Thread
from community.threads.queries import gates, lists, posts
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(db: None) -> Thread:
    ana, ben = make.make_member("ana"), make.make_member("ben")
    thread = make.open_thread(ana, make.make_category(), tags=["oil"], item_id=make.make_item(make.make_shop()).pk)
    first = make.reply(ben, thread)
    make.reply(ana, thread, reply_to_id=first.pk)
    return thread


def as_told(row: Model | None) -> object:
    """All that a model and those that hang on it hold."""
    if row is None:
        return None
    below = {name: as_told(one) for name, one in row._state.fields_cache.items()}
    fields = {key: value for key, value in row.__dict__.items() if not key.startswith("_")}
    return type(row), fields, below, row._state.adding, row._state.db


def same(
    prepared: Prepared[Post] | Prepared[Thread], plain: QuerySet[Post] | QuerySet[Thread], **given: object
) -> None:
    asked = [as_told(row) for row in prepared.all(**given)]
    assert asked == [as_told(row) for row in plain]
    assert asked


def test_rows_with_all_that_hangs_on_them_are_those_of_django(thread: Thread) -> None:
    same(gates._THREAD, Thread.objects.select_related(*gates.WITH).filter(pk=thread.pk), thread_id=thread.pk)
    joined = posts._POSTS._make().query.select_related
    assert joined
    plain = Post.objects.filter(thread=thread).select_related("author__avatar", "reply_to__author").order_by("number")
    names = [field.name for field in Post._meta.concrete_fields]
    plain = plain.only(
        *names,
        *("author__handle", "author__display_name", "author__role", "author__avatar__file"),
        *("reply_to__number", "reply_to__thread", "reply_to__author__display_name", "reply_to__author__handle"),
    )
    same(posts._POSTS, plain, thread_id=thread.pk, first=1, last=3)


def test_a_list_of_ids_finds_its_rows(thread: Thread) -> None:
    some = Prepared(lambda: Post.objects.filter(among("pk", "posts")).order_by("pk"))
    wanted = list(Post.objects.order_by("pk")[:2])
    assert some.all(posts=[post.pk for post in wanted]) == wanted
    assert some.all(posts=[]) == []


def test_first_gives_the_row_or_none_whatever_the_number(thread: Thread) -> None:
    assert gates._THREAD.first(thread_id=thread.pk) == thread
    for number in (0, -1, 2**31, 2**63, 10**30):
        assert gates._THREAD.first(thread_id=number) is None


def test_a_field_that_was_left_out_is_read_when_asked_for(thread: Thread) -> None:
    handles: Prepared[Member] = Prepared(lambda: Member.objects.only("handle").filter(pk=Given("pk")))
    found = handles.first(pk=thread.author_id)
    assert found is not None
    with CaptureQueriesContext(connection) as asked:
        assert found.display_name == thread.author.display_name
    assert len(asked) == 1


def test_what_is_hung_on_a_row_is_what_prefetching_would_hang(thread: Thread) -> None:
    [[row]] = lists.with_parts([thread])
    plain = Thread.objects.prefetch_related("tags", "item__pictures").get(pk=thread.pk)  # type: ignore[misc]
    with CaptureQueriesContext(connection) as asked:
        assert list(row.tags.all()) == list(plain.tags.all()) != []
        assert row.item is not None and plain.item is not None
        assert list(row.item.pictures.all()) == list(plain.item.pictures.all())
    assert len(asked) == 0
    hang(row, tags=())
    assert list(row.tags.all()) == []

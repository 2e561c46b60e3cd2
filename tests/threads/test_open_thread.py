"""Opening a thread: who may, where, and what it leaves behind."""

import pytest

from community.catalog.models import Creator, Item, Tag
from community.core.errors import Invalid, NotAllowed, NotVisible
from community.members.models import Member
from community.members.permissions import VISITOR
from community.threads.models import Category, Post, Thread
from tests.factories import threads as make
from tests.threads.counting import assert_counts_are_exact

pytestmark = pytest.mark.django_db


def test_a_visitor_cannot_open_a_thread(square: Category) -> None:
    with pytest.raises(NotAllowed) as refusal:
        make.open_thread(VISITOR, square)  # type: ignore[arg-type]
    assert refusal.value.code == "sign_in_first"
    assert not Thread.objects.exists()


def test_a_category_that_is_not_for_you_is_not_there(ana: Member, office: Category) -> None:
    with pytest.raises(NotVisible):
        make.open_thread(ana, office)
    assert not Thread.objects.exists()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", {"title": " \u200b "}),
        ("title", {"title": "a" * 121}),
        ("body", {"body": ""}),
        ("kind", {"kind": "poll"}),
        ("tags", {"tags": ["a", "b", "c", "d", "e", "f"]}),
        ("tags", {"tags": ["t" * 41]}),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_field(ana: Member, square: Category, field: str, words: dict) -> None:
    with pytest.raises(Invalid) as refusal:
        make.open_thread(ana, square, **words)
    assert refusal.value.field == field
    assert not Thread.objects.exists()
    assert not Tag.objects.exists()


def test_an_item_of_a_closed_shop_is_not_there(ana: Member, square: Category) -> None:
    hidden = make.make_item(make.make_shop(is_open=False))
    for item_id in (hidden.pk, hidden.pk + 99):
        with pytest.raises(NotVisible):
            make.open_thread(ana, square, item_id=item_id)


def test_a_question_about_an_item_counts_there(question: Thread, bowl: Item, maker: Creator, ana: Member) -> None:
    bowl.refresh_from_db()
    assert (question.item, question.creator, question.last_number) == (bowl, maker, 1)
    assert (bowl.thread_count, bowl.question_count, bowl.answered_count) == (1, 1, 0)
    assert bowl.last_talk_at == question.created_at
    assert Post.objects.get(thread=question).number == 1
    assert_counts_are_exact()


def test_spellings_of_one_tag_are_one_tag(ana: Member, square: Category) -> None:
    first = make.open_thread(ana, square, tags=["レザー", "ﾚｻﾞｰ", "#れざー", "Ｗallet"])
    second = make.open_thread(ana, square, tags=["WALLET", "レザー"])
    assert {tag.name for tag in first.tags.all()} == {"Wallet", "レザー"}
    assert set(first.tags.all()) == set(second.tags.all())
    assert Tag.objects.count() == 2


def test_a_title_is_one_plain_line_and_makes_the_address(ana: Member, square: Category) -> None:
    thread = make.open_thread(ana, square, title="  木の器\n<b>お手入れ</b>  ")
    assert thread.title == "木の器 <b>お手入れ</b>"
    assert thread.slug == "木の器-bお手入れb"
    assert make.open_thread(ana, square, title="！？").slug == ""

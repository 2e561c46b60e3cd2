"""The search page, what it offers while one types, the API, and what managers see of it."""

import re
from datetime import timedelta
from urllib.parse import unquote, urlencode

import pytest
from django.test import Client

from community.catalog.models import Item, Shop
from community.core.clock import held_at, now
from community.members.models import Member
from community.members.permissions import VISITOR
from community.search import actions, queries
from community.search.models import Document, Lookup
from community.search.queries.examples import forget as forget_examples
from community.search.registry import example_of
from community.threads.models import Category
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.search.conftest import Find

pytestmark = pytest.mark.django_db


def page(client: Client, **asked: str) -> str:
    answer = client.get("/search/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_page_has_the_box_and_the_search_page_a_larger_one(client: Client, db: None) -> None:
    assert 'action="/search/"' in client.get("/about/").content.decode()
    assert page(client).count('role="search"') == 1


def test_results_say_what_they_are_and_where_they_lead(client: Client, wallet: Item) -> None:
    html = page(client, q="サイフ")
    assert wallet.get_absolute_url() in html
    assert "本革の<mark>財布</mark>" in html
    assert "¥12,000" in html or "￥12,000" in html


def test_what_was_typed_is_never_html(client: Client, wallet: Item) -> None:
    html = page(client, q='"><script>alert(1)</script>')
    assert "<script>alert" not in html


def test_nothing_found_says_what_to_do_next(client: Client, wallet: Item) -> None:
    html = page(client, q="潜水艦")
    assert "「潜水艦」に当てはまるものは見つかりませんでした" in html
    assert "/threads/new/" in html


def test_a_foreign_cursor_is_refused_politely(client: Client, wallet: Item) -> None:
    assert client.get("/search/", {"q": "財布", "cursor": "xx"}).status_code == 422


def test_suggestions_are_titles_and_addresses(client: Client, wallet: Item) -> None:
    answer = client.get("/search/suggest/", {"q": "さい"}).json()
    assert answer == {"rows": [{"url": wallet.get_absolute_url(), "title": "本革の財布", "label": "作品"}]}


def test_too_many_questions_are_told_to_wait(client: Client, wallet: Item, settings: object) -> None:
    settings.LIMITS = {"search": {"address": (2, 60)}}  # type: ignore[attr-defined]
    codes = [client.get("/search/", {"q": "財布"}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert client.get("/search/").status_code == 200


def test_the_api_says_the_same(client: Client, wallet: Item) -> None:
    answer = client.get("/api/v1/search", {"q": "財布 in:nowhere"}).json()
    [row] = answer["results"]
    assert (row["kind"], row["id"], row["url"]) == ("item", wallet.pk, wallet.get_absolute_url())
    assert answer["kinds"] == {"item": 1}
    assert answer["next"] is None and len(answer["hints"]) == 1
    assert client.get("/api/v1/search", {"q": "a" * 201}).status_code == 422


def test_a_page_asks_a_fixed_number_of_questions(
    client: Client, wallet: Item, ana: Member, square: Category, django_assert_num_queries: object
) -> None:
    for number in range(12):
        make.open_thread(ana, square, title=f"財布 {number}", item_id=wallet.pk)
    page(client, q="財布")
    # places of shops and categories · statistics (kept) · documents · items, their pictures · threads, first posts
    # · names of categories, tags and makers to narrow down by
    # · the note in the log, which is a transaction of its own (two savepoint statements inside of a test)
    with django_assert_num_queries(15):  # type: ignore[operator]
        page(client, q="財布")


# --- What people look for ------------------------------------------------------------------------------------


def test_questions_are_counted_by_day_without_names(client: Client, wallet: Item) -> None:
    for text in ("財布", "  財布 ", "潜水艦"):
        page(client, q=text)
    page(client, q="財布", kind="item")
    rows = {row.question: (row.times, row.in_vain) for row in Lookup.objects.all()}
    assert rows == {"財布": (2, 0), "潜水艦": (1, 1)}
    assert {field.name for field in Lookup._meta.get_fields()} == {
        "id",
        "day",
        "question",
        "language",
        "times",
        "in_vain",
    }


@pytest.mark.parametrize("text", ["hana@example.org", "090-1234-5678", "4111 1111 1111 1111", "。。", "/threads/1/"])
def test_what_is_private_or_no_word_is_not_kept(client: Client, db: None, text: str) -> None:
    page(client, q=text)
    assert not Lookup.objects.filter(question__contains=text.strip("/")).exists() or text.startswith("/")


def test_old_questions_are_forgotten(db: None) -> None:
    with held_at(now() - timedelta(days=91)):
        actions.note_lookup(question="古い", language="ja", found=True)
    actions.note_lookup(question="新しい", language="ja", found=True)
    assert actions.forget_lookups() == 1
    assert [row.question for row in Lookup.objects.all()] == ["新しい"]


def test_managers_see_what_is_looked_for_and_others_do_not(client: Client, kanri: Member, ana: Member) -> None:
    actions.note_lookup(question="潜水艦", language="ja", found=False)
    assert client.get("/search/lookups/").status_code == 302
    client.force_login(ana)
    assert client.get("/search/lookups/").status_code == 403
    client.force_login(kanri)
    assert "潜水艦" in client.get("/search/lookups/").content.decode()


# --- Help, addresses, and what to do when nothing is found -----------------------------------------------------


def test_every_example_of_the_help_finds_something(client: Client, wallet: Item, ana: Member, square: Category) -> None:
    make.open_thread(ana, square, title="財布の色", body="茶色ですか。", tags=["革小物"])
    forget_examples()
    html = page(client)
    for name in ("by", "in", "tag", "words", "price"):
        assert example_of(name)
    asked = [unquote(one) for one in re.findall(r'search-example" rel="nofollow" href="[^"]*\?q=([^"]*)"', html)]
    assert "投稿者：革工房もり" in asked and "タグ：革小物" in asked
    for text in asked:
        if not text.startswith(("写真", "種類")):
            assert 'class="result"' in page(client, q=text), text


def test_a_part_of_the_name_that_is_shown_is_enough(client: Client, ana: Member, square: Category) -> None:
    Member.objects.filter(pk=ana.pk).update(display_name="山本花子", name_key="山本花子")
    thread = make.open_thread(ana, square, title="財布の色", body="茶色ですか。")
    for name in ("花子", "山本", "山本花子"):
        assert thread.get_absolute_url() in page(client, q=f"by:{name}")


@pytest.mark.parametrize(
    ("asked", "said"), [("投稿者：", "「投稿者:」のすぐ後に"), ("by:だれか", "「だれか」という方は")]
)
def test_an_operator_that_means_nothing_is_named(client: Client, wallet: Item, asked: str, said: str) -> None:
    html = page(client, q=asked)
    assert said in html and "残りのことばで" not in html
    assert "残りのことばで" in page(client, q=f"財布 {asked}")


def test_a_filter_that_nothing_fits_is_named_and_can_be_left_out(client: Client, wallet: Item) -> None:
    html = page(client, q="財布 tag:nothere")
    assert "「tag:nothere」に当てはまるものはありません" in html
    assert 'href="/search/?q=%E8%B2%A1%E5%B8%83"' in html
    assert "これを外して" not in page(client, q="tag:nothere")


def test_what_was_not_found_is_asked_in_its_own_words(client: Client, wallet: Item) -> None:
    assert f"/threads/new/?{urlencode({'title': '潜水艦の色'})}" in page(client, q="潜水艦の色 is:question")


@pytest.mark.parametrize("address", ["/threads/999999/", "/items/999999/x/", "/posts/999999/", "/creators/nobody/"])
def test_an_address_with_nothing_behind_it_finds_nothing(client: Client, wallet: Item, address: str) -> None:
    html = page(client, q=address)
    assert "このアドレスのページはありません" in html and 'class="result"' not in html
    assert not Lookup.objects.exists()


def test_an_address_of_another_page_leads_there(client: Client, wallet: Item) -> None:
    assert '<a href="/items/">/items/</a>' in page(client, q="/items/")


def test_what_has_some_of_the_words_only_was_looked_for_in_vain(client: Client, wallet: Item, kobo: Shop) -> None:
    page(client, q="財布 潜水艦")
    assert [(row.times, row.in_vain) for row in Lookup.objects.all()] == [(1, 1)]


def test_managers_are_led_to_what_is_looked_for(client: Client, kanri: Member, ana: Member) -> None:
    client.force_login(ana)
    assert "/search/lookups/" not in page(client)
    client.force_login(kanri)
    assert "/search/lookups/" in page(client)
    actions.note_lookup(question="潜水艦", language="ja", found=False)
    assert "日本語" in client.get("/search/lookups/").content.decode()


# --- Narrowing down --------------------------------------------------------------------------------------------


@pytest.fixture
def many(kobo: Shop, wallet: Item, ana: Member, square: Category) -> None:
    shops.bring_creator(kobo, "c2", name="Studio Ao")
    for number, price in enumerate((1500, 3200, 5100)):
        shops.make_item(
            kobo, f"m{number}", title=f"財布 {number}", price=str(price), creator="c2", tags=["布"] if number else []
        )
    make.open_thread(ana, square, title="財布の色", body="茶色ですか。", kind="question", tags=["革小物"])


def choices(text: str, **given: str) -> dict[str, dict[str, tuple[str, int | None]]]:
    found = queries.search(text=text, viewer=VISITOR, **given)  # type: ignore[arg-type]
    facets = queries.facets_of(found=found.counted, asked=found.asked, text=text, kind=given.get("kind", ""))
    return {str(one.title): {str(it.name): (it.question, it.count) for it in one.choices} for one in facets}


def test_what_was_found_can_be_narrowed_by_what_it_has(many: None, square: Category) -> None:
    found = choices("財布")
    assert found["作家"] == {"Studio Ao": ('財布 by:"Studio Ao"', 3), "革工房もり": ("財布 by:革工房もり", 1)}
    assert found["タグ"] == {"布": ("財布 tag:布", 2), "革小物": ("財布 tag:革小物", 2)}
    assert found["カテゴリ"] == {square.name: (f"財布 in:{square.name}", 1)}
    assert found["質問"] == {"未回答": ("財布 is:unanswered", 1)}
    assert len(found["価格"]) == 3
    assert set(choices("財布", kind="thread")) == set()


def test_each_choice_finds_as_many_as_it_says(many: None) -> None:
    for facet in choices("財布").values():
        for question, count in facet.values():
            assert queries.search(text=question, viewer=VISITOR).total == count, question


def test_what_was_chosen_is_not_offered_again_and_can_be_taken_back(client: Client, many: None) -> None:
    assert "タグ" not in choices("財布 tag:布")
    html = page(client, q="財布 tag:布")
    assert 'class="search-chosen"' in html and f'href="/search/?{urlencode({"q": "財布"})}"' in html


def test_the_newest_may_come_first(many: None, kobo: Shop, find: Find) -> None:
    with held_at(now() - timedelta(days=30)):
        shops.make_item(kobo, "old", title="財布 財布", price="2000")
    newest = find("財布", newest=True)
    ids = [Document.objects.get(kind=kind, object_id=pk).created_at for kind, pk in newest]
    assert ids == sorted(ids, reverse=True) and len(set(newest)) == 6
    assert set(find("財布")) == set(newest)


def test_what_may_not_be_read_is_not_counted(many: None, square: Category) -> None:
    Category.objects.filter(pk=square.pk).update(read_by="managers")
    assert "カテゴリ" not in choices("財布") and "質問" not in choices("財布")

"""The search page, what it offers while one types, the API, and what managers see of it."""

from datetime import timedelta

import pytest
from django.test import Client

from community.catalog.models import Item
from community.core.clock import held_at, now
from community.members.models import Member
from community.search import actions
from community.search.models import Lookup
from community.threads.models import Category
from tests.factories import threads as make

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
    # · the note in the log, which is a transaction of its own (two savepoint statements inside of a test)
    with django_assert_num_queries(12):  # type: ignore[operator]
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

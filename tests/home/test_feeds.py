"""Feeds: Atom that readers take, with whole texts and ids that last, and nothing that a visitor could not read."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client
from django.utils.feedgenerator import rfc3339_date

from community.catalog.models import Item
from community.core.text import with_whole_addresses, words_of
from community.home.views import atom
from community.members.models import Member
from community.threads import actions
from community.threads.models import Category, PostPicture, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
ORIGIN = settings.SITE_ORIGIN


@pytest.fixture
def ana() -> Member:
    return make.make_member("ana")


@pytest.fixture
def ben() -> Member:
    return make.make_member("ben")


@pytest.fixture
def square() -> Category:
    return make.make_category(slug="square")


@pytest.fixture
def club() -> Category:
    return make.make_category(slug="club", read_by="creators")


@pytest.fixture
def bowl() -> Item:
    shop = make.make_shop()
    return make.make_item(shop, creator=make.make_creator(shop))


@pytest.fixture
def wax(ana: Member, square: Category, bowl: Item) -> Thread:
    return make.open_thread(ana, square, title="Which <wax> & oil?", item_id=bowl.pk, tags=["wax"])


def feed(client: Client, path: str, language: str = "en") -> Any:
    answer = client.get(path, headers={"accept-language": language})
    assert answer.status_code == 200, path
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def titles(client: Client, path: str) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in feed(client, path).iter(f"{ATOM}entry")]


def places(wax: Thread, bowl: Item) -> list[str]:
    assert bowl.creator is not None
    return [
        *("/threads/feed/", "/threads/in/square/feed/", "/tags/wax/feed/"),
        *(f"/items/{bowl.pk}/talk/feed/", f"/creators/{bowl.creator.slug}/feed/"),
    ]


def test_a_private_place_a_closed_shop_and_a_hidden_thread_have_no_feed_for_anybody(
    client: Client, ana: Member, club: Category, wax: Thread, bowl: Item
) -> None:
    kanri = make.make_member("kanri", role=Member.Role.MANAGER)
    secret = make.open_thread(kanri, club, title="Secret")
    Thread.objects.filter(pk=wax.pk).update(state="hidden")
    type(bowl.shop).objects.update(is_open=False)
    assert bowl.creator is not None
    for who in (None, ana, kanri):
        if who is not None:
            client.force_login(who)
        for path in ("/threads/in/club/feed/", f"/threads/{secret.pk}/feed/", f"/threads/{wax.pk}/feed/"):
            assert client.get(path).status_code == 404, path
        for path in (f"/items/{bowl.pk}/talk/feed/", f"/creators/{bowl.creator.slug}/feed/"):
            assert client.get(path).status_code == 404, path
        assert titles(client, "/threads/feed/") == titles(client, "/tags/wax/feed/") == []


def test_a_thread_stands_in_the_feed_of_every_place_it_lies_in(client: Client, wax: Thread, bowl: Item) -> None:
    for path in places(wax, bowl):
        assert titles(client, path) == ["Which <wax> & oil?"], path


def test_the_pages_name_their_feeds_in_their_head_and_show_them(
    client: Client, wax: Thread, bowl: Item, club: Category
) -> None:
    assert bowl.creator is not None
    pages = ["/threads/", "/threads/in/square/", "/tags/wax/", bowl.get_absolute_url()]
    pages += [bowl.creator.get_absolute_url(), wax.get_absolute_url()]
    for page, path in zip(pages, [*places(wax, bowl), f"/threads/{wax.pk}/feed/"], strict=True):
        head, _, body = client.get(page).text.partition("</head>")
        assert 'type="application/atom+xml" title="' in head and f'href="{path}"' in head, page
        assert f'href="{path}" type="application/atom+xml"' in body, page
    client.force_login(make.make_member("kanri", role=Member.Role.MANAGER))
    assert "atom+xml" not in client.get("/threads/in/club/").text


def test_an_entry_has_all_that_readers_need(client: Client, ana: Member, ben: Member, wax: Thread) -> None:
    make.reply(ben, wax)
    wax.refresh_from_db()
    root = feed(client, "/threads/feed/")
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert root.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated")
    assert {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")} == {
        "alternate": f"{ORIGIN}/threads/",
        "self": f"{ORIGIN}/threads/feed/",
    }
    assert entry.findtext(f"{ATOM}id") == atom.tag_uri(f"thread.{wax.pk}")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == ana.display_name
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == f"{ORIGIN}/members/{ana.handle}/"
    assert entry.findtext(f"{ATOM}published") == rfc3339_date(wax.created_at)
    assert entry.findtext(f"{ATOM}updated") == rfc3339_date(wax.last_post_at)
    assert [tag.get("term") for tag in entry.findall(f"{ATOM}category")] == ["wax"]
    replies = entry.find(f"{ATOM}link[@rel='replies']")
    assert replies is not None and replies.get(f"{{{atom.THREADING}}}count") == "1"
    assert "spring" in str(entry.findtext(f"{ATOM}content"))


def test_the_id_stays_when_the_title_and_the_address_change(client: Client, ana: Member, wax: Thread) -> None:
    before = feed(client, "/threads/feed/").findtext(f"{ATOM}entry/{ATOM}id")
    post = make.opening(wax)
    actions.edit_post(editor=ana, post_id=post.pk, body="Rapeseed?", seen_version=post.version, title="Oils")
    after = feed(client, "/threads/feed/").find(f"{ATOM}entry")
    assert after is not None
    assert (after.findtext(f"{ATOM}id"), after.findtext(f"{ATOM}title")) == (before, "Oils")
    assert "Rapeseed?" in str(after.findtext(f"{ATOM}content"))


def test_texts_are_our_clean_html_with_whole_addresses_and_their_pictures(
    client: Client, ana: Member, ben: Member, square: Category, bowl: Item
) -> None:
    body = f'[This]({bowl.get_absolute_url()}), @{ben.handle}\n\n<script>alert(1)</script> `href="/x"`'
    thread = make.open_thread(ana, square, body=body)
    post, upload = make.opening(thread), make.make_upload(ana)
    PostPicture.objects.create(post=post, picture=upload, position=0, alt='A "bowl"')
    type(post).objects.filter(pk=post.pk).update(picture_count=1)
    html = str(feed(client, "/threads/feed/").findtext(f"{ATOM}entry/{ATOM}content"))
    assert f'href="{ORIGIN}{bowl.get_absolute_url()}"' in html
    assert f'href="{ORIGIN}/members/{ben.handle}/"' in html
    assert f'<img src="{ORIGIN}{upload.url}" width="640" height="480" alt="A &quot;bowl&quot;">' in html
    assert "<script" not in html and 'href="/x"' in words_of(html)


def test_a_new_reply_is_the_first_of_its_thread_and_a_deleted_one_is_gone(
    client: Client, ben: Member, wax: Thread
) -> None:
    path = f"/threads/{wax.pk}/feed/"
    assert titles(client, path) == []
    first, second = make.reply(ben, wax, "Bees"), make.reply(ben, wax, "Carnauba")
    assert titles(client, path) == [f"Reply {number} by {ben.display_name}" for number in (3, 2)]
    entry = feed(client, path).find(f"{ATOM}entry")
    assert entry is not None and entry.findtext(f"{ATOM}id") == atom.tag_uri(f"post.{second.pk}")
    actions.delete_post(by=ben, post_id=second.pk)
    actions.edit_post(editor=ben, post_id=first.pk, body="Beeswax", seen_version=1)
    assert [words_of(str(one.text)) for one in feed(client, path).iter(f"{ATOM}content")] == ["Beeswax"]
    actions.delete_post(by=wax.author, post_id=make.opening(wax).pk)
    assert client.get(path).status_code == 404 and titles(client, "/threads/feed/") == []


def test_a_feed_holds_thirty_entries_the_newest_first(client: Client, ben: Member, wax: Thread) -> None:
    for _number in range(34):
        make.reply(ben, wax)
    found = titles(client, f"/threads/{wax.pk}/feed/")
    assert len(found) == atom.LIMIT == 30
    assert found[0].startswith("Reply 35 ") and found[-1].startswith("Reply 6 ")


def test_feeds_speak_the_readers_language_and_an_empty_one_is_always_the_same(client: Client, wax: Thread) -> None:
    assert feed(client, "/threads/feed/", "ja").findtext(f"{ATOM}title") == f"話題 – {settings.SITE_NAME}"
    path = f"/threads/{wax.pk}/feed/"
    assert client.get(path).content == client.get(path).content
    assert feed(client, path).findtext(f"{ATOM}updated") == "2026-01-01T00:00:00+00:00"


def test_a_thread_whose_title_is_the_word_feed_has_both_pages(client: Client, ana: Member, square: Category) -> None:
    thread = make.open_thread(ana, square, title="Feed")
    assert thread.get_absolute_url() == f"/threads/{thread.pk}/"
    assert client.get(thread.get_absolute_url()).status_code == 200
    feed(client, f"/threads/{thread.pk}/feed/")


def test_any_spelling_of_a_tag_leads_to_its_feed(client: Client, wax: Thread) -> None:
    assert client.get("/tags/WAX/feed/")["Location"] == "/tags/wax/feed/"


@pytest.mark.parametrize(
    ("html", "whole"),
    [
        ('<a href="/a">x</a>', '<a href="https://h/a">x</a>'),
        ("<a title='>' href='/a'>x</a>", "<a title='>' href='https://h/a'>x</a>"),
        ('<a href="//other/a">x</a>', '<a href="//other/a">x</a>'),
        ('<a href="https://other/a">x</a>', '<a href="https://other/a">x</a>'),
        ('<code>&lt;a href="/a"&gt;</code> href="/a"', '<code>&lt;a href="/a"&gt;</code> href="/a"'),
    ],
)
def test_only_our_own_addresses_become_whole(html: str, whole: str) -> None:
    assert with_whole_addresses(html, "https://h") == whole


def test_words_keep_their_lines_and_lose_their_marks() -> None:
    html = "<h2>A &amp; B</h2>\n<p>one<br>two <strong>three</strong></p><ul><li>x</li><li>y</li></ul>"
    assert words_of(html) == "A & B\none\ntwo three\nx\ny"

"""What search engines are told: the maps of the site, the one address of each page, and how links look elsewhere."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from community.catalog.models import Item, Shop
from community.home.queries import sitemaps
from community.members.models import Member
from community.threads import actions
from community.threads.models import Category, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
ORIGIN = settings.SITE_ORIGIN
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def ana() -> Member:
    return make.make_member("ana")


@pytest.fixture
def square() -> Category:
    return make.make_category(slug="square")


@pytest.fixture
def shop() -> Shop:
    return make.make_shop()


@pytest.fixture
def bowl(shop: Shop) -> Item:
    return make.make_item(shop, creator=make.make_creator(shop, item_count=1))


def places(client: Client, path: str) -> list[str]:
    """The paths that a map lists."""
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/xml; charset=utf-8", path
    return [str(place.text).removeprefix(ORIGIN) for place in ElementTree.fromstring(answer.content).iter(f"{MAP}loc")]


def links(client: Client, path: str) -> dict[str, str]:
    """`rel` and path of the links about a page's place."""
    html = client.get(path).text
    return {
        rel: url.replace("&amp;", "&").removeprefix(ORIGIN)
        for rel, url in re.findall(r'<link rel="(canonical|prev|next)" href="([^"]+)">', html)
    }


class TestMaps:
    def test_they_name_no_page_that_a_visitor_may_not_see(
        self, client: Client, ana: Member, square: Category, shop: Shop, bowl: Item
    ) -> None:
        private = make.make_category(slug="club", read_by="managers")
        kanri = make.make_member("kanri", role=Member.Role.MANAGER)
        gone = make.open_thread(ana, square, title="Gone")
        make.open_thread(kanri, private, title="Secret")
        Thread.objects.filter(pk=gone.pk).update(state="deleted")
        Shop.objects.update(is_open=False)
        client.force_login(kanri)
        assert places(client, "/sitemap.xml") == ["/sitemap-pages.xml"]
        assert "/threads/in/club/" not in places(client, "/sitemap-pages.xml")
        assert client.get("/sitemap-threads-1.xml").status_code == 404

    def test_the_index_leads_to_every_row_once(
        self, client: Client, ana: Member, square: Category, bowl: Item, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sitemaps, "RANGE", 3)
        threads = [make.open_thread(ana, square) for _number in range(7)]
        Thread.objects.filter(pk__in=[one.pk for one in threads[2:6]]).update(state="hidden")
        maps = places(client, "/sitemap.xml")
        listed = [path for one in maps for path in places(client, one)]
        seen = [threads[0], threads[1], threads[6]]
        assert sorted(listed) == sorted(set(listed))
        assert [path for path in listed if re.match(r"/threads/\d", path)] == [one.get_absolute_url() for one in seen]
        assert bowl.creator is not None
        assert {bowl.get_absolute_url(), bowl.creator.get_absolute_url(), "/", "/threads/in/square/"} <= set(listed)
        assert all(client.get(path).status_code == 200 for path in listed)

    def test_a_row_says_when_it_was_talked_about_last(self, client: Client, ana: Member, square: Category) -> None:
        thread = make.open_thread(ana, square)
        part = (thread.pk - 1) // sitemaps.RANGE + 1
        changed = ElementTree.fromstring(client.get(f"/sitemap-threads-{part}.xml").content).find(f".//{MAP}lastmod")
        assert changed is not None and changed.text == thread.last_post_at.isoformat(timespec="seconds")

    @pytest.mark.parametrize("path", ["threads-0", "threads-999999999999999999999", "threads-5", "members-1"])
    def test_there_is_no_other_map(self, client: Client, path: str) -> None:
        assert client.get(f"/sitemap-{path}.xml").status_code == 404

    def test_robots_hear_of_the_maps_and_of_what_is_nothing_for_them(self, client: Client) -> None:
        answer = client.get("/robots.txt")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        lines = answer.text.splitlines()
        assert lines[0] == "User-agent: *" and lines[-1] == f"Sitemap: {ORIGIN}/sitemap.xml"
        assert {"Disallow: /search/", "Disallow: /accounts/"} <= set(lines)


class TestCanonical:
    @pytest.mark.parametrize(
        ("asked", "known"),
        [
            *(("/", "/"), ("/about/", "/about/"), ("/tags/", "/tags/"), ("/creators/?x=1", "/creators/")),
            *(("/threads/?sort=hot", "/threads/"), ("/threads/?sort=latest&x=1", "/threads/")),
            *(("/threads/?kind=question&sort=hot", "/threads/?kind=question"), ("/threads/?kind=none", "/threads/")),
            *(("/items/?sort=price&category=Bowls", "/items/?category=Bowls"), ("/items/?min=100", "/items/")),
            *(("/threads/in/square/", "/threads/in/square/"), ("/threads/in/square/?sort=hot", "/threads/in/square/")),
        ],
    )
    def test_other_ways_to_a_list_lead_to_one_address(
        self, client: Client, square: Category, asked: str, known: str
    ) -> None:
        assert links(client, asked) == {"canonical": known}

    def test_a_page_of_a_thread_knows_its_number_and_its_neighbours(
        self, client: Client, ana: Member, square: Category, settings: Any
    ) -> None:
        settings.POSTS_PER_PAGE = 2
        thread = make.open_thread(ana, square)
        for _number in range(5):
            make.reply(ana, thread)
        url = thread.get_absolute_url()
        first = {"canonical": url, "next": f"{url}?page=2"}
        for asked in ("", "?page=1", "?page=0", "?at=2", "?x=1"):
            assert links(client, url + asked) == first, asked
        second = {"canonical": f"{url}?page=2", "prev": url, "next": f"{url}?page=3"}
        assert links(client, f"{url}?page=2") == links(client, f"{url}?at=4") == second
        assert links(client, f"{url}?page=99") == {"canonical": f"{url}?page=3", "prev": f"{url}?page=2"}

    def test_a_slice_of_a_list_names_its_neighbours(self, client: Client, ana: Member, square: Category) -> None:
        for _number in range(21):
            make.open_thread(ana, square, kind="question")
        first = links(client, "/threads/?kind=question")
        second = links(client, first["next"])
        assert first["canonical"] == "/threads/?kind=question"
        assert second["canonical"] == first["next"]
        assert set(second) == {"canonical", "prev"}

    def test_a_tab_with_other_content_has_its_own_address(
        self, client: Client, ana: Member, square: Category, bowl: Item
    ) -> None:
        make.open_thread(ana, square, tags=["wax"])
        assert bowl.creator is not None
        maker = bowl.creator.get_absolute_url()
        assert links(client, "/tags/wax/?tab=items") == {"canonical": "/tags/wax/"}
        assert links(client, "/tags/wax/?tab=threads") == {"canonical": "/tags/wax/?tab=threads"}
        assert links(client, f"{maker}?tab=talk") == {"canonical": f"{maker}?tab=talk"}
        assert links(client, f"{bowl.get_absolute_url()}?tab=questions") == {"canonical": bowl.get_absolute_url()}


class TestCards:
    def card(self, client: Client, path: str) -> dict[str, str]:
        found = re.findall(
            r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', client.get(path).text
        )
        assert len(dict(found)) == len(found), "a word is said twice"
        return dict(found)

    def test_a_thread_shows_its_title_its_words_and_the_first_picture(
        self, client: Client, ana: Member, square: Category
    ) -> None:
        upload = make.make_upload(ana)
        picture = actions.NewPicture(picture_id=upload.pk, alt="")
        thread = make.open_thread(ana, square, title='Wax "and" oil', pictures=[picture])
        card = self.card(client, thread.get_absolute_url())
        assert card["og:title"] == "Wax &quot;and&quot; oil"
        assert card["og:description"] == "I oil mine every spring."
        assert card["og:url"] == ORIGIN + thread.get_absolute_url()
        assert card["og:image"] == ORIGIN + upload.url
        assert (card["og:type"], card["twitter:card"]) == ("article", "summary_large_image")

    def test_what_has_no_picture_of_its_own_is_known_by_ours(self, client: Client, square: Category) -> None:
        thread = make.open_thread(make.make_member("ben"), square)
        for path in ("/", thread.get_absolute_url()):
            card = self.card(client, path)
            assert card["og:image"] == f"{ORIGIN}/static/img/card.png"
            assert card["twitter:card"] == "summary_large_image"
        with Image.open(str(finders.find("img/card.png"))) as picture:
            assert picture.size == (1200, 630)

    def test_items_and_makers_have_a_card_and_none_names_a_picture_that_is_not_there(
        self, client: Client, bowl: Item
    ) -> None:
        assert bowl.creator is not None
        for path, title in (
            (bowl.get_absolute_url(), bowl.title),
            (bowl.creator.get_absolute_url(), bowl.creator.name),
        ):
            card = self.card(client, path)
            assert card["og:title"] == title
            assert card["og:image"] == f"{ORIGIN}/static/img/card.png"

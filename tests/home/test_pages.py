"""The pages that put many apps side by side: what they show, what they keep to themselves, what they cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from community.catalog.models import ChannelListing, Creator, Item, Shop, Variant
from community.core.clock import now
from community.members.models import Member
from community.threads.models import Category, Thread
from tests.factories.threads import make_category, make_creator, make_item, make_member, make_shop, open_thread, reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def ana() -> Member:
    return make_member("Ana")


@pytest.fixture
def talk(shop: Shop) -> Category:
    return make_category()


@pytest.fixture
def bowl(shop: Shop) -> Item:
    return make_item(shop, creator=make_creator(shop, name="Hinata Kiln", craft_started_year=now().year - 9))


def get(client: Client, url: str, **query: Any) -> Any:
    return client.get(url, query, headers={"accept-language": "en"})


class TestFront:
    def test_an_empty_place_says_what_to_do(self, client: Client) -> None:
        page = get(client, "/")
        assert page.status_code == 200
        assert "Nobody has spoken yet" in page.text
        assert "The shelves are still empty" in page.text

    def test_a_thread_stands_in_one_list_only(self, client: Client, ana: Member, talk: Category, bowl: Item) -> None:
        thread = open_thread(ana, talk, kind="question", title="Does it like the oven?", item_id=bowl.pk)
        reply(make_member("Ben"), thread)
        front = get(client, "/").context["front"]
        lists = [front.lively, front.fresh, front.trending, front.unanswered]
        assert sum(thread in rows for rows in lists) == 1
        assert [item.pk for item in front.items] == [bowl.pk]

    def test_what_was_deleted_is_in_no_list(self, client: Client, ana: Member, talk: Category) -> None:
        thread = open_thread(ana, talk, title="Gone soon")
        Thread.objects.filter(pk=thread.pk).update(state="deleted")
        assert "Gone soon" not in get(client, "/").text


class TestItems:
    def test_a_closed_shop_shows_nothing(self, client: Client, shop: Shop, bowl: Item) -> None:
        Shop.objects.update(is_open=False)
        assert get(client, bowl.get_absolute_url()).status_code == 404
        assert bowl.title not in get(client, reverse("home:items")).text
        assert bowl.title not in get(client, "/").text

    def test_an_old_address_leads_to_the_present_one(self, client: Client, bowl: Item) -> None:
        Item.objects.filter(pk=bowl.pk).update(slug="飯碗")
        bowl.refresh_from_db()
        for slug in ("", "old-name/"):
            answer = get(client, f"/items/{bowl.pk}/{slug}", tab="talk")
            assert (answer.status_code, answer.url) == (302, f"{bowl.get_absolute_url()}?tab=talk")
        assert get(client, bowl.get_absolute_url()).status_code == 200

    @pytest.mark.parametrize(
        ("state", "sentence"), [("sold_out", "It has been sold."), ("withdrawn", "no longer offers it")]
    )
    def test_a_work_that_is_gone_keeps_its_page_and_its_talk(
        self, client: Client, ana: Member, talk: Category, bowl: Item, state: str, sentence: str
    ) -> None:
        open_thread(ana, talk, title="How it wears in", item_id=bowl.pk)
        Item.objects.filter(pk=bowl.pk).update(state=state)
        page = get(client, bowl.get_absolute_url())
        assert sentence in page.text and "How it wears in" in page.text

    def test_the_hub_says_where_to_buy_and_what_is_special_there_now(
        self, client: Client, shop: Shop, bowl: Item
    ) -> None:
        mall, own = (
            shop.channels.create(code=code, name=name) for code, name in (("mall", "Hina Mall"), ("own", "Our shop"))
        )
        over = now() - timedelta(days=1)
        ChannelListing.objects.create(item=bowl, channel=mall, url="https://mall.example/1", benefit="Points x2")
        ChannelListing.objects.create(
            item=bowl, channel=own, url="https://own.example/1", benefit="Free shipping", benefit_until=over
        )
        Variant.objects.create(item=bowl, external_id="v1", name="Indigo", only_at=mall)
        page = get(client, bowl.get_absolute_url()).text
        assert "Points x2" in page and "Only at Hina Mall" in page and "https://own.example/1" in page
        assert "Free shipping" not in page

    def test_questions_and_talk_have_tabs(self, client: Client, ana: Member, talk: Category, bowl: Item) -> None:
        open_thread(ana, talk, title="Only talk", item_id=bowl.pk)
        open_thread(ana, talk, kind="question", title="A question", item_id=bowl.pk)
        questions = get(client, bowl.get_absolute_url(), tab="questions").text
        assert "A question" in questions and "Only talk" not in questions

    @pytest.mark.parametrize(
        "query", [{"min": "x"}, {"sort": "?"}, {"min": "９００"}, {"state": "withdrawn"}, {"max": "9" * 30}]
    )
    def test_nonsense_in_the_address_counts_as_not_asked(
        self, client: Client, bowl: Item, query: dict[str, str]
    ) -> None:
        assert get(client, reverse("home:items"), **query).status_code == 200

    def test_a_foreign_cursor_is_a_clear_error(self, client: Client) -> None:
        assert get(client, reverse("home:items"), cursor="xx").status_code == 422

    def test_browsing_by_price_and_state(self, client: Client, shop: Shop) -> None:
        cheap = make_item(shop, title="Chopstick rest", price_minor=500)
        dear = make_item(shop, title="Tea kettle", price_minor=90_000, state="sold_out")
        assert dear.title not in get(client, reverse("home:items"), max="1000").text
        assert cheap.title not in get(client, reverse("home:items"), state="sold_out").text


class TestPeople:
    def test_a_maker_s_page_counts_the_years_of_the_craft(self, client: Client, bowl: Item) -> None:
        assert bowl.creator is not None
        page = get(client, bowl.creator.get_absolute_url())
        assert page.status_code == 200 and bowl.title in page.text
        japanese = client.get(bowl.creator.get_absolute_url(), headers={"accept-language": "ja"})
        assert "クラフト歴9年" in japanese.text

    def test_talk_about_a_work_is_on_its_maker_s_page(
        self, client: Client, ana: Member, talk: Category, bowl: Item
    ) -> None:
        open_thread(ana, talk, title="Which clay is it?", item_id=bowl.pk)
        assert bowl.creator is not None
        assert "Which clay is it?" in get(client, bowl.creator.get_absolute_url(), tab="talk").text

    def test_a_shop_shows_its_works_its_makers_and_the_way_to_it(self, client: Client, shop: Shop, bowl: Item) -> None:
        Shop.objects.filter(pk=shop.pk).update(site_url="https://shop.example/")
        elsewhere = make_item(make_shop(), title="A cup of another shop")
        assert bowl.creator is not None
        Creator.objects.filter(pk=bowl.creator.pk).update(item_count=1)
        works, creators = (
            get(client, shop.get_absolute_url()).text,
            get(client, shop.get_absolute_url(), tab="creators").text,
        )
        assert bowl.title in works and 'href="https://shop.example/"' in works and elsewhere.title not in works
        assert bowl.creator.get_absolute_url() in creators
        for page in (bowl.get_absolute_url(), bowl.creator.get_absolute_url()):
            assert f'href="{shop.get_absolute_url()}"' in get(client, page).text

    def test_a_shop_is_followed_on_its_page_and_named_in_the_list_of_what_one_follows(
        self, client: Client, shop: Shop, ana: Member
    ) -> None:
        client.force_login(ana)
        path = reverse("notifications:level", args=["shop", shop.pk])
        assert f'formaction="{path}"' in get(client, shop.get_absolute_url()).text
        client.post(path, {"level": "watch"})
        assert f'href="{shop.get_absolute_url()}"' in get(client, reverse("notifications:following")).text

    def test_a_closed_shop_and_none_look_alike(self, client: Client, shop: Shop) -> None:
        Shop.objects.filter(pk=shop.pk).update(is_open=False)
        assert get(client, shop.get_absolute_url()).status_code == 404
        assert get(client, reverse("home:shop", args=["nothing"])).status_code == 404

    def test_nobody_and_a_closed_account_look_alike(self, client: Client, ana: Member) -> None:
        Member.objects.filter(pk=ana.pk).update(is_active=False)
        assert get(client, reverse("home:member", args=[ana.handle])).status_code == 404
        assert get(client, reverse("home:member", args=["nobody_here"])).status_code == 404

    def test_a_member_s_page_shows_what_they_wrote_and_never_their_address(
        self, client: Client, ana: Member, talk: Category
    ) -> None:
        open_thread(ana, talk, title="My first tenugui", body="It is **soft**.")
        page = get(client, reverse("home:member", args=[ana.handle.upper()])).url
        text = get(client, page).text
        assert "My first tenugui" in text and "It is soft." in text
        assert ana.email and ana.email not in text


class TestTags:
    def test_any_spelling_leads_to_the_tag(self, client: Client, ana: Member, talk: Category) -> None:
        open_thread(ana, talk, title="Show your wallets", tags=["サイフ"])
        found = get(client, reverse("home:tag", args=["ｻｲﾌ"]))
        assert found.status_code == 302
        assert "Show your wallets" in get(client, found.url, tab="threads").text

    def test_a_word_that_nobody_used_is_not_found(self, client: Client) -> None:
        assert get(client, reverse("home:tag", args=["nothing"])).status_code == 404


def test_every_page_speaks_both_languages(client: Client, bowl: Item) -> None:
    for url in ("/", "/about/", "/items/", "/creators/", "/tags/", bowl.get_absolute_url()):
        japanese = client.get(url, headers={"accept-language": "ja"}).text
        english = client.get(url, headers={"accept-language": "en"}).text
        assert '<html lang="ja"' in japanese and '<html lang="en"' in english

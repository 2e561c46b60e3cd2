"""The creator's own page, the admin, and the reads behind the pages."""

import pytest
from django.test import Client
from django.urls import reverse

from community.catalog import actions, queries
from community.catalog.models import ApiKey, Creator, Item, Order, Shop
from community.core.errors import Conflict, Invalid, NotAllowed, NotVisible
from community.core.models import Picture
from community.members.permissions import VISITOR
from tests.factories.catalog import make_creator, make_item, make_key, make_order
from tests.factories.members import make_member


@pytest.fixture
def hana(shop, mika):
    """A member who speaks for the creator c1."""
    member = make_member("hana")
    actions.link_creator(by=mika, creator_id=make_creator(shop, name="Hana").pk, member=member)
    return member


def signed_in(member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_only_the_linked_member_or_a_manager_writes_the_profile(hana, ana, mika):
    creator = Creator.objects.get()
    with pytest.raises(NotAllowed):
        actions.update_creator_profile(by=ana, creator_id=creator.pk, name="Stolen")
    creator.refresh_from_db()
    assert creator.name == "Hana"
    assert actions.update_creator_profile(by=mika, creator_id=creator.pk, name="Helped").name == "Helped"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"craft_started_year": 1500}, "craft_started_year"),
        ({"craft_started_year": 9999}, "craft_started_year"),
        ({"links": [{"label": "x", "url": "javascript:alert(1)"}]}, "links"),
        ({"links": [{"label": "x", "url": "http://plain.example"}]}, "links"),
        ({"bio": "x" * 9000}, "bio"),
        ({"picture_id": 999_999}, "picture"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(hana, change, field):
    with pytest.raises(Invalid) as caught:
        actions.update_creator_profile(**{"by": hana, "creator_id": Creator.objects.get().pk, "name": "Hana"} | change)
    assert caught.value.field == field
    assert Creator.objects.get().edited_at is None


def test_nobody_hangs_up_the_picture_of_another(hana, ana):
    stranger = Picture.objects.create(
        owner_id=ana.pk, file="a", thumb="b", width=1, height=1, bytes=1, digest="d", created_at="2026-01-01T00:00Z"
    )
    with pytest.raises(Invalid):
        actions.update_creator_profile(
            by=hana, creator_id=Creator.objects.get().pk, name="Hana", picture_id=stranger.pk
        )
    assert Creator.objects.get().picture is None


def test_one_member_speaks_for_one_creator_and_managers_say_so(shop, hana, ana, mika):
    other = make_creator(shop, "c2")
    with pytest.raises(NotAllowed):
        actions.link_creator(by=ana, creator_id=other.pk, member=ana)
    with pytest.raises(Conflict):
        actions.link_creator(by=mika, creator_id=other.pk, member=hana)
    other.refresh_from_db()
    assert other.member is None


def test_who_is_no_creator_has_no_creator_page(ana):
    url = reverse("catalog:creator_edit")
    assert Client().get(url).status_code == 302
    assert signed_in(ana).get(url).status_code == 404


def test_a_creator_writes_the_page_and_a_refused_form_comes_back_filled(hana):
    client, url = signed_in(hana), reverse("catalog:creator_edit")
    assert "Hana" in client.get(url).content.decode()
    typed = {"name": "花工房", "craft": "陶芸", "link_label_1": "Shop", "link_url_1": "http://plain.example"}
    refused = client.post(url, typed)
    assert refused.status_code == 422 and "花工房" in refused.content.decode()
    assert Creator.objects.get().name == "Hana"
    done = client.post(url, typed | {"link_url_1": "https://hana.example/", "craft_started_year": "2015"})
    creator = Creator.objects.get()
    assert done.status_code == 302 and done["Location"] == creator.get_absolute_url()
    assert (creator.name, creator.craft_started_year) == ("花工房", 2015)
    assert creator.links == [{"label": "Shop", "url": "https://hana.example/"}]


def test_a_closed_shop_is_seen_by_managers_only(shop, mika):
    creator, item = make_creator(shop), make_item(shop, creator="c1")
    Shop.objects.update(is_open=False)
    with pytest.raises(NotVisible):
        queries.get_item(item_id=item.pk, viewer=VISITOR)
    with pytest.raises(NotVisible):
        queries.get_creator(slug=creator.slug, viewer=VISITOR)
    assert not queries.list_items(viewer=VISITOR).rows and not queries.list_creators(viewer=VISITOR).rows
    assert queries.get_item(item_id=item.pk, viewer=mika) == item
    assert len(queries.list_items(viewer=mika).rows) == 1


def test_withdrawn_items_keep_their_page_and_leave_the_shelf(shop):
    item = make_item(shop, state="withdrawn")
    assert queries.get_item(item_id=item.pk, viewer=VISITOR) == item
    assert not queries.list_items(viewer=VISITOR).rows


def test_lists_are_ordered_filtered_and_walked(shop):
    for n in range(7):
        make_item(
            shop, f"i{n}", price=str(n * 100), category="Cup" if n % 2 else "Bowl", tags=["Blue"] if n < 3 else []
        )
    blue = queries.get_tag(name="ＢＬＵＥ")
    assert len(queries.list_items(viewer=VISITOR, tag=blue).rows) == 3
    assert len(queries.list_items(viewer=VISITOR, category="Cup").rows) == 3
    assert [
        one.price_minor for one in queries.list_items(viewer=VISITOR, lowest=200, highest=400, sort="price").rows
    ] == [
        200,
        300,
        400,
    ]
    seen, cursor = [], ""
    while cursor is not None:
        page = queries.list_items(viewer=VISITOR, sort="price", size=3, cursor=cursor)
        seen += [one.price_minor for one in page.rows]
        cursor = page.next
    assert seen == [n * 100 for n in range(7)]
    assert queries.price_range(viewer=VISITOR, currency="JPY") == (0, 600)
    assert [(tag.name, tag.uses) for tag in queries.popular_tags(limit=5)] == [("Blue", 3)]


def test_whole_prices_mean_the_currency_of_each_item(shop):
    make_item(shop, "yen", price="1200")
    make_item(shop, "euro", price="12.00", currency="EUR")
    found = queries.list_items(viewer=VISITOR, lowest=12, highest=12).rows
    assert [one.external_id for one in found] == ["euro"]
    with pytest.raises(Invalid):
        queries.list_items(viewer=VISITOR, highest=10**30)


def test_a_list_costs_two_queries_and_an_item_six_however_many(shop, django_assert_num_queries):
    for n in range(9):
        make_item(shop, f"i{n}", tags=["a", "b"], variants=[{"external_id": "v", "name": "S", "only_at": "rakuten"}])
    item = Item.objects.first()
    with django_assert_num_queries(2):
        [(one.creator, list(one.pictures.all())) for one in queries.list_items(viewer=VISITOR).rows]
    with django_assert_num_queries(5):
        found = queries.get_item(item_id=item.pk, viewer=VISITOR)
        [one.only_at.name for one in found.variants.all()]
        [one.channel.name for one in found.listings.all()]
        list(found.tags.all()), list(found.pictures.all())


def test_the_admin_is_closed_to_members(ana, shop):
    for name in ("shop", "item", "order", "apikey", "creator", "customer"):
        assert signed_in(ana).get(reverse(f"admin:catalog_{name}_changelist")).status_code in {302, 403}
    assert signed_in(ana).post(reverse("admin:catalog_shop_key", args=[shop.pk]), {}).status_code in {302, 403}
    assert not ApiKey.objects.exists()


def test_a_manager_makes_a_key_that_is_shown_once_and_revokes_it(mika, shop):
    client = signed_in(mika)
    url = reverse("admin:catalog_shop_key", args=[shop.pk])
    page = client.post(url, {"name": "sync", "scopes": ["items:write"]})
    token = page.context["token"]
    assert token in page.content.decode() and "no-store" in page["Cache-Control"]
    assert ApiKey.objects.get().created_by == mika
    for again in (client.get(url), client.get(reverse("admin:catalog_shop_change", args=[shop.pk]))):
        assert token.rpartition("_")[2] not in again.content.decode()
    chosen = {"action": "revoke", "_selected_action": [ApiKey.objects.get().pk]}
    client.post(reverse("admin:catalog_apikey_changelist"), chosen)
    assert ApiKey.objects.get().revoked_at is not None


def test_a_manager_reads_orders_and_changes_none(mika, shop):
    order, client = make_order(shop, customer="k1"), signed_in(mika)
    make_item(shop, creator="c1")
    make_key(shop)
    url = reverse("admin:catalog_order_change", args=[order.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"total_minor": 0}).status_code == 403
    assert Order.objects.get().total_minor == 1200
    for name in ("shop", "item", "order", "apikey", "creator", "customer", "tag"):
        assert client.get(reverse(f"admin:catalog_{name}_changelist")).status_code == 200


def test_a_manager_links_a_creator_and_a_member(mika, ana, shop):
    creator, client = make_creator(shop), signed_in(mika)
    url = reverse("admin:catalog_creator_link", args=[creator.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"handle": "nobody"}).status_code == 200
    assert client.post(url, {"handle": "@ana"}).status_code == 302
    creator.refresh_from_db()
    assert creator.member == ana

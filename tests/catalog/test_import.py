"""Rows come in once, in any order, and never older than what is there."""

from datetime import timedelta

import pytest

from community.catalog import actions
from community.catalog.actions import reading
from community.catalog.actions.rows import Outcome
from community.catalog.models import Creator, Customer, Item, Order, OrderLine, Tag, TaggedItem, Variant
from community.core.clock import now
from community.core.errors import NotVisible
from community.core.models import Picture
from tests.factories.catalog import (
    bring_creator,
    bring_customer,
    bring_item,
    bring_items,
    bring_order,
    make_creator,
    make_item,
    make_order,
)

MONDAY, TUESDAY, WEDNESDAY = "2026-05-04T00:00Z", "2026-05-05T00:00Z", "2026-05-06T00:00Z"
CREATED, CHANGED, UNCHANGED, STALE = Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.STALE


def test_older_news_never_overwrites_newer(shop):
    bring_item(shop, title="New", updated_at=TUESDAY)
    assert bring_item(shop, title="Old", updated_at=MONDAY).outcome is STALE
    assert Item.objects.get().title == "New"


def test_the_guard_stands_in_the_statement_itself(shop, monkeypatch):
    """Also when the look at what is there saw nothing, as it may when two imports meet."""
    bring_item(shop, title="New", updated_at=TUESDAY)
    monkeypatch.setattr("community.catalog.actions.batch._is_older", lambda at, have: False)
    assert bring_item(shop, title="Old", updated_at=MONDAY).outcome is STALE
    assert Item.objects.get().title == "New"


def test_the_same_words_at_a_later_time_keep_out_what_was_said_between(shop):
    bring_item(shop, title="A", updated_at=MONDAY)
    assert bring_item(shop, title="A", updated_at=WEDNESDAY).outcome is UNCHANGED
    assert bring_item(shop, title="B", updated_at=TUESDAY).outcome is STALE
    assert Item.objects.get().title == "A"


def test_rows_without_a_time_count_as_new_and_keep_the_time(shop):
    bring_item(shop, title="A", updated_at=TUESDAY)
    assert bring_item(shop, title="B").outcome is CHANGED
    assert bring_item(shop, title="C", updated_at=MONDAY).outcome is CHANGED
    assert Item.objects.get().title == "C"


def test_saying_everything_twice_changes_nothing(shop):
    def once():
        return [
            bring_creator(shop, bio="I *make* bowls"),
            bring_item(
                shop,
                creator="c1",
                series="Sea",
                tags=["bowl", "blue"],
                price="1,200",
                variants=[{"external_id": "v1", "name": "Small"}],
                listings=[{"channel": "own", "url": "https://kobo.example/1"}],
                attributes={"Width": 12},
            ),
            bring_customer(shop, email="k@example.com"),
            bring_order(shop, customer="k1"),
        ]

    assert [result.outcome for result in once()] == [CREATED, CREATED, CREATED, CREATED]
    before = snapshot()
    assert {result.outcome for result in once()} == {UNCHANGED}
    assert snapshot() == before


def snapshot():
    models = (Creator, Item, Variant, TaggedItem, Customer, Order, OrderLine)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_one_id_twice_in_a_batch_is_taken_in_order(shop):
    results = bring_items(
        shop,
        {"external_id": "i1", "title": "First"},
        {"external_id": "i2", "title": "Other"},
        {"external_id": "i1", "title": "Second"},
    )
    assert [result.outcome for result in results] == [CREATED, CREATED, CHANGED]
    assert Item.objects.get(external_id="i1").title == "Second"


def test_an_item_waits_for_its_creator(shop):
    bring_item(shop, creator="c1")
    assert Item.objects.get().creator is None
    creator = make_creator(shop)
    assert Item.objects.get().creator == creator
    assert creator.item_count == 1


def test_a_series_is_made_once_the_creator_is_here(shop):
    first = bring_item(shop, creator="c1", series="Sea")
    assert first.warnings
    assert bring_item(shop, creator="c1", series="Sea").outcome is UNCHANGED
    bring_creator(shop)
    assert bring_item(shop, creator="c1", series="Sea").outcome is CHANGED
    assert Item.objects.get().series.name == "Sea"
    assert bring_item(shop, creator="c1", series="Sea").outcome is UNCHANGED


def test_order_lines_wait_for_their_item(shop, other_shop):
    order = make_order(shop)
    stranger = make_order(other_shop)
    item = make_item(shop)
    assert order.lines.get().item == item
    assert stranger.lines.get().item is None


def test_creators_count_what_they_have_on_their_shelf(shop):
    one, two = make_creator(shop, "c1"), make_creator(shop, "c2")
    bring_items(
        shop,
        {"external_id": "i1", "title": "A", "creator": "c1"},
        {"external_id": "i2", "title": "B", "creator": "c1"},
        {"external_id": "i3", "title": "C", "creator": "c1", "state": "withdrawn"},
    )
    assert counts(one, two) == [2, 0]
    bring_item(shop, "i1", title="A", creator="c2")
    assert counts(one, two) == [1, 1]
    actions.withdraw_item(shop=shop, external_id="i2")
    assert counts(one, two) == [0, 1]


def counts(*creators):
    return [Creator.objects.get(pk=creator.pk).item_count for creator in creators]


def test_children_are_replaced_and_those_that_stay_keep_their_id(shop):
    def variant(external_id, name):
        return {"external_id": external_id, "name": name}

    item = make_item(shop, tags=["a", "b"], variants=[variant("v1", "S"), variant("v2", "M")])
    kept = item.variants.get(external_id="v2").pk
    bring_item(shop, title="Bowl", tags=["b", "c"], variants=[variant("v2", "Medium"), variant("v3", "L")])
    assert sorted(item.tags.values_list("name", flat=True)) == ["b", "c"]
    assert item.variants.values_list("pk", "external_id", "name").get(external_id="v2") == (kept, "v2", "Medium")
    assert [one.external_id for one in item.variants.all()] == ["v2", "v3"]


def test_uploaded_pictures_stay_when_the_shop_sends_its_own_list(shop, settings):
    settings.PICTURE_HOSTS = ["img.kobo.example"]
    item = make_item(shop, pictures=[{"url": "https://img.kobo.example/0.jpg"}])
    mine = Picture.objects.create(file="a", thumb="b", width=1, height=1, bytes=1, digest="d", created_at=now())
    item.pictures.create(picture=mine, position=1)
    bring_item(shop, title="X", pictures=[{"url": "https://img.kobo.example/2.jpg", "alt": "side"}])
    assert [(one.picture_id, one.remote_url) for one in item.pictures.all()] == [
        (mine.pk, ""),
        (None, "https://img.kobo.example/2.jpg"),
    ]


def test_lines_keep_their_id_and_what_is_no_longer_ordered_goes(shop):
    line = {"item": "i1", "title": "Bowl", "quantity": 1, "unit_price": "1200"}
    order = make_order(shop, lines=[line, line | {"item": "i2"}])
    first = order.lines.get(number=1).pk
    bring_order(shop, lines=[line | {"state": "refunded", "ended_at": TUESDAY}])
    assert [(one.pk, one.state) for one in order.lines.all()] == [(first, "refunded")]
    order.refresh_from_db()
    assert order.total_minor == 1200


def test_withdrawn_items_stay_and_can_be_offered_again(shop):
    item = make_item(shop, updated_at=MONDAY)
    actions.withdraw_item(shop=shop, external_id="i1", at=now() - timedelta(hours=1))
    item.refresh_from_db()
    assert item.state == "withdrawn"
    assert bring_item(shop, updated_at=TUESDAY).outcome is STALE
    fresh = now().isoformat()
    assert bring_item(shop, updated_at=fresh).outcome is CHANGED
    item.refresh_from_db()
    assert item.state == "on_sale"


def test_nobody_withdraws_an_item_of_another_shop(shop, other_shop):
    make_item(shop)
    with pytest.raises(NotVisible):
        actions.withdraw_item(shop=other_shop, external_id="i1")
    assert Item.objects.get().state == "on_sale"


def test_an_erased_customer_does_not_come_back(shop):
    bring_customer(shop, "k1", email="k@example.com", country="Japan")
    order = make_order(shop, customer="k1")
    gone = actions.erase_customer(shop=shop, external_id="k1")
    assert bring_customer(shop, "k1", email="k@example.com", country="Japan").outcome is STALE
    bring_order(shop, "o2", customer="k1")
    row = Customer.objects.get()
    assert row == gone
    assert (row.country, row.email_digest, row.member) == ("", "", None)
    assert row.external_id.startswith("erased:") and row.erased_at is not None
    order.refresh_from_db()
    assert order.customer_id == row.pk  # a number of the books, without a person
    assert actions.erase_customer(shop=shop, external_id="k1") == gone


def test_a_customer_we_never_saw_can_be_erased_ahead(shop):
    actions.erase_customer(shop=shop, external_id="k1")
    assert bring_customer(shop, "k1", country="Japan").outcome is STALE
    assert Customer.objects.get().country == ""


def test_erasure_outlives_a_new_server_key(shop, settings):
    actions.erase_customer(shop=shop, external_id="k1")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "k" * 50
    assert bring_customer(shop, "k1", country="Japan").outcome is STALE
    assert Customer.objects.count() == 1


def test_an_order_that_was_cut_from_its_customer_stays_so(shop):
    order = make_order(shop, customer="k1")
    actions.erase_order(shop=shop, external_id="o1")
    bring_order(shop, customer="k1", channel="own")
    order.refresh_from_db()
    assert (order.customer, order.channel_code) == (None, "own")


def test_html_becomes_markdown_and_safe_html(shop):
    html = "<b>The bowl</b><br />Blue<script>alert(1)</script> &amp; round<img src=x onerror=alert(1)>"
    item = make_item(shop, description=html, description_format="html")
    assert item.description.startswith("**The bowl**\nBlue")
    assert "<strong>The bowl</strong>" in item.description_html
    assert "script" not in item.description_html and "onerror" not in item.description_html


def test_html_of_endless_depth_keeps_its_words(shop):
    item = make_item(shop, description="<b>" * 5000 + "Bowl", description_format="html")
    assert "Bowl" in item.description


def test_a_creator_who_wrote_the_profile_keeps_it(shop, ana, mika):
    creator = make_creator(shop, bio="by the shop")
    actions.link_creator(by=mika, creator_id=creator.pk, member=ana)
    actions.update_creator_profile(by=ana, creator_id=creator.pk, name="Hana", bio="by me")
    assert bring_creator(shop, name="Changed", bio="by the shop again").outcome is CHANGED
    creator.refresh_from_db()
    assert (creator.name, creator.bio) == ("Hana", "by me")


def test_two_creators_of_one_name_have_two_addresses(shop, other_shop):
    slugs = {make_creator(shop, one, name="花").slug for one in ("c1", "c2")} | {
        make_creator(other_shop, name="花").slug
    }
    assert len(slugs) == 3 and "花" in slugs


def test_tags_of_different_keys_may_share_letters(db):
    one, two, same = actions.tags_for(["C++"]) + actions.tags_for(["C"]) + actions.tags_for(["ｃ＋＋"])
    assert one == same and one != two and one.slug != two.slug
    assert Tag.objects.count() == 2


def test_a_batch_costs_the_same_number_of_queries_whatever_its_size(shop, django_assert_max_num_queries):
    def rows(count, mark):
        raws = [{"external_id": f"{mark}{n}", "title": "Bowl", "tags": ["a", "b"]} for n in range(count)]
        return [reading.read_item(raw, shop) for raw in raws]

    # Eight are the search index's: the new tags (6), threads about these items, and a job for the items.
    with django_assert_max_num_queries(24):
        actions.upsert_items(shop=shop, rows=rows(400, "x"))
    with django_assert_max_num_queries(5):
        actions.upsert_items(shop=shop, rows=rows(400, "x"))

"""What a shop's row must be, and what is cut or left out of it."""

import pytest

from community.catalog.actions.reading import read_creator, read_customer, read_item, read_order
from community.catalog.actions.words import minor, moment
from tests.factories.catalog import refusal

ITEM = {"external_id": "i1", "title": "Bowl"}
ORDER = {"external_id": "o1", "placed_at": "2026-05-01", "lines": []}
LINE = {"item": "i1", "quantity": 1, "unit_price": "10"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"external_id": ""}, ("id_missing", "external_id")),
        ({"external_id": "x" * 65}, ("id_invalid", "external_id")),
        ({"external_id": "a\x00b"}, ("id_invalid", "external_id")),
        ({"external_id": "erased:1"}, ("id_reserved", "external_id")),
        ({"title": ""}, ("title_missing", "title")),
        ({"title": "\u200b \u200b"}, ("title_missing", "title")),
        ({"title": "?"}, ("title_without_letters", "title")),
        ({"title": ["Bowl"]}, ("not_text", "title")),
        ({"price": "-1"}, ("amount_negative", "price")),
        ({"price": "NaN"}, ("amount_invalid", "price")),
        ({"price": "Infinity"}, ("amount_invalid", "price")),
        ({"price": "1e9"}, ("amount_invalid", "price")),
        ({"price": "1E+999999"}, ("amount_invalid", "price")),
        ({"price": "99999999999"}, ("amount_too_large", "price")),
        ({"price": {"amount": 1}}, ("not_text", "price")),
        ({"currency": "XQQ"}, ("currency_unknown", "currency")),
        ({"state": "free"}, ("choice_unknown", "state")),
        ({"published_at": "yesterday"}, ("moment_invalid", "published_at")),
        ({"published_at": "0001-01-01"}, ("moment_invalid", "published_at")),
        ({"updated_at": "2099-01-01T00:00Z"}, ("updated_at_ahead", "updated_at")),
        ({"tags": "red"}, ("not_list", "tags")),
        ({"attributes": ["red"]}, ("not_object", "attributes")),
        ({"variants": [{"external_id": "v1"}]}, ("name_missing", "variants.1.name")),
        ({"variants": ["v1"]}, ("not_object", "variants.1")),
        ({"listings": [{"channel": "", "url": "https://a.example/"}]}, ("channel_missing", "listings.1.channel")),
        ({"listings": [{"channel": "楽天", "url": "https://a.example/"}]}, ("channel_invalid", "listings.1.channel")),
    ],
)
def test_an_item_that_cannot_be_used_is_refused_with_its_field(shop, change, expected):
    assert refusal(read_item, ITEM | change, shop) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"placed_at": ""}, ("placed_at_missing", "placed_at")),
        ({"kind": "gift"}, ("choice_unknown", "kind")),
        ({"lines": [LINE | {"quantity": "1.5"}]}, ("number_invalid", "lines.1.quantity")),
        ({"lines": [LINE, LINE | {"quantity": ""}]}, ("quantity_missing", "lines.2.quantity")),
        ({"lines": [LINE | {"quantity": 10**9}]}, ("number_out_of_range", "lines.1.quantity")),
        ({"lines": [LINE | {"unit_price": ""}]}, ("unit_price_missing", "lines.1.unit_price")),
        ({"lines": [LINE | {"unit_price": "9999999999", "quantity": 10_000_000}]}, ("total_too_large", "lines")),
        ({"lines": [LINE] * 5001}, ("too_many_lines", "lines")),
        ({"lines": [LINE | {"state": "lost"}]}, ("choice_unknown", "lines.1.state")),
    ],
)
def test_an_order_that_cannot_be_used_is_refused_as_a_whole(shop, change, expected):
    assert refusal(read_order, ORDER | change, shop) == expected


def test_a_creator_needs_a_name_and_a_possible_year(shop):
    assert refusal(read_creator, {"external_id": "c1", "name": " "}, shop) == ("name_missing", "name")
    raw = {"external_id": "c1", "name": "Hana", "craft_started_year": 3000}
    assert refusal(read_creator, raw, shop) == ("number_out_of_range", "craft_started_year")


def test_what_is_too_long_is_cut_with_a_warning(shop):
    row = read_item(ITEM | {"title": "あ" * 201, "category": "x" * 61}, shop)
    assert len(row.title) == 200 and row.title.endswith("…")
    assert [warning.partition(":")[0] for warning in row.warnings] == ["title", "category"]


def test_addresses_that_could_run_something_are_left_out(shop):
    row = read_item(
        ITEM
        | {
            "url": "javascript:alert(1)",
            "listings": [{"channel": "own", "url": "data:text/html,x"}],
            "pictures": [{"url": "https://evil.example/x.png"}],
        },
        shop,
    )
    assert (row.url, row.listings, row.pictures) == ("", [], [])
    assert len(row.warnings) == 3


def test_pictures_may_stand_on_allowed_hosts_only(shop, settings):
    settings.PICTURE_HOSTS = ["https://img.kobo.example"]
    sent = ["https://img.kobo.example/1.jpg", "http://img.kobo.example/1.jpg", "https://img.kobo.example.evil/1.jpg"]
    row = read_item(ITEM | {"pictures": [{"url": url} for url in sent]}, shop)
    assert [one.url for one in row.pictures] == sent[:1]


def test_links_of_creators_are_https(shop):
    links = [{"label": "Shop", "url": "https://hana.example/"}, {"label": "x", "url": "http://hana.example/"}]
    row = read_creator({"external_id": "c1", "name": "Hana", "links": links}, shop)
    assert row.links == [{"label": "Shop", "url": "https://hana.example/"}]


def test_control_characters_disappear_and_direction_marks_become_visible(shop):
    row = read_item(ITEM | {"title": "Bo\x00wl \u202efdp", "description": "a\x00b\r\nc"}, shop)
    assert row.title == "Bowl ⟨U+202E⟩fdp"
    assert row.description == "ab\nc"


def test_spellings_of_one_tag_count_once(shop):
    row = read_item(ITEM | {"tags": ["サイフ", "ｻｲﾌ", "さいふ", "Wallet", "ＷＡＬＬＥＴ", "", "x" * 101]}, shop)
    assert row.tags == ["サイフ", "Wallet"]
    assert len(row.warnings) == 1


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("", "JPY", None),
        ("$1,234.00", "SGD", 123400),
        ("¥12,000", "JPY", 12000),
        ("1200円", "JPY", 1200),
        ("0.001", "GBP", 0),
        ("2.555", "GBP", 256),
        ("-4.25", "GBP", -425),
        ("−4.25", "GBP", -425),
        ("1.5", "KWD", 1500),
    ],
)
def test_amounts_become_minor_units(text, currency, expected):
    assert minor(text, currency, "price") == expected


def test_a_time_without_offset_is_the_shops_own():
    assert moment("2011-01-15 09:00:00", "Europe/London", "x").isoformat() == "2011-01-15T09:00:00+00:00"
    assert moment("2011-07-15 09:00:00", "Europe/London", "x").isoformat() == "2011-07-15T08:00:00+00:00"
    assert moment("2011-07-15T09:00:00+09:00", "Europe/London", "x").isoformat() == "2011-07-15T00:00:00+00:00"


def test_the_total_is_added_up_here_and_cancellations_are_negative(shop):
    lines = [LINE | {"quantity": -2, "unit_price": "300"}, LINE | {"quantity": 1, "unit_price": "-50"}]
    assert read_order(ORDER | {"kind": "cancellation", "lines": lines}, shop).total_minor == -650


def test_an_address_is_kept_as_a_digest_only(shop):
    row = read_customer({"external_id": "k1", "email": " Ana@Example.com "}, shop)
    again = read_customer({"external_id": "k2", "email": "ana@example.com"}, shop)
    assert len(row.email_digest) == 64 and row.email_digest == again.email_digest
    assert "ana" not in repr(row).lower()


def test_an_address_that_is_none_is_left_out(shop):
    row = read_customer({"external_id": "k1", "email": "ana at home"}, shop)
    assert row.email_digest == "" and len(row.warnings) == 1

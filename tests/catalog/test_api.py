"""The shop's API: who gets in, what is refused, what comes back."""

import json

import pytest
from django.test import Client

from community.catalog import actions
from community.catalog.actions.shops import SCOPES
from community.catalog.models import ApiKey, Creator, Customer, Item, ItemPicture, Order
from tests.factories.catalog import make_creator, make_item, make_key, make_order, make_shop

ROWS = {
    "items": (Item, {"title": "Bowl"}),
    "orders": (Order, {"placed_at": "2026-05-01T10:00"}),
    "customers": (Customer, {"country": "Japan"}),
    "creators": (Creator, {"name": "Hana"}),
}
KINDS = sorted(ROWS)


class Caller:
    """A shop's program with its key."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path, **headers):
        return self.client.get(f"/api/v1/{path}", headers=self.headers | headers)

    def put(self, path, body, content_type="application/json", **headers):
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.client.put(f"/api/v1/{path}", data, content_type=content_type, headers=self.headers | headers)

    def delete(self, path):
        return self.client.delete(f"/api/v1/{path}", headers=self.headers)

    def bulk(self, kind, *lines, content_type="application/x-ndjson"):
        body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        response = self.client.post(
            f"/api/v1/{kind}:bulk", body.encode(), content_type=content_type, headers=self.headers
        )
        if response.status_code != 200:
            return response
        return [json.loads(line) for line in response.getvalue().splitlines()]


@pytest.fixture
def caller(shop):
    return Caller(make_key(shop))


def problem(response):
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "token", ["", "hk_", "hk_abc", "hk_0000000000_wrong", "x" * 5000, "hk_%00_%00", "hk_日本_" + "x" * 43]
)
def test_nobody_without_a_key_gets_in(shop, kind, token):
    model, body = ROWS[kind]
    for response in (Caller(token).put(f"{kind}/1", body), Caller(token).get(f"{kind}/1"), Caller(token).get(kind)):
        assert problem(response) == (401, "not_signed_in")
    assert not model.objects.exists()


def test_a_revoked_key_opens_nothing(shop, caller):
    assert caller.put("items/1", {"title": "A"}).status_code == 201
    actions.revoke_api_key(key=ApiKey.objects.get())
    assert problem(caller.put("items/2", {"title": "B"})) == (401, "not_signed_in")
    assert Item.objects.count() == 1


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_can_do_what_its_scope_says_and_nothing_else(shop, scope):
    caller = Caller(make_key(shop, scope))
    for kind, (_model, body) in ROWS.items():
        for right, call in (
            ("read", lambda kind=kind: caller.get(kind)),
            ("write", lambda kind=kind, body=body: caller.put(f"{kind}/1", body)),
            ("write", lambda kind=kind: caller.bulk(kind, "{}")),
        ):
            response = call()
            if scope == f"{kind}:{right}":
                assert isinstance(response, list) or response.status_code in {200, 201}
            else:
                assert problem(response) == (403, "scope_missing")


def test_a_session_is_no_key(shop, mika):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mika)
    response = client.put("/api/v1/items/1", json.dumps({"title": "A"}), content_type="application/json")
    assert response.status_code in {401, 403}
    assert not Item.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_another_shop_look_absent(shop, other_shop, caller, kind):
    stranger = Caller(make_key(other_shop))
    stranger.put(f"{kind}/1", ROWS[kind][1])
    assert problem(caller.get(f"{kind}/1")) == (404, "not_found")
    assert caller.get(kind).json()["rows"] == []
    if kind in {"items", "orders"}:
        assert problem(caller.delete(f"{kind}/1")) == (404, "not_found")
    assert stranger.get(f"{kind}/1").status_code == 200


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("extra", ["id", "shop", "member", "item_count", "total", "thread_count", "erased_at", "slug"])
def test_fields_that_are_ours_or_unknown_are_refused(caller, kind, extra):
    model, body = ROWS[kind]
    response = caller.put(f"{kind}/1", body | {extra: 1})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"].endswith(extra)
    (answer,) = caller.bulk(kind, {"external_id": "1", extra: 1} | body)
    assert (answer["outcome"], answer["error"]["field"]) == ("refused", extra)
    assert not model.objects.exists()


@pytest.mark.parametrize("price", ["-1", "NaN", "1e400", "99999999999", "abc", {"a": 1}, True])
def test_prices_that_are_none_are_refused(caller, price):
    assert caller.put("items/1", {"title": "A", "price": price}).status_code == 422
    assert not Item.objects.exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_type_is_refused(caller, kind):
    assert problem(caller.put("items/1", json.dumps({"title": "A"}), content_type=kind))[0] == 415
    assert problem(caller.bulk("items", {"external_id": "1", "title": "A"}, content_type=kind))[0] == 415
    assert not Item.objects.exists()


def test_wrong_keys_are_counted_before_they_are_looked_at(shop, caller, settings):
    settings.LIMITS = settings.LIMITS | {"api_key": {"address": (3, 60)}}
    codes = [Caller("hk_0000000000_wrong").get("items").status_code for _turn in range(50)]
    assert codes == [401] * 3 + [429] * 47
    assert caller.get("items").status_code == 200  # the shop next door is not locked out


def test_all_calls_of_an_address_are_counted_first(shop, caller, settings):
    settings.LIMITS = settings.LIMITS | {"api_call": {"address": (2, 60)}}
    assert [caller.get("items").status_code for _turn in range(4)] == [200, 200, 429, 429]
    assert int(caller.get("items")["Retry-After"]) > 0


def test_each_key_has_its_own_count(shop, settings):
    settings.LIMITS = settings.LIMITS | {"api_write": {"target": (1, 60)}}
    one, two = Caller(make_key(shop)), Caller(make_key(shop))
    assert [one.put(f"items/{n}", {"title": "A"}).status_code for n in range(2)] == [201, 429]
    assert two.put("items/9", {"title": "A"}).status_code == 201


def test_a_key_is_kept_as_a_hash_and_its_use_is_noted(shop):
    token = make_key(shop)
    key = ApiKey.objects.get()
    assert token.rpartition("_")[2] not in json.dumps([key.secret_hash, key.prefix, key.name])
    Caller(token).get("items")
    key.refresh_from_db()
    first = key.last_used_at
    Caller(token).get("items")
    key.refresh_from_db()
    assert first is not None and key.last_used_at == first


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_created_once_then_unchanged_then_changed(caller, kind):
    model, body = ROWS[kind]
    answers = [caller.put(f"{kind}/a%20b", body) for _turn in range(2)]
    assert [(one.status_code, one.json()["outcome"]) for one in answers] == [(201, "created"), (200, "unchanged")]
    assert answers[0]["ETag"] == caller.get(f"{kind}/a%20b")["ETag"]
    assert model.objects.get().external_id == "a b"
    assert caller.get(f"{kind}/a%20b").json()["external_id"] == "a b"


def test_ids_may_hold_slashes_and_signs(caller):
    caller.put("items/A%2F1%3F", {"title": "A"})
    assert caller.get("items/A%2F1%3F").json()["external_id"] == "A/1?"


def test_older_news_is_taken_without_effect(caller):
    caller.put("items/1", {"title": "New", "updated_at": "2026-05-05T00:00Z"})
    answer = caller.put("items/1", {"title": "Old", "updated_at": "2026-05-04T00:00Z"})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "stale")
    assert answer.json()["row"]["title"] == "New"


def test_everything_an_item_says_comes_back(caller, shop):
    make_creator(shop)
    sent = {
        "title": "Bowl",
        "description": "**blue**",
        "creator": "c1",
        "series": "Sea",
        "category": "Pottery",
        "price": "12.50",
        "currency": "EUR",
        "url": "https://kobo.example/1",
        "published_at": "2026-05-01T00:00:00Z",
        "attributes": {"Width": "12 cm"},
        "tags": ["blue", "bowl"],
        "variants": [{"external_id": "v", "name": "S", "price": "10.00", "state": "sold_out", "only_at": "rakuten"}],
        "listings": [{"channel": "rakuten", "url": "https://r.example/1", "price": "13.00", "benefit": "Points ×2"}],
        "state": "sold_out",
        "updated_at": "2026-05-02T00:00:00Z",
    }
    row = caller.put("items/1", sent).json()["row"]
    for name, value in sent.items():
        if name not in {"variants", "listings"}:
            assert row[name] == value, name
    assert row["variants"][0] == sent["variants"][0]
    assert {name: row["listings"][0][name] for name in sent["listings"][0]} == sent["listings"][0]


def test_a_known_version_is_not_sent_again(caller, shop):
    make_item(shop)
    first = caller.get("items/i1")
    again = caller.get("items/i1", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    make_item(shop, title="Other")
    assert caller.get("items/i1", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_write_with_an_old_version_is_refused(caller, shop):
    make_item(shop)
    tag = caller.get("items/i1")["ETag"]
    make_item(shop, title="Other")
    assert problem(caller.put("items/i1", {"title": "Mine"}, **{"If-Match": tag})) == (412, "precondition_failed")
    assert problem(caller.put("items/i9", {"title": "Mine"}, **{"If-Match": "*"})) == (412, "precondition_failed")
    assert problem(caller.put("items/i1", {"title": "Mine"}, **{"If-None-Match": "*"})) == (412, "precondition_failed")
    assert Item.objects.get().title == "Other"
    tag = caller.get("items/i1")["ETag"]
    assert caller.put("items/i1", {"title": "Mine"}, **{"If-Match": tag}).status_code == 200


def test_lists_are_walked_by_cursor(caller, shop):
    for n in range(5):
        make_item(shop, f"i{n}")
    seen, cursor = [], ""
    while True:
        page = caller.get(f"items?limit=2&cursor={cursor}").json()
        seen += [row["external_id"] for row in page["rows"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"i{n}" for n in range(5)]
    assert problem(caller.get("items?cursor=nonsense"))[0] == 422
    assert caller.get("items?limit=100000").status_code == 422


def test_deleting_an_item_withdraws_it(caller, shop):
    make_item(shop)
    assert caller.delete("items/i1").status_code == 204
    assert Item.objects.get().state == "withdrawn"
    assert problem(caller.delete("items/none")) == (404, "not_found")


def test_deleting_a_customer_erases_them(caller, shop):
    caller.put("customers/k1", {"country": "Japan", "email": "k@example.com"})
    order = make_order(shop, customer="k1")
    assert [caller.delete("customers/k1").status_code for _turn in range(2)] == [204, 204]
    assert problem(caller.get("customers/k1")) == (404, "not_found")
    answer = caller.put("customers/k1", {"country": "Japan"})
    assert (answer.status_code, answer.json()["outcome"], answer.json()["row"]) == (200, "stale", None)
    assert caller.get(f"orders/{order.external_id}").json()["customer"].startswith("erased:")
    assert caller.delete("orders/o1").status_code == 204
    assert caller.get("orders/o1").json()["customer"] == ""


def test_every_line_of_a_bulk_gets_its_answer(caller):
    caller.put("items/known", {"title": "Known"})
    answers = caller.bulk(
        "items",
        {"external_id": "1", "title": "One"},
        "not json",
        "",
        '["a"]',
        {"external_id": "2"},
        {"title": "No id"},
        {"external_id": "3", "title": "Three", "price": "-1"},
        {"external_id": "known", "title": "Known"},
        {"external_id": "4", "title": "あ" * 300},
    )
    assert [(one["line"], one["outcome"], one.get("error", {}).get("field")) for one in answers] == [
        (1, "created", None),
        (2, "refused", ""),
        (4, "refused", ""),
        (5, "refused", "title"),
        (6, "refused", "external_id"),
        (7, "refused", "price"),
        (8, "unchanged", None),
        (9, "created", None),
    ]
    assert answers[-1]["warnings"]
    assert set(Item.objects.values_list("external_id", flat=True)) == {"known", "1", "4"}


def test_a_line_past_its_limit_is_refused_and_the_next_is_read(caller, monkeypatch):
    monkeypatch.setattr("community.catalog.api.ndjson.LINE_LIMIT", 200)
    long = {"external_id": "1", "title": "A", "description": "x" * 1000}
    answers = caller.bulk("items", long, {"external_id": "2", "title": "B"})
    assert [(one["line"], one["outcome"]) for one in answers] == [(1, "refused"), (2, "created")]


def test_a_bulk_past_its_limit_says_where_it_stopped(caller, monkeypatch):
    monkeypatch.setattr("community.catalog.api.ndjson.LINES_LIMIT", 2)
    answers = caller.bulk("items", *[{"external_id": str(n), "title": "A"} for n in range(4)])
    assert [one["outcome"] for one in answers] == ["created", "created", "refused"]
    assert answers[-1]["error"]["code"] == "too_many_lines"
    assert Item.objects.count() == 2


def test_a_bulk_is_written_in_batches(caller, monkeypatch):
    monkeypatch.setattr("community.catalog.api.ndjson.BATCH", 3)
    answers = caller.bulk("customers", *[{"external_id": str(n)} for n in range(10)])
    assert [one["line"] for one in answers] == list(range(1, 11))
    assert Customer.objects.count() == 10


def png() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (30, 20), "navy").save(out, "PNG")
    return out.getvalue()


def test_a_picture_comes_as_the_body_or_in_a_form(caller, shop):
    make_item(shop)
    path, headers = "/api/v1/items/i1/pictures?alt=side", caller.headers
    first = caller.client.post(path, png(), content_type="image/png", headers=headers)
    assert (first.status_code, first.json()["alt"], first.json()["width"]) == (201, "side", 30)
    from django.core.files.uploadedfile import SimpleUploadedFile

    form = {"picture": SimpleUploadedFile("a.png", png(), "image/png"), "alt": "again"}
    again = caller.client.post("/api/v1/items/i1/pictures", form, headers=headers)
    assert (again.status_code, again.json()["url"]) == (200, first.json()["url"])
    assert ItemPicture.objects.get().picture.used_at is not None


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"<svg/>", "image/svg+xml", 415),
        (b"not a picture", "image/png", 422),
        (b"{}", "application/json", 415),
    ],
)
def test_what_is_no_picture_is_refused(caller, shop, body, kind, expected):
    make_item(shop)
    response = caller.client.post("/api/v1/items/i1/pictures", body, content_type=kind, headers=caller.headers)
    assert problem(response)[0] == expected
    assert not ItemPicture.objects.exists()


def test_a_picture_of_no_item_is_refused(caller, shop):
    make_shop("third")
    response = caller.client.post(
        "/api/v1/items/none/pictures", png(), content_type="image/png", headers=caller.headers
    )
    assert problem(response) == (404, "not_found")

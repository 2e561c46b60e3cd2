"""Shops, their people and things for tests, made by the same actions as everybody's."""

from typing import Any

from community.catalog import actions
from community.catalog.actions import reading
from community.catalog.actions.rows import Result
from community.catalog.actions.shops import SCOPES
from community.catalog.models import Creator, Item, Order, Shop
from community.core.errors import Invalid


def make_shop(slug: str = "kobo", **given: Any) -> Shop:
    return actions.create_shop(**{"name": slug.capitalize(), "slug": slug, "currency": "JPY"} | given)


def make_key(shop: Shop, *scopes: str) -> str:
    """A bearer token; with every scope unless some are named."""
    return actions.create_api_key(shop=shop, name="test", scopes=scopes or SCOPES)[1]


def bring_creator(shop: Shop, external_id: str = "c1", **given: Any) -> Result:
    raw = {"external_id": external_id, "name": f"Maker {external_id}"} | given
    return actions.upsert_creators(shop=shop, rows=[reading.read_creator(raw, shop)])[0]


def bring_item(shop: Shop, external_id: str = "i1", **given: Any) -> Result:
    return bring_items(shop, {"external_id": external_id, "title": f"Bowl {external_id}"} | given)[0]


def bring_items(shop: Shop, *raws: dict[str, Any]) -> list[Result]:
    return actions.upsert_items(shop=shop, rows=[reading.read_item(raw, shop) for raw in raws])


def bring_order(shop: Shop, external_id: str = "o1", **given: Any) -> Result:
    raw = {
        "external_id": external_id,
        "placed_at": "2026-05-01T10:00",
        "lines": [{"item": "i1", "title": "Bowl", "quantity": 1, "unit_price": "1200"}],
    } | given
    return actions.upsert_orders(shop=shop, rows=[reading.read_order(raw, shop)])[0]


def bring_customer(shop: Shop, external_id: str = "k1", **given: Any) -> Result:
    raw = {"external_id": external_id} | given
    return actions.upsert_customers(shop=shop, rows=[reading.read_customer(raw, shop)])[0]


def make_creator(shop: Shop, external_id: str = "c1", **given: Any) -> Creator:
    bring_creator(shop, external_id, **given)
    return Creator.objects.get(shop=shop, external_id=external_id)


def make_item(shop: Shop, external_id: str = "i1", **given: Any) -> Item:
    bring_item(shop, external_id, **given)
    return Item.objects.get(shop=shop, external_id=external_id)


def make_order(shop: Shop, external_id: str = "o1", **given: Any) -> Order:
    bring_order(shop, external_id, **given)
    return Order.objects.get(shop=shop, external_id=external_id)


def refusal(read: Any, raw: dict[str, Any], shop: Shop) -> tuple[str, str]:
    """(code, field) with which a reader refuses a raw row."""
    try:
        read(raw, shop)
    except Invalid as error:
        return error.code, error.field or ""
    raise AssertionError("the row was taken")

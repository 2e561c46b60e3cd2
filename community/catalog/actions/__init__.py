"""Writes of the catalogue, one verb each."""

from community.catalog.actions.creators import upsert_creators
from community.catalog.actions.customers import erase_customer, erase_order, upsert_customers
from community.catalog.actions.items import upsert_items, withdraw_item
from community.catalog.actions.orders import upsert_orders
from community.catalog.actions.pictures import add_item_picture
from community.catalog.actions.profile import link_creator, update_creator_profile
from community.catalog.actions.shops import create_api_key, create_shop, revoke_api_key, shop_changed
from community.catalog.actions.tags import tags_for

__all__ = [
    "add_item_picture",
    "create_api_key",
    "create_shop",
    "erase_customer",
    "erase_order",
    "link_creator",
    "revoke_api_key",
    "shop_changed",
    "tags_for",
    "update_creator_profile",
    "upsert_creators",
    "upsert_customers",
    "upsert_items",
    "upsert_orders",
    "withdraw_item",
]

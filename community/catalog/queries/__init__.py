"""Reads of the catalogue. A gate (`get_…`) raises `NotVisible` alike for what is absent and what is hidden."""

from community.catalog.queries.creators import creator_of, get_creator, list_creators
from community.catalog.queries.items import (
    SORTS,
    get_item,
    item_categories,
    list_items,
    price_range,
    siblings,
    with_card_parts,
)
from community.catalog.queries.shop import get_row, list_rows
from community.catalog.queries.shops import get_shop
from community.catalog.queries.tags import get_tag, popular_tags

__all__ = [
    "SORTS",
    "creator_of",
    "get_creator",
    "get_item",
    "get_row",
    "get_shop",
    "get_tag",
    "item_categories",
    "list_creators",
    "list_items",
    "list_rows",
    "popular_tags",
    "price_range",
    "siblings",
    "with_card_parts",
]

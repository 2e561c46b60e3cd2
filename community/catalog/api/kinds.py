"""The four kinds of rows that a shop sends: how each is read, written and shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from community.catalog import actions, schemas
from community.catalog.actions import reading
from community.catalog.actions.rows import Result
from community.catalog.api import shown
from community.catalog.models import Creator, Customer, FromShop, Item, Order, Shop


@dataclass(frozen=True, slots=True)
class Kind:
    model: type[FromShop]
    sent: type[schemas.RowIn]
    read: Callable[[Any, Shop], Any]
    write: Callable[..., list[Result]]
    show: shown.Show


CREATORS = Kind(Creator, schemas.CreatorIn, reading.read_creator, actions.upsert_creators, shown.creator)
CUSTOMERS = Kind(Customer, schemas.CustomerIn, reading.read_customer, actions.upsert_customers, shown.customer)
ITEMS = Kind(Item, schemas.ItemIn, reading.read_item, actions.upsert_items, shown.item)
ORDERS = Kind(Order, schemas.OrderIn, reading.read_order, actions.upsert_orders, shown.order)

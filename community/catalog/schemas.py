"""Rows as the API takes and gives them. A field that is not listed is refused, so nothing of ours can be set (S30).

Amounts are in main units of the currency ("1200", "12.50"), moments ISO 8601. Ids are the shop's own.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool

State = Literal["on_sale", "sold_out", "withdrawn"]
Format = Literal["markdown", "html"]
Amount = Decimal | str | None
Moment = datetime | str | None
Id = Field(max_length=64)


class Sent(Schema):
    model_config = ConfigDict(extra="forbid")


class RowIn(Sent):
    updated_at: Moment = Field(None, description="When the shop last changed it. Older news never overwrites newer.")


class LinkIn(Sent):
    url: str
    label: str = ""


class CreatorIn(RowIn):
    name: str
    craft: str = ""
    place: str = ""
    craft_started_year: int | None = None
    bio: str = ""
    bio_format: Format = "markdown"
    links: list[LinkIn] = []
    joined_at: Moment = None


class CustomerIn(RowIn):
    country: str = ""
    email: str = Field("", description="Kept as a keyed digest only: enough to recognise, not to write to.")


class VariantIn(Sent):
    external_id: str = Id
    name: str
    price: Amount = None
    state: State = "on_sale"
    only_at: str = Field("", description="The code of the one channel that sells it.")


class ListingIn(Sent):
    channel: str
    url: str
    price: Amount = None
    in_stock: StrictBool = True
    benefit: str = ""
    benefit_from: Moment = None
    benefit_until: Moment = None


class PictureIn(Sent):
    url: str
    alt: str = ""


class ItemIn(RowIn):
    title: str
    description: str = ""
    description_format: Format = "markdown"
    creator: str = ""
    series: str = ""
    category: str = ""
    price: Amount = None
    currency: str = ""
    state: State = "on_sale"
    url: str = ""
    published_at: Moment = None
    attributes: dict[str, str | int | float | bool] = {}
    tags: list[str] = []
    pictures: list[PictureIn] = []
    variants: list[VariantIn] = []
    listings: list[ListingIn] = []


class LineIn(Sent):
    item: str = Field("", description="The item's id; the item may come later.")
    title: str = ""
    quantity: int
    unit_price: Decimal | str
    state: Literal["ordered", "delivered", "cancelled", "refunded"] = "ordered"
    delivered_at: Moment = None
    ended_at: Moment = Field(None, description="When it was cancelled or refunded.")


class OrderIn(RowIn):
    customer: str = ""
    kind: Literal["sale", "cancellation"] = "sale"
    placed_at: datetime | str
    currency: str = ""
    channel: str = ""
    lines: list[LineIn] = []


class RowOut(Schema):
    external_id: str
    updated_at: datetime | None


class CreatorOut(RowOut):
    name: str
    slug: str
    craft: str
    place: str
    craft_started_year: int | None
    bio: str
    links: list[dict[str, str]]
    joined_at: datetime | None
    item_count: int


class CustomerOut(RowOut):
    country: str
    erased_at: datetime | None


class PictureOut(Schema):
    url: str
    alt: str
    width: int
    height: int


class VariantOut(Schema):
    external_id: str
    name: str
    price: str | None
    state: str
    only_at: str


class ListingOut(Schema):
    channel: str
    url: str
    price: str | None
    in_stock: bool
    benefit: str
    benefit_from: datetime | None
    benefit_until: datetime | None


class ItemOut(RowOut):
    id: int
    title: str
    description: str
    creator: str
    series: str
    category: str
    price: str | None
    currency: str
    state: str
    url: str
    published_at: datetime
    attributes: dict[str, Any]
    tags: list[str]
    pictures: list[PictureOut]
    variants: list[VariantOut]
    listings: list[ListingOut]


class LineOut(Schema):
    number: int
    item: str
    title: str
    quantity: int
    unit_price: str
    state: str
    delivered_at: datetime | None
    ended_at: datetime | None


class OrderOut(RowOut):
    customer: str
    kind: str
    placed_at: datetime
    currency: str
    channel: str
    total: str
    erased_at: datetime | None
    lines: list[LineOut]


class Written(Schema):
    """What became of a row, and what had to be left out of it."""

    outcome: Literal["created", "changed", "unchanged", "stale"]
    warnings: list[str] = []


class WrittenCreator(Written):
    row: CreatorOut


class WrittenCustomer(Written):
    row: CustomerOut | None


class WrittenItem(Written):
    row: ItemOut


class WrittenOrder(Written):
    row: OrderOut


class Page(Schema):
    next: str | None = Field(None, description="The cursor of the next page; null at the end.")


class CreatorPage(Page):
    rows: list[CreatorOut]


class CustomerPage(Page):
    rows: list[CustomerOut]


class ItemPage(Page):
    rows: list[ItemOut]


class OrderPage(Page):
    rows: list[OrderOut]

"""What a shop tells us, typed: the one shape that the API and the files both turn into.

Amounts are in the currency's minor unit, moments are aware. A row holds what was said and nothing we compute.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from json import dumps
from typing import Any, TypeVar

# Part of every fingerprint: raise it when the same words have to be read anew (a better HTML reader, say).
READING = "1"


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    STALE = "stale"  # older than what we have, so it was left out
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one row. `reason` and `field` say why it was refused, `warnings` what was left out of it."""

    external_id: str
    outcome: Outcome
    reason: str = ""
    field: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Row:
    """What every row has: the shop's own id, and when the shop last changed it (None = it does not say)."""

    external_id: str
    updated_at: datetime | None = None
    warnings: list[str] = field(default_factory=list, compare=False)

    def fingerprint(self) -> str:
        """32 hex digits: equal when the shop says the same again. The shop's clock is no part of what it says."""
        return fingerprint([self.external_id, *_said(self)[len(fields(Row)) :]])


R = TypeVar("R", bound=Row)


@dataclass(slots=True)
class CreatorRow(Row):
    name: str = ""
    craft: str = ""
    place: str = ""
    craft_started_year: int | None = None
    bio: str = ""
    bio_format: str = "markdown"
    links: list[dict[str, str]] = field(default_factory=list)
    joined_at: datetime | None = None


@dataclass(slots=True)
class CustomerRow(Row):
    """`email_digest` is already a digest: the address itself goes no further than the reader."""

    country: str = ""
    email_digest: str = ""


@dataclass(slots=True)
class VariantRow:
    external_id: str
    name: str
    price_minor: int | None = None
    state: str = "on_sale"
    only_at: str = ""


@dataclass(slots=True)
class ListingRow:
    channel: str
    url: str
    price_minor: int | None = None
    in_stock: bool = True
    benefit: str = ""
    benefit_from: datetime | None = None
    benefit_until: datetime | None = None


@dataclass(slots=True)
class PictureRow:
    url: str
    alt: str = ""


@dataclass(slots=True)
class ItemRow(Row):
    title: str = ""
    description: str = ""
    description_format: str = "markdown"
    creator: str = ""
    series: str = ""
    category: str = ""
    price_minor: int | None = None
    currency: str = ""
    state: str = "on_sale"
    url: str = ""
    published_at: datetime | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    pictures: list[PictureRow] = field(default_factory=list)
    variants: list[VariantRow] = field(default_factory=list)
    listings: list[ListingRow] = field(default_factory=list)


@dataclass(slots=True)
class LineRow:
    """`number` is the place in the order, from 1; `item` the external id of an item that may not be here yet."""

    number: int
    item: str
    title: str
    quantity: int
    unit_price_minor: int
    state: str = "ordered"
    delivered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class OrderRow(Row):
    customer: str = ""
    kind: str = "sale"
    placed_at: datetime | None = None
    currency: str = ""
    channel: str = ""
    lines: list[LineRow] = field(default_factory=list)

    @property
    def total_minor(self) -> int:
        """We add up ourselves: a total that the client sends could say anything (S30)."""
        return sum(line.quantity * line.unit_price_minor for line in self.lines)

    def fingerprint(self) -> str:
        lines = [
            (
                one.number,
                one.item,
                one.title,
                one.quantity,
                one.unit_price_minor,
                one.state,
                one.delivered_at,
                one.ended_at,
            )
            for one in self.lines
        ]
        return fingerprint([self.customer, self.kind, self.placed_at, self.currency, self.channel, lines])


def fingerprint(said: Any) -> str:
    """A hash of JSON-like data with moments and rows in it."""
    text = dumps([READING, said], default=_said, ensure_ascii=False, separators=(",", ":"))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _said(value: Any) -> Any:
    """The fields of a row in their order (those of `Row` come first); a moment as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return [getattr(value, name) for name in value.__dataclass_fields__]

"""From what a shop sent (JSON or the cells of a file) to typed rows.

A row is refused only when it cannot be used; what is merely too long or unusable is cut or left out with a warning.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from community.catalog.actions import words
from community.catalog.actions.pseudonyms import email_digest
from community.catalog.actions.rows import (
    CreatorRow,
    CustomerRow,
    ItemRow,
    LineRow,
    ListingRow,
    OrderRow,
    PictureRow,
    VariantRow,
)
from community.catalog.models import Item, Order, OrderLine, Shop
from community.core.clock import now
from community.core.text import tag_key

Raw = Mapping[str, Any]

DESCRIPTION_LIMIT = 128 * 1024  # bytes as sent; what remains as Markdown is cut again at core.text.BODY_LIMIT
ATTRIBUTES_LIMIT, TAGS_LIMIT, PICTURES_LIMIT, VARIANTS_LIMIT, LISTINGS_LIMIT = 40, 100, 30, 200, 40
LINES_LIMIT, LINKS_LIMIT = 5_000, 10
TOTAL_LIMIT = 10**15  # minor units; what one order may add up to
TAG_LIMIT = 100
CLOCK_SLACK = timedelta(days=1)  # how far a shop's clock may run ahead of ours

STATES = frozenset(Item.State.values)
KINDS = frozenset(Order.Kind.values)
LINE_STATES = frozenset(OrderLine.State.values)
FORMATS = frozenset({"markdown", "html"})


@dataclass(slots=True)
class Reader:
    """The fields of one raw row, and what had to be left out of it."""

    raw: Raw
    currency: str
    zone: str
    path: str = ""
    warnings: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        return words.plain(self.raw.get(name), self.path + name)

    def line(self, name: str, limit: int) -> str:
        line, was_cut = words.one_line(self.text(name), limit)
        if was_cut:
            self.warn(name, _("cut at %(limit)s characters") % {"limit": limit})
        return line

    def required_line(self, name: str, limit: int) -> str:
        line = self.line(name, limit)
        if not line:
            raise words.refused(self.path + name, f"{name}_missing", _("“%(field)s” is empty.") % {"field": name})
        return line

    def body(self, name: str) -> str:
        text, was_cut = words.tidied(self.text(name), DESCRIPTION_LIMIT)
        if was_cut:
            self.warn(name, _("cut at %(limit)s bytes") % {"limit": DESCRIPTION_LIMIT})
        return text

    def amount(self, name: str, *, negative: bool = False) -> int | None:
        found = words.minor(self.text(name), self.currency, self.path + name)
        if found is not None and found < 0 and not negative:
            raise words.refused(self.path + name, "amount_negative", _("A price cannot be negative."))
        return found

    def moment(self, name: str) -> Any:
        return words.moment(self.text(name), self.zone, self.path + name)

    def whole(self, name: str, lowest: int, highest: int) -> int | None:
        return words.whole(self.text(name), self.path + name, lowest, highest)

    def choice(self, name: str, allowed: frozenset[str], default: str) -> str:
        return words.choice(self.text(name), self.path + name, allowed, default)

    def address(self, name: str) -> str:
        sent = self.text(name).strip()
        address = words.web_address(sent)
        if sent and not address:
            self.warn(name, _("left out: not a web address"))
        return address

    def children(self, name: str, limit: int) -> Iterator["Reader"]:
        for place, raw in enumerate(self.sequence(name, limit), start=1):
            if not isinstance(raw, Mapping):
                raise words.refused(f"{self.path}{name}.{place}", "not_object", _("An object is expected here."))
            yield Reader(raw, self.currency, self.zone, f"{self.path}{name}.{place}.", self.warnings)

    def sequence(self, name: str, limit: int) -> Sequence[Any]:
        given = self.raw.get(name) or ()
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise words.refused(self.path + name, "not_list", _("A list is expected here."))
        if len(given) > limit:
            self.warn(name, _("only the first %(limit)s are kept") % {"limit": limit})
        return given[:limit]

    def warn(self, name: str, message: str) -> None:
        self.warnings.append(f"{self.path}{name}: {message}")

    def updated_at(self) -> Any:
        found = self.moment("updated_at")
        if found is not None and found > now() + CLOCK_SLACK:
            raise words.refused("updated_at", "updated_at_ahead", _("“updated_at” lies in the future."))
        return found


def of_shop(raw: Raw, shop: Shop) -> Reader:
    """A reader in the shop's currency and time zone; a row may name a currency of its own."""
    own = words.plain(raw.get("currency"), "currency").strip()
    return Reader(raw, words.currency_code(own) if own else shop.currency, shop.time_zone)


def read_creator(raw: Raw, shop: Shop) -> CreatorRow:
    """Raises `Invalid` with the field, as all readers here."""
    reader = of_shop(raw, shop)
    return CreatorRow(
        external_id=words.identity(raw.get("external_id")),
        updated_at=reader.updated_at(),
        warnings=reader.warnings,
        name=reader.required_line("name", 80),
        craft=reader.line("craft", 60),
        place=reader.line("place", 60),
        craft_started_year=reader.whole("craft_started_year", 1850, now().year),
        bio=reader.body("bio"),
        bio_format=reader.choice("bio_format", FORMATS, "markdown"),
        links=_links(reader),
        joined_at=reader.moment("joined_at"),
    )


def _links(reader: Reader) -> list[dict[str, str]]:
    links = []
    for one in reader.children("links", LINKS_LIMIT):
        url = words.web_address(one.text("url"), secure=True)
        if url:
            links.append({"label": one.line("label", 60) or url, "url": url})
        else:
            one.warn("url", _("left out: only https addresses can be linked"))
    return links


def read_customer(raw: Raw, shop: Shop) -> CustomerRow:
    reader = of_shop(raw, shop)
    address = reader.text("email").strip()
    try:
        if address:
            validate_email(address)
    except ValidationError:
        reader.warn("email", _("left out: not an e-mail address"))
        address = ""
    return CustomerRow(
        external_id=words.identity(raw.get("external_id")),
        updated_at=reader.updated_at(),
        warnings=reader.warnings,
        country=reader.line("country", 60),
        email_digest=email_digest(address),
    )


def read_item(raw: Raw, shop: Shop) -> ItemRow:
    reader = of_shop(raw, shop)
    return ItemRow(
        external_id=words.identity(raw.get("external_id")),
        updated_at=reader.updated_at(),
        warnings=reader.warnings,
        title=_title(reader),
        description=reader.body("description"),
        description_format=reader.choice("description_format", FORMATS, "markdown"),
        creator=words.reference(raw.get("creator"), "creator"),
        series=reader.line("series", 80),
        category=reader.line("category", 60),
        price_minor=reader.amount("price"),
        currency=reader.currency,
        state=reader.choice("state", STATES, Item.State.ON_SALE),
        url=reader.address("url"),
        published_at=reader.moment("published_at"),
        attributes=_attributes(reader),
        tags=_tags(reader),
        pictures=_pictures(reader),
        variants=_variants(reader),
        listings=_listings(reader),
    )


def _title(reader: Reader) -> str:
    title = reader.required_line("title", 200)
    if not any(char.isalnum() for char in title):
        raise words.refused("title", "title_without_letters", _("A title needs at least one letter or digit."))
    return title


def _attributes(reader: Reader) -> dict[str, str]:
    given = reader.raw.get("attributes") or {}
    if not isinstance(given, Mapping):
        raise words.refused("attributes", "not_object", _("An object is expected here."))
    if len(given) > ATTRIBUTES_LIMIT:
        reader.warn("attributes", _("only the first %(limit)s are kept") % {"limit": ATTRIBUTES_LIMIT})
    found = {}
    for name, value in list(given.items())[:ATTRIBUTES_LIMIT]:
        label, _cut = words.one_line(str(name), 60)
        line, _cut = words.one_line(words.plain(value, f"attributes.{name}"), 300)
        if label and line:
            found[label] = line
    return found


def _tags(reader: Reader) -> list[str]:
    """The names in the order given, one per canonical form."""
    found: dict[str, str] = {}
    for one in reader.sequence("tags", TAGS_LIMIT):
        name, key = _tag(words.plain(one, "tags"))
        if not key:
            continue
        if len(name) > TAG_LIMIT or len(key) > TAG_LIMIT:
            reader.warn(
                "tags", _("“%(tag)s…” left out: longer than %(limit)s") % {"tag": name[:30], "limit": TAG_LIMIT}
            )
            continue
        found.setdefault(key, name)
    return list(found.values())


@lru_cache(maxsize=4096)
def _tag(text: str) -> tuple[str, str]:
    name, _cut = words.one_line(text, 1000)
    return name, tag_key(name)


def _pictures(reader: Reader) -> list[PictureRow]:
    """Addresses on the hosts that the operator allows; others would tell their server who reads us."""
    found: list[PictureRow] = []
    for one in reader.children("pictures", PICTURES_LIMIT):
        url = words.web_address(one.text("url"), secure=True)
        if not url or not _is_picture_host(url):
            one.warn("url", _("left out: not an https address on a host of HIROBA_PICTURE_HOSTS"))
        elif all(url != other.url for other in found):
            found.append(PictureRow(url=url, alt=one.line("alt", 200)))
    return found


def _is_picture_host(url: str) -> bool:
    host = url.split("/")[2].lower()
    return any(host == allowed.rpartition("//")[2].rstrip("/").lower() for allowed in settings.PICTURE_HOSTS)


def _variants(reader: Reader) -> list[VariantRow]:
    found: dict[str, VariantRow] = {}
    for one in reader.children("variants", VARIANTS_LIMIT):
        row = VariantRow(
            external_id=words.identity(one.raw.get("external_id"), one.path + "external_id"),
            name=one.required_line("name", 120),
            price_minor=one.amount("price"),
            state=one.choice("state", STATES, Item.State.ON_SALE),
            only_at=_channel(one, "only_at"),
        )
        found[row.external_id] = row
    return list(found.values())


def _listings(reader: Reader) -> list[ListingRow]:
    found: dict[str, ListingRow] = {}
    for one in reader.children("listings", LISTINGS_LIMIT):
        row = ListingRow(
            channel=_channel(one, "channel"),
            url=one.address("url"),
            price_minor=one.amount("price"),
            in_stock=words.yes_or_no(one.raw.get("in_stock"), one.path + "in_stock", True),
            benefit=one.line("benefit", 120),
            benefit_from=one.moment("benefit_from"),
            benefit_until=one.moment("benefit_until"),
        )
        if not row.channel:
            raise words.refused(one.path + "channel", "channel_missing", _("“channel” is empty."))
        if row.url:
            found[row.channel] = row
    return list(found.values())


def _channel(reader: Reader, name: str) -> str:
    code = reader.line(name, 40).lower()
    if code and not all(char.isascii() and (char.isalnum() or char in "-_") for char in code):
        raise words.refused(
            reader.path + name, "channel_invalid", _("A channel code has letters a–z, digits, - and _, like “rakuten”.")
        )
    return code


def read_order(raw: Raw, shop: Shop) -> OrderRow:
    reader = of_shop(raw, shop)
    lines = reader.raw.get("lines") or ()
    if len(lines) > LINES_LIMIT:
        raise words.refused(
            "lines", "too_many_lines", _("An order has at most %(limit)s lines.") % {"limit": LINES_LIMIT}
        )
    placed_at = reader.moment("placed_at")
    if placed_at is None:
        raise words.refused("placed_at", "placed_at_missing", _("“placed_at” is empty."))
    row = OrderRow(
        external_id=words.identity(raw.get("external_id")),
        updated_at=reader.updated_at(),
        warnings=reader.warnings,
        customer=words.reference(raw.get("customer"), "customer"),
        kind=reader.choice("kind", KINDS, Order.Kind.SALE),
        placed_at=placed_at,
        currency=reader.currency,
        channel=_channel(reader, "channel"),
        lines=[_line(one, number) for number, one in enumerate(reader.children("lines", LINES_LIMIT), start=1)],
    )
    if abs(row.total_minor) > TOTAL_LIMIT:
        raise words.refused("lines", "total_too_large", _("The lines add up to more than any order we take."))
    return row


def _line(one: Reader, number: int) -> LineRow:
    quantity = one.whole("quantity", -words.QUANTITY_LIMIT, words.QUANTITY_LIMIT)
    price = one.amount("unit_price", negative=True)
    if quantity is None:
        raise words.refused(one.path + "quantity", "quantity_missing", _("“quantity” is empty."))
    if price is None:
        raise words.refused(one.path + "unit_price", "unit_price_missing", _("“unit_price” is empty."))
    return LineRow(
        number=number,
        item=words.reference(one.raw.get("item"), one.path + "item"),
        title=one.line("title", 200),
        quantity=quantity,
        unit_price_minor=price,
        state=one.choice("state", LINE_STATES, OrderLine.State.ORDERED),
        delivered_at=one.moment("delivered_at"),
        ended_at=one.moment("ended_at"),
    )

"""Our rows as the shop reads them back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from community.catalog import schemas
from community.catalog.models import Creator, Customer, Item, Order
from community.core import money


def creator(row: Creator) -> schemas.CreatorOut:
    return schemas.CreatorOut(
        external_id=row.external_id,
        updated_at=row.source_updated_at,
        name=row.name,
        slug=row.slug,
        craft=row.craft,
        place=row.place,
        craft_started_year=row.craft_started_year,
        bio=row.bio,
        links=row.links,
        joined_at=row.joined_at,
        item_count=row.item_count,
    )


def customer(row: Customer) -> schemas.CustomerOut:
    return schemas.CustomerOut(
        external_id=row.external_id,
        updated_at=row.source_updated_at,
        country=row.country,
        erased_at=row.erased_at,
    )


def item(row: Item) -> schemas.ItemOut:
    return schemas.ItemOut(
        external_id=row.external_id,
        updated_at=row.source_updated_at,
        id=row.pk,
        title=row.title,
        description=row.description,
        creator=row.creator_ref,
        series=row.series.name if row.series else "",
        category=row.category,
        price=_amount(row.price_minor, row.currency),
        currency=row.currency,
        state=row.state,
        url=row.url,
        published_at=row.published_at,
        attributes=row.attributes,
        tags=sorted(tag.name for tag in row.tags.all()),
        **_parts(row),
    )


def _parts(row: Item) -> dict[str, Any]:
    faces = [one.face() for one in row.pictures.all()]
    return {
        "pictures": [{name: face[name] for name in ("url", "alt", "width", "height")} for face in faces],
        "variants": [
            {
                "external_id": one.external_id,
                "name": one.name,
                "price": _amount(one.price_minor, row.currency),
                "state": one.state,
                "only_at": one.only_at.code if one.only_at else "",
            }
            for one in row.variants.all()
        ],
        "listings": [
            {
                "channel": one.channel.code,
                "url": one.url,
                "price": _amount(one.price_minor, row.currency),
                "in_stock": one.in_stock,
                "benefit": one.benefit,
                "benefit_from": one.benefit_from,
                "benefit_until": one.benefit_until,
            }
            for one in row.listings.all()
        ],
    }


def order(row: Order) -> schemas.OrderOut:
    return schemas.OrderOut(
        external_id=row.external_id,
        updated_at=row.source_updated_at,
        customer=row.customer.external_id if row.customer else "",
        kind=row.kind,
        placed_at=row.placed_at,
        currency=row.currency,
        channel=row.channel_code,
        total=str(_amount(row.total_minor, row.currency)),
        erased_at=row.erased_at,
        lines=[
            schemas.LineOut(
                number=one.number,
                item=one.sku,
                title=one.title,
                quantity=one.quantity,
                unit_price=str(_amount(one.unit_price_minor, row.currency)),
                state=one.state,
                delivered_at=one.delivered_at,
                ended_at=one.ended_at,
            )
            for one in row.lines.all()
        ],
    )


def _amount(minor: int | None, currency: str) -> str | None:
    if minor is None:
        return None
    found: Decimal = money.to_decimal(minor, currency)
    return f"{found:f}"


Show = Callable[[Any], Any]

"""A shop's own rows, as its programs read them back."""

from typing import Any, TypeVar

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from community.catalog.models import (
    ChannelListing,
    Creator,
    Customer,
    FromShop,
    Item,
    ItemPicture,
    Order,
    OrderLine,
    Shop,
    Variant,
)
from community.core.errors import NotVisible
from community.core.paging import Slice, cut

PAGE_SIZE = 100
RELATED: dict[type[FromShop], tuple[str, ...]] = {
    Item: ("creator", "series"),
    Order: ("customer",),
    Creator: ("picture",),
    Customer: ("shop",),
}
PARTS: dict[type[FromShop], tuple[Any, ...]] = {
    Item: (
        "tags",
        Prefetch("pictures", ItemPicture.objects.select_related("picture")),
        Prefetch("variants", Variant.objects.select_related("only_at")),
        Prefetch("listings", ChannelListing.objects.select_related("channel").order_by("channel__code")),
    ),
    Order: (Prefetch("lines", OrderLine.objects.order_by("number")),),
}
Kind = TypeVar("Kind", bound=FromShop)


def get_row(model: type[Kind], *, shop: Shop, external_id: str) -> Kind:
    """A row of the shop by the shop's own id; raises `NotVisible`, also for a row of another shop. 1 to 5 queries."""
    row = _of_shop(model, shop).filter(external_id=external_id).first()
    if row is None:
        raise NotVisible(_("This shop has no row with this id."))
    return row


def list_rows(model: type[Kind], *, shop: Shop, cursor: str = "", size: int = PAGE_SIZE) -> Slice[Kind]:
    """The shop's rows in the order in which they first came."""
    return cut(_of_shop(model, shop), by=("id",), size=size, cursor=cursor)


def _of_shop(model: type[Kind], shop: Shop) -> QuerySet[Kind]:
    rows = model._default_manager.filter(shop=shop).select_related(*RELATED[model])
    return rows.prefetch_related(*PARTS.get(model, ()))

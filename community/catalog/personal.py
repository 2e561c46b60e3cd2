"""What of the catalogue belongs to one member: a creator's page of settings, what the shop's books say of them, for an
archive, and how somebody who has left goes out of those books: what they bought stays counted, who they were does not.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.catalog.models import Creator, Customer, Order
from community.catalog.queries import creator_of
from community.members.models import Member
from community.members.registry import Leaver, Section, SettingsPage, archive, eraser, settings_page


def _is_creator(member: Member) -> bool:
    return creator_of(member=member, viewer=member) is not None


settings_page(SettingsPage("catalog:creator_edit", _("Creator page"), _is_creator))


@eraser("catalog: customer and maker")
def unlink(leaver: Leaver) -> None:
    Creator.objects.filter(member_id=leaver.member_id).update(member=None)
    Customer.objects.filter(member_id=leaver.member_id).update(member=None, email_digest="")


@archive("shop", _("What you bought, and what you make"))
def bought_and_made(member_id: int) -> Iterator[Section]:
    bought = Order.objects.filter(customer__member_id=member_id).select_related("shop").prefetch_related("lines")
    labels = {
        "placed_at": _("When"),
        "shop": _("Shop"),
        "order": pgettext_lazy("in a shop", "Order"),
        "titles": _("Items"),
    }
    rows = (_order(order) for order in bought.order_by("-placed_at").iterator(500))
    yield Section("orders", _("Orders"), rows, labels, of=("catalog.Customer.member",))
    fields = ("name", "craft", "place", "craft_started_year", "bio", "links", "edited_at")
    makers = Creator.objects.filter(member_id=member_id).values(*fields)
    named = {"name": _("name"), "craft": _("craft"), "place": _("place"), "bio": _("about")}
    yield Section("maker", _("Your page as a maker"), makers, named, of=("catalog.Creator.member",))


def _order(order: Order) -> dict[str, Any]:
    lines = [
        {
            "title": line.title,
            "sku": line.sku,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
            "state": line.state,
            "delivered_at": line.delivered_at,
        }
        for line in order.lines.all()
    ]
    return {
        "shop": order.shop.name,
        "order": order.external_id,
        "kind": order.kind,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "titles": [line["title"] for line in lines],
        "lines": lines,
    }

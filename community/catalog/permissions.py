"""Who may see and do what in the catalogue."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.catalog.models import Creator, Item, Shop
from community.core.verdicts import NOT_FOUND, YES, Verdict, no
from community.members.permissions import Viewer, can_take_part


def can_see_shop(viewer: Viewer, shop: Shop) -> Verdict:
    """A shop that is not open yet (or no longer) is seen by managers only."""
    if shop.is_open or viewer.is_manager:
        return YES
    return no(NOT_FOUND, _("There is nothing here."))


def visible_shops(viewer: Viewer) -> Q:
    """The list twin of `can_see_shop`."""
    return Q() if viewer.is_manager else Q(is_open=True)


def can_see_item(viewer: Viewer, item: Item) -> Verdict:
    """Items are public as long as their shop is, sold out and withdrawn ones too: talk hangs on them."""
    return can_see_shop(viewer, item.shop)


def can_see_creator(viewer: Viewer, creator: Creator) -> Verdict:
    return can_see_shop(viewer, creator.shop)


def visible_items(viewer: Viewer) -> Q:
    """The list twin of `can_see_item`."""
    return Q() if viewer.is_manager else Q(shop__is_open=True)


def visible_creators(viewer: Viewer) -> Q:
    """The list twin of `can_see_creator`."""
    return Q() if viewer.is_manager else Q(shop__is_open=True)


def can_edit_creator(viewer: Viewer, creator: Creator) -> Verdict:
    """The linked member writes the profile; a manager may help."""
    if creator.member_id is not None and viewer.pk == creator.member_id:
        return can_take_part(viewer)
    if viewer.is_manager:
        return YES
    return no("not_yours", _("Only the creator can change this profile."))


def can_manage_shops(viewer: Viewer) -> Verdict:
    """Shops, their keys and the links between creators and members."""
    if viewer.is_manager:
        return YES
    return no("rank", _("You need a higher role for this."))

"""Shops, as people see them."""

from django.utils.translation import gettext as _

from community.catalog.models import Shop
from community.catalog.permissions import can_see_shop
from community.core.errors import NotVisible
from community.members.permissions import Viewer


def get_shop(*, slug: str, viewer: Viewer) -> Shop:
    """Raises `NotVisible`. 1 query."""
    shop = Shop.objects.filter(slug=slug).first()
    if shop is None or not can_see_shop(viewer, shop):
        raise NotVisible(_("There is no such shop."))
    return shop

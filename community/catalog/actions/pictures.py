"""Pictures of items that the shop sends us as files."""

from django.utils.translation import gettext as _

from community.catalog.actions import words
from community.catalog.facts import ItemsImported
from community.catalog.models import Item, ItemPicture, Shop
from community.core import facts
from community.core.errors import Invalid, NotVisible
from community.core.pictures import Upload, mark_used, store_picture
from community.core.work import unit

LIMIT = 30


def add_item_picture(*, shop: Shop, external_id: str, upload: Upload, alt: str = "") -> tuple[ItemPicture, bool]:
    """Keep a picture as the item's last one; returns it and whether it is new.

    The same file again is the picture that is there. Raises `NotVisible` (no such item), `Invalid` (not a picture,
    damaged, too many) or `TooLarge`.
    """
    item = Item.objects.filter(shop=shop, external_id=external_id).only("pk").first()
    if item is None:
        raise NotVisible(_("There is no such item."))
    # Decoding takes a while: it is done before anything is locked.
    picture = store_picture(upload, owner_id=None)
    return _attach(item_id=item.pk, picture_id=picture.pk, digest=picture.digest, alt=words.one_line(alt, 200)[0])


@unit
def _attach(*, item_id: int, picture_id: int, digest: str, alt: str) -> tuple[ItemPicture, bool]:
    item = Item.objects.select_for_update(no_key=True).only("pk", "shop_id").get(pk=item_id)
    there = list(ItemPicture.objects.filter(item=item).select_related("picture").order_by("position"))
    for one in there:
        if one.picture is not None and one.picture.digest == digest:
            return one, False
    if len(there) >= LIMIT:
        raise Invalid(
            _("An item has at most %(limit)s pictures.") % {"limit": LIMIT}, code="too_many_pictures", field="picture"
        )
    place = there[-1].position + 1 if there else 0
    mark_used([picture_id])
    hung = ItemPicture.objects.create(item=item, picture_id=picture_id, position=place, alt=alt)
    facts.record(ItemsImported(item.shop_id, (item.pk,)))
    return hung, True

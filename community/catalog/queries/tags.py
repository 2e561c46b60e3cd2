"""Tags."""

from collections.abc import Sequence

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from community.catalog.models import Item, Tag
from community.core.errors import NotVisible
from community.core.text import tag_key


def get_tag(*, name: str) -> Tag:
    """A tag by its address or by any spelling of its name; raises `NotVisible`. 1 query."""
    found = list(Tag.objects.filter(Q(slug=name) | Q(key=tag_key(name)))[:2])
    if not found:
        raise NotVisible(_("There is no such tag."))
    # An address belongs to one tag, even where it is also a spelling of another.
    return min(found, key=lambda tag: tag.slug != name)


def popular_tags(*, limit: int = 30) -> Sequence[Tag]:
    """The tags on most items that are shown, each with `uses`. 1 query."""
    shown = Q(tagged_items__content_object__shop__is_open=True) & ~Q(
        tagged_items__content_object__state=Item.State.WITHDRAWN
    )
    rows = Tag.objects.annotate(uses=Count("tagged_items", filter=shown)).filter(uses__gt=0)
    return list(rows.order_by("-uses", "key")[:limit])

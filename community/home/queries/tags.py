"""Browsing by words, which items and threads share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from community.catalog import queries as catalog
from community.catalog.models import Item, Tag
from community.core.paging import Slice
from community.members.permissions import Viewer
from community.threads import queries as threads
from community.threads.models import Thread


@dataclass(frozen=True, slots=True)
class TagPage:
    tag: Tag
    tab: str
    items: Slice[Item] | None
    threads: Slice[Thread] | None
    tabs: Sequence[dict[str, Any]]
    trail: Sequence[dict[str, str]]


def all_tags() -> Sequence[Tag]:
    """The 200 most used, each with `uses`."""
    return catalog.popular_tags(limit=200)


def tag_page(*, viewer: Viewer, name: str, tab: str = "items", cursor: str = "") -> TagPage:
    """`name` is any spelling of the tag. Raises `NotVisible`."""
    tag = catalog.get_tag(name=name)
    base = reverse("home:tag", args=[tag.slug])
    items = tab == "items"
    return TagPage(
        tag=tag,
        tab=tab,
        items=catalog.list_items(viewer=viewer, tag=tag, cursor=cursor, size=24) if items else None,
        threads=None if items else threads.list_threads(viewer=viewer, tag=tag, cursor=cursor, with_pinned=True),
        tabs=[
            {"label": _("Items"), "url": base, "current": items, "icon": "item"},
            {"label": _("Threads"), "url": f"{base}?tab=threads", "current": not items, "icon": "chat"},
        ],
        trail=[{"label": _("Tags"), "url": reverse("home:tags")}, {"label": tag.name, "url": ""}],
    )

"""How items, creators and tags become the words of the components. No query: rows come loaded."""

from typing import Any

from django import template
from django.urls import reverse

from community.catalog.models import Creator, Item
from community.core.templatetags.head import whole
from community.core.text import plain_text

register = template.Library()


@register.simple_tag
def picture_of(item: Item) -> dict[str, str]:
    """The first picture of an item whose pictures are prefetched: url, thumb_url, alt; empty without one."""
    for row in item.pictures.all():
        return row.face()
    return {"url": "", "thumb_url": "", "alt": ""}


@register.simple_tag
def summary_of(creator: Creator) -> str:
    """What and where they make, in one line."""
    return "・".join(word for word in (creator.craft, creator.place) if word)


@register.simple_tag
def tag_links(tags: Any) -> list[dict[str, Any]]:
    """Tags as links; a tag that carries `uses` shows it."""
    return [
        {"name": tag.name, "url": reverse("home:tag", args=[tag.slug]), "count": getattr(tag, "uses", None)}
        for tag in tags
    ]


@register.simple_tag
def absolute(url: str) -> str:
    """An address of this site with its origin, for machines that read it elsewhere."""
    return whole(url)


@register.filter
def excerpt(markdown: str, limit: int = 150) -> str:
    """The first words of a Markdown text, without marks."""
    return plain_text(markdown or "", limit=limit)

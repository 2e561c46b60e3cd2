"""What stands in the head of a page for machines: its one address, its neighbours, and what it is about."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from community.core.paging import Slice

register = template.Library()

SCHEMA: Final = "https://schema.org"
# What could end a script element, open a comment in it, or break a line where JSON has none.
_UNSAFE: Final = re.compile("[<>&\u2028\u2029]")


def whole(url: str) -> str:
    """An address of this site with its origin; one that has an origin stays as it is."""
    return f"{settings.SITE_ORIGIN}{url}" if url.startswith("/") else url


@register.simple_tag
def our_card() -> str:
    """The picture of a link to a page that has none of its own."""
    return whole(static("img/card.png"))


@register.simple_tag(takes_context=True)
def canonical(
    context: template.Context, path: str, *, found: Slice[Any] | None = None, detour: object = "", **asked: object
) -> SafeString:
    """The address under which a page is known, whatever way led to it, and those of the slices beside it.

    `asked` are the words of the address that name other content (`tab="talk"`); empty ones do not count. A `detour` is
    the same list in another order or narrowed down: it is known as the list itself, and has no neighbours.
    """
    query = {name: str(value) for name, value in asked.items() if value}
    cursor = context["request"].GET.get("cursor", "") if found is not None and not detour else ""
    here = format_html('<link rel="canonical" href="{}">', _address(path, query, cursor))
    if found is None or detour:
        return here
    beside = [(rel, cursor) for rel, cursor in (("prev", found.previous), ("next", found.next)) if cursor]
    links = [(rel, _address(path, query, cursor)) for rel, cursor in beside]
    return here + format_html_join("", '<link rel="{}" href="{}">', links)


def _address(path: str, query: Mapping[str, str], cursor: str) -> str:
    given = {**query, "cursor": cursor} if cursor else query
    return whole(f"{path}?{urlencode(given)}" if given else path)


@register.simple_tag
def about_page(*parts: Mapping[str, Any]) -> SafeString:
    """Structured data (JSON-LD) as a block that no browser runs and that no text in it can leave."""
    words = json.dumps({"@context": SCHEMA, "@graph": parts}, ensure_ascii=False, separators=(",", ":"))
    safe = _UNSAFE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", words)
    return mark_safe(f'<script type="application/ld+json">{safe}</script>')  # noqa: S308  escaped above


@register.simple_tag
def trail_of(steps: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """A breadcrumb trail, steps of `label` and `url` ("" for the page itself), as schema.org has it."""
    rows = [{"@type": "ListItem", "position": at, "name": step["label"]} for at, step in enumerate(steps, 1)]
    for row, step in zip(rows, steps, strict=True):
        if step["url"]:
            row["item"] = whole(step["url"])
    return {"@type": "BreadcrumbList", "itemListElement": rows}

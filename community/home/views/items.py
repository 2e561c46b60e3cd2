"""Browsing items, and the item page: the hub around which everything grows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from community.core import live, pages
from community.home import queries
from community.home.queries import ItemPage
from community.home.views.asked import chosen, whole_number
from community.members.permissions import viewer_of

TABS = ("all", "questions", "talk")


@require_safe
@pages.public(*pages.LISTS)
def browse(request: HttpRequest) -> HttpResponse:
    """`/items/?sort=&kind=&state=&min=&max=&tag=&cursor=`; a word that is none of ours is left out; a price
    beyond all prices and a foreign cursor are refused.
    """
    asked = queries.Browse(
        sort=chosen(request, "sort", queries.SORTS),
        category=request.GET.get("category", "")[:60],
        state=chosen(request, "state", ("", "on_sale", "sold_out")),
        lowest=whole_number(request, "min"),
        highest=whole_number(request, "max"),
        cursor=request.GET.get("cursor", ""),
    )
    page = queries.browse(viewer=viewer_of(request.user), asked=asked)
    return render(request, "home/items.html", {"page": page, "asked": asked})


@require_safe
@pages.public("item.{item_id}", pages.ABOUT, pages.ITEMS, pages.SITE)
def item(request: HttpRequest, item_id: int, slug: str = "") -> HttpResponse:
    """The hub. An old or missing slug leads to the present one."""
    me = viewer_of(request.user)
    stream = f"item.{item_id}"
    position = live.position(stream)
    tab, cursor = chosen(request, "tab", TABS), request.GET.get("cursor", "")
    page = queries.item_page(viewer=me, item_id=item_id, tab=tab, cursor=cursor)
    if slug != page.item.slug:
        query = request.META.get("QUERY_STRING", "")
        return redirect(page.item.get_absolute_url() + (f"?{query}" if query else ""))
    pages.changes_at(request, (at for one in page.listings for at in (one.benefit_from, one.benefit_until)))
    context = {"page": page, "item": page.item, "tabs": _tabs(page), "stream": stream, "position": position}
    return render(request, "home/item.html", context)


def _tabs(page: ItemPage) -> list[dict[str, Any]]:
    base = page.item.get_absolute_url()
    talk = page.item.thread_count - page.item.question_count
    labels = {
        "all": (_("All"), page.item.thread_count),
        "questions": (_("Questions"), page.item.question_count),
        "talk": (_("Other threads"), max(0, talk)),
    }
    return [
        {
            "label": labels[tab][0],
            "count": labels[tab][1],
            "url": f"{base}?tab={tab}#talk" if tab != "all" else f"{base}#talk",
            "current": tab == page.tab,
        }
        for tab in TABS
    ]

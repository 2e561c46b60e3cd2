"""Browsing items, and the item page: the hub around which everything grows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from community.core import pages
from community.core.edge.shared import Shared, Sheet
from community.home import queries
from community.home.queries import ItemPage
from community.home.views.asked import chosen, whole_number
from community.members.permissions import READER, Viewer, viewer_of
from community.notifications import actions as notices
from community.threads.queries import has_less, sees_what_all_see

TABS = ("all", "questions", "talk")
ITEM: Shared[Viewer] = Shared(
    reader=READER, alike=sees_what_all_see, less=has_less, knows=("tab", "cursor"), budget=8_000_000
)
BROWSE: Shared[Viewer] = Shared(
    reader=READER,
    alike=sees_what_all_see,
    less=has_less,
    knows=("sort", "category", "state", "min", "max", "cursor", "tag"),
    budget=4_000_000,
)


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

    def sheet(_request: HttpRequest, viewer: Viewer) -> Sheet:
        return Sheet("home/items.html", {"page": queries.browse(viewer=viewer, asked=asked), "asked": asked})

    return BROWSE.respond(request, viewer_of(request.user), pages.LISTS, sheet)


@require_safe
@pages.public("item.{item_id}", pages.ABOUT, pages.ITEMS, pages.SITE)
def item(request: HttpRequest, item_id: int, slug: str = "") -> HttpResponse:
    """The hub. An old or missing slug leads to the present one."""
    tab, cursor = chosen(request, "tab", TABS), request.GET.get("cursor", "")

    def sheet(_request: HttpRequest, viewer: Viewer) -> Sheet | HttpResponse:
        page = queries.item_page(viewer=viewer, item_id=item_id, tab=tab, cursor=cursor)
        if slug != page.item.slug:
            query = request.META.get("QUERY_STRING", "")
            return redirect(page.item.get_absolute_url() + (f"?{query}" if query else ""))
        changes = [at for one in page.listings for at in (one.benefit_from, one.benefit_until)]
        return Sheet("home/item.html", {"page": page, "item": page.item, "tabs": _tabs(page)}, changes)

    me, stream = viewer_of(request.user), f"item.{item_id}"
    request.standing = notices.arrive(viewer=me, target="item", target_id=item_id)  # type: ignore[attr-defined]
    streams = (stream, pages.ABOUT.format(item_id=item_id), pages.ITEMS, pages.SITE)
    return ITEM.respond(request, me, streams, sheet, live_from=stream)


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

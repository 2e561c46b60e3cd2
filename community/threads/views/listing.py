"""Lists of threads: all of them, or those of one category."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from community.core import pages
from community.core.edge.shared import Shared, Sheet
from community.core.templatetags.ui import kind_icon, kind_label
from community.members.permissions import READER, VISITOR, Viewer, can_take_part
from community.notifications import actions as notices
from community.threads import fragments, queries
from community.threads.models import Category, Thread
from community.threads.permissions import can_see_category
from community.threads.views.answers import viewer

SORTS = ("latest", "hot", "unanswered")
KNOWS = ("sort", "kind", "cursor")
LISTS: Shared[Viewer] = Shared(
    reader=READER, alike=queries.sees_what_all_see, less=queries.has_less, knows=KNOWS, budget=8_000_000
)


@require_safe
@pages.public(*pages.LISTS)
def thread_list(request: HttpRequest) -> HttpResponse:
    return _page(request, base=reverse("threads:list"), slug="")


@require_safe
@pages.public(*pages.LISTS)
def category(request: HttpRequest, slug: str) -> HttpResponse:
    me = viewer(request)
    if me.is_authenticated:
        pk = queries.category_id(slug)  # the page may lie ready; here is asked for the member's own level alone
        request.standing = notices.arrive(viewer=me, target="category", target_id=pk)  # type: ignore[attr-defined]
    return _page(request, base=reverse("threads:category", args=[slug]), slug=slug)


def _page(request: HttpRequest, *, base: str, slug: str) -> HttpResponse:
    def sheet(request: HttpRequest, me: Viewer) -> Sheet:
        category = queries.get_category(slug=slug, viewer=me) if slug else None
        return Sheet("threads/list.html", _context(request, me, base, category))

    return LISTS.respond(request, viewer(request), pages.LISTS, sheet)


def _context(request: HttpRequest, me: Viewer, base: str, category: Category | None) -> dict[str, Any]:
    sort, kind = _choice(request, "sort", SORTS), _choice(request, "kind", ("", *Thread.Kind.values))
    cursor = request.GET.get("cursor", "")
    found = queries.list_threads(viewer=me, sort=sort, kind=kind, category=category, cursor=cursor, bare=True)
    at_top = sort == "latest" and not cursor
    pins = queries.pinned_threads(viewer=me, category=category, kind=kind, bare=True) if at_top else []
    pinned, threads = queries.with_parts(pins, found.rows)
    return {
        "base": base,
        "detour": sort != SORTS[0],
        **_feed(category),
        "category": category,
        "categories": queries.categories(me),
        "sort": sort,
        "kind": kind,
        "tabs": [_tab(base, sort=name, kind=kind, current=name == sort) for name in SORTS],
        "kinds": [_kind(base, sort=sort, kind=name, current=name == kind) for name in ("", *Thread.Kind.values)],
        "pinned": fragments.rows(pinned, level=2),
        "threads": fragments.rows(threads, level=2),
        "found": found,
        "may_open": not me.is_authenticated or bool(can_take_part(me)),
        "new_url": _url(reverse("threads:new"), kind=kind, category=category.slug if category else ""),
    }


def _feed(category: Category | None) -> dict[str, str]:
    """The feed of the list and what it is of; a place that not everybody may read has none."""
    if category is None:
        return {"feed_url": reverse("home:threads_feed"), "feed_title": pgettext("part of the site", "Talk")}
    if not can_see_category(VISITOR, category):
        return {"feed_url": "", "feed_title": ""}
    return {"feed_url": reverse("home:category_feed", args=[category.slug]), "feed_title": category.name}


def _choice(request: HttpRequest, name: str, allowed: tuple[str, ...]) -> str:
    wanted = request.GET.get(name, "")
    return wanted if wanted in allowed else allowed[0]


def _url(base: str, **query: str) -> str:
    given = {name: value for name, value in query.items() if value and (name, value) != ("sort", "latest")}
    return f"{base}?{urlencode(given)}" if given else base


def _tab(base: str, *, sort: str, kind: str, current: bool) -> dict[str, Any]:
    label, icon = {
        "latest": (_("Latest"), "clock"),
        "hot": (_("Lively"), "sparkle"),
        "unanswered": (pgettext("tab", "Waiting for an answer"), "question"),
    }[sort]
    return {"label": label, "icon": icon, "url": _url(base, sort=sort, kind=kind), "current": current}


def _kind(base: str, *, sort: str, kind: str, current: bool) -> dict[str, Any]:
    return {
        "label": kind_label(kind) if kind else _("All"),
        "icon": kind_icon(kind) if kind else "",
        "url": _url(base, sort=sort, kind=kind),
        "current": current,
    }

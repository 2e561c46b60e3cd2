"""The front page, and what the place is for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from community.core import pages
from community.core.edge.shared import Shared, Sheet
from community.home import queries
from community.members.permissions import READER, Viewer, viewer_of
from community.threads.queries import has_less, sees_what_all_see

FRONT: Shared[Viewer] = Shared(reader=READER, alike=sees_what_all_see, less=has_less, knows=(), budget=2_000_000)


@require_safe
@pages.public(*pages.LISTS)
def front(request: HttpRequest) -> HttpResponse:
    return FRONT.respond(request, viewer_of(request.user), pages.LISTS, _front, live_from=pages.HOME)


def _front(request: HttpRequest, viewer: Viewer) -> Sheet:
    page = queries.front_page(viewer=viewer)
    return Sheet("home/front.html", {"front": page}, [row.last_post_at + queries.LIVELY for row in page.lively])


@require_safe
@pages.public(pages.SITE)
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "home/about.html")


@require_safe
@pages.public(pages.SITE)
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of `static/js/keys.js`; scripts show this page's list as a dialog over any other."""
    return render(request, "home/keys.html")

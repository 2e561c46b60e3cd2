"""The front page, and what the place is for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from community.core import live, pages
from community.home import queries
from community.members.permissions import viewer_of

STREAM = "home.1"


@require_safe
@pages.public(*pages.LISTS)
def front(request: HttpRequest) -> HttpResponse:
    position = live.position(STREAM)  # before anything is read: see core.live
    page = queries.front_page(viewer=viewer_of(request.user))
    pages.changes_at(request, (row.last_post_at + queries.LIVELY for row in page.lively))
    return render(request, "home/front.html", {"front": page, "stream": STREAM, "position": position})


@require_safe
@pages.public(pages.SITE)
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "home/about.html")

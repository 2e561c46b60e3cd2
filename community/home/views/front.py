"""The front page, and what the place is for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from community.core import live
from community.home import queries
from community.members.permissions import viewer_of

STREAM = "home.1"


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    position = live.position(STREAM)  # before anything is read: see core.live
    page = queries.front_page(viewer=viewer_of(request.user))
    return render(request, "home/front.html", {"front": page, "stream": STREAM, "position": position})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "home/about.html")

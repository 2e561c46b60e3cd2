"""The personal feed: what is new in what a member follows, and how much has come since it was opened."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from community.catalog import queries as catalog
from community.core import live
from community.core.ids import given_id
from community.members.models import Member
from community.members.permissions import viewer_of
from community.notifications import queries as notifications
from community.threads import queries as threads

TAGS, CREATORS = 16, 6  # proposed to who follows nothing
STREAM = "feed.1"
SPOTS_NAMED = 1_000  # to the page's script; who follows more has it ask about everything that is new anywhere
SHOWN_AT_MOST = 50


@require_safe
@login_required
def feed(request: HttpRequest) -> HttpResponse:
    """Who follows nothing yet is shown what could be followed."""
    member = viewer_of(request.user)
    assert isinstance(member, Member)  # login_required
    cursor = request.GET.get("cursor", "")
    position = live.position(STREAM)  # before anything is read
    page = threads.feed(member=member, cursor=cursor)
    spots = notifications.spots_followed(member=member)
    context = {"page": page, "later": bool(cursor), "follows": bool(spots)}
    context |= {"stream": STREAM, "position": position}
    context["spots"] = [f"{kind}:{pk}" for kind, pk in spots] if len(spots) <= SPOTS_NAMED else []
    if not page.rows and not cursor:
        context |= {
            "tags": catalog.popular_tags(limit=TAGS),
            "creators": catalog.list_creators(viewer=member, size=CREATORS).rows,
        }
    return render(request, "home/feed.html", context)


@require_safe
@login_required
def news(request: HttpRequest) -> HttpResponse:
    """`?shown=thread.5,item.7`, what an open page shows, and `&last=` its cursor, if there is one: how much is new."""
    member = viewer_of(request.user)
    assert isinstance(member, Member)  # login_required
    words = request.GET.get("shown", "").split(",")[:SHOWN_AT_MOST]
    pairs = ((kind, given_id(number)) for kind, _dot, number in (word.partition(".") for word in words))
    shown = {(kind, pk) for kind, pk in pairs if pk is not None}
    return JsonResponse({"new": threads.news_of_feed(member=member, shown=shown, last=request.GET.get("last", ""))})

"""The personal feed: what is new in what a member follows."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from community.catalog import queries as catalog
from community.members.models import Member
from community.members.permissions import viewer_of
from community.threads import queries as threads

TAGS, CREATORS = 16, 6  # proposed to who follows nothing


@require_safe
@login_required
def feed(request: HttpRequest) -> HttpResponse:
    """Who follows nothing yet is shown what could be followed."""
    member = viewer_of(request.user)
    assert isinstance(member, Member)  # login_required
    cursor = request.GET.get("cursor", "")
    page = threads.feed(member=member, cursor=cursor)
    context = {"page": page, "later": bool(cursor)}
    if not page.rows and not cursor:
        context |= {
            "tags": catalog.popular_tags(limit=TAGS),
            "creators": catalog.list_creators(viewer=member, size=CREATORS).rows,
        }
    return render(request, "home/feed.html", context)

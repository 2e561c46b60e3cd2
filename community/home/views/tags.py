"""Browsing by words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from community.core import pages
from community.home import queries
from community.home.views.asked import chosen
from community.members.permissions import viewer_of
from community.notifications import actions as notices


@require_safe
@pages.public(*pages.LISTS)
def tags(request: HttpRequest) -> HttpResponse:
    return render(request, "home/tags.html", {"tags": queries.all_tags()})


@require_safe
@pages.public(*pages.LISTS)
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Any spelling of a tag leads to its page."""
    me = viewer_of(request.user)
    page = queries.tag_page(
        viewer=me,
        name=slug,
        tab=chosen(request, "tab", ("items", "threads")),
        cursor=request.GET.get("cursor", ""),
    )
    if page.tag.slug != slug:
        return redirect(reverse("home:tag", args=[page.tag.slug]))
    request.standing = notices.arrive(viewer=me, target="tag", target_id=page.tag.pk)  # type: ignore[attr-defined]
    return render(request, "home/tag.html", {"page": page, "tag": page.tag})

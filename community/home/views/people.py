"""Creators, shops and members."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from community.core import pages
from community.home import queries
from community.home.views.asked import chosen
from community.members.permissions import viewer_of
from community.notifications import actions as notices
from community.notifications.queries import standing


@require_safe
@pages.public(*pages.LISTS)
def creators(request: HttpRequest) -> HttpResponse:
    found = queries.creators(viewer=viewer_of(request.user), cursor=request.GET.get("cursor", ""))
    return render(request, "home/creators.html", {"found": found})


@require_safe
@pages.public(*pages.LISTS)
def creator(request: HttpRequest, slug: str) -> HttpResponse:
    me = viewer_of(request.user)
    page = queries.creator_page(
        viewer=me,
        slug=slug,
        tab=chosen(request, "tab", ("works", "talk")),
        cursor=request.GET.get("cursor", ""),
    )
    here = notices.arrive(viewer=me, target="creator", target_id=page.creator.pk)
    request.standing = here  # type: ignore[attr-defined]
    return render(request, "home/creator.html", {"page": page, "creator": page.creator})


@require_safe
@pages.public(*pages.LISTS)
def shop(request: HttpRequest, slug: str) -> HttpResponse:
    me = viewer_of(request.user)
    page = queries.shop_page(
        viewer=me,
        slug=slug,
        tab=chosen(request, "tab", ("works", "creators")),
        cursor=request.GET.get("cursor", ""),
    )
    request.standing = notices.arrive(viewer=me, target="shop", target_id=page.shop.pk)  # type: ignore[attr-defined]
    return render(request, "home/shop.html", {"page": page, "shop": page.shop})


@require_safe
@pages.public(*pages.LISTS)
def member(request: HttpRequest, handle: str) -> HttpResponse:
    """`/members/Hanako/` leads to `/members/hanako/`."""
    if handle != handle.lower():
        return redirect("home:member", handle=handle.lower())
    me = viewer_of(request.user)
    page = queries.member_page(
        viewer=me,
        handle=handle,
        tab=chosen(request, "tab", ("posts", "threads")),
        cursor=request.GET.get("cursor", ""),
    )
    here = notices.arrive(viewer=me, target="member", target_id=page.member.pk)
    request.standing = here  # type: ignore[attr-defined]
    return render(request, "home/member.html", {"page": page, "member": page.member})


@require_safe
@pages.public(pages.SITE)
def card(request: HttpRequest, handle: str) -> HttpResponse:
    """Who this is, in a few words: what card.js shows beside a name."""
    me = viewer_of(request.user)
    shown = queries.member_card(viewer=me, handle=handle)
    if me.pk is not None:  # looked at, not arrived at: a card marks no notice as read
        request.standing = standing(me.pk, "member", shown.member.pk)  # type: ignore[attr-defined]
    return render(request, "home/_member_card.html", {"card": shown, "member": shown.member})

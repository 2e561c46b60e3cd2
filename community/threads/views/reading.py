"""The thread page, permalinks, one post as a fragment, and the history of a post."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from community.core import live, pages
from community.core.clock import now
from community.core.paging import NumberPage
from community.core.verdicts import ensure
from community.members.permissions import Viewer
from community.notifications import actions as notices
from community.threads import fragments, permissions, queries
from community.threads.models import Post, Thread
from community.threads.views import on_paper, ready_thread, thread_page, two_levels
from community.threads.views.answers import fresh_key, viewer
from community.threads.views.shown import one, sample_of_own

ENDLESS = 10**9  # posts: which numbers a page shows does not depend on how many there are


@require_safe
@pages.public("thread.{thread_id}", pages.SITE)
def thread(request: HttpRequest, thread_id: int, slug: str = "") -> HttpResponse:
    """One page of a thread: `?page=`, or `?at=` a post's number."""
    me = viewer(request)
    if on_paper.is_wanted(request):
        return _on_paper(request, me, thread_id)
    if two_levels.is_wanted(request):
        return _in_two_levels(request, me, thread_id)
    shown = thread_page.wanted(request, total=ENDLESS)
    here = notices.arrive(viewer=me, target="thread", target_id=thread_id, numbers=(shown.first, shown.last))
    request.standing = here  # type: ignore[attr-defined]  # for the bell and the level of the page
    if ready := ready_thread.found(request, me):
        return ready
    stream, moment = f"thread.{thread_id}", now()
    numbers = live.positions([stream, pages.SITE])  # before anything is read: see core.live
    row = queries.get_thread(thread_id=thread_id, viewer=me)
    if not thread_page.is_its_path(request, row):
        return redirect(_with_query(row.get_absolute_url(), request), permanent=False)
    page = thread_page.wanted(request, total=row.last_number)
    if ready_thread.suits(request, me, row):
        return ready_thread.made(request, me, row, page, numbers, moment)
    rows = queries.page_rows(thread=row, viewer=me, page=page)
    context = thread_page.context(me, row, page, rows) | _of_reader(me, row, position=numbers[stream])
    pages.also_shows(request, thread_page.items_shown(row, rows))
    return render(request, "threads/thread.html", context)


def _in_two_levels(request: HttpRequest, me: Viewer, thread_id: int) -> HttpResponse:
    """The same thread by its answers; where that is not offered, the flat page."""
    at = thread_page.number(request, "at") or 1
    here = notices.arrive(viewer=me, target="thread", target_id=thread_id, numbers=(at, at))
    request.standing = here  # type: ignore[attr-defined]
    stream = f"thread.{thread_id}"
    numbers = live.positions([stream])  # before anything is read
    row = queries.get_thread(thread_id=thread_id, viewer=me)
    if not two_levels.is_offered(row):
        return redirect(f"{row.get_absolute_url()}?at={at}" if at > 1 else row.get_absolute_url(), permanent=False)
    if not thread_page.is_its_path(request, row):
        return redirect(_with_query(row.get_absolute_url(), request), permanent=False)
    answers = two_levels.asked_for(request, row)
    rows = two_levels.rows_of(row, me, answers)
    context = two_levels.context(me, row, answers, rows) | _of_reader(me, row, position=numbers[stream])
    pages.also_shows(request, thread_page.items_shown(row, rows))
    return render(request, two_levels.TEMPLATE, context)


def _on_paper(request: HttpRequest, me: Viewer, thread_id: int) -> HttpResponse:
    """Many posts at once, to be printed."""
    row = queries.get_thread(thread_id=thread_id, viewer=me)
    if not thread_page.is_its_path(request, row):
        return redirect(_with_query(row.get_absolute_url(), request), permanent=False)
    page, rows = on_paper.rows_of(request, me, row)
    pages.also_shows(request, thread_page.items_shown(row, rows))
    return render(request, on_paper.TEMPLATE, on_paper.context(me, row, page, rows))


def _of_reader(me: Viewer, row: Thread, *, position: int) -> dict[str, Any]:
    """What either view of a thread needs for this reader alone. 1 query for a member."""
    return {
        "position": position,
        "form_key": fresh_key(),
        "sample_own": sample_of_own(me, row),
        "place": queries.place_in(viewer=me, thread=row),
    }


@require_safe
def permalink(request: HttpRequest, post_id: int) -> HttpResponse:
    post = queries.get_post(post_id=post_id, viewer=viewer(request))
    return redirect(place_of(post))


@require_safe
def fragment(request: HttpRequest, post_id: int) -> HttpResponse:
    """A post as it stands on the page, with the viewer's buttons: what the page fetches when a push had no text."""
    me = viewer(request)
    post = queries.get_post(post_id=post_id, viewer=me)
    return HttpResponse(fragments.post(post, post.thread, one(me, post)))


@require_safe
def history(request: HttpRequest, post_id: int) -> HttpResponse:
    me = viewer(request)
    post = queries.get_post(post_id=post_id, viewer=me)
    ensure(permissions.can_see_history(me, post))
    context = {
        "post": post,
        "thread": post.thread,
        "revisions": queries.revisions(post=post, viewer=me, cursor=request.GET.get("cursor", "")),
        "may_hide": bool(permissions.can_hide_revision(me, post)),
    }
    return render(request, "threads/history.html", context)


def place_of(post: Post) -> str:
    """The page of the thread that holds the post, at the post."""
    page = NumberPage.holding(number=post.number, size=settings.POSTS_PER_PAGE, total=post.thread.last_number)
    query = f"?page={page.page}" if page.page > 1 else ""
    return f"{post.thread.get_absolute_url()}{query}#p{post.number}"


def _with_query(url: str, request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{url}?{query}" if query else url

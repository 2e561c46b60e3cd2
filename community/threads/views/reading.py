"""The thread page, permalinks, one post as a fragment, and the history of a post."""

from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from community.core import live, pages
from community.core.paging import NumberPage
from community.core.verdicts import ensure
from community.members.permissions import Viewer
from community.threads import fragments, permissions, queries
from community.threads.forms import ReplyForm
from community.threads.fragments import AsideFace
from community.threads.models import Post, Thread
from community.threads.queries.posts import shown_items
from community.threads.views.answers import fresh_key, viewer
from community.threads.views.shown import drawn, one, samples


@require_safe
@pages.public("thread.{thread_id}", pages.SITE)
def thread(request: HttpRequest, thread_id: int, slug: str = "") -> HttpResponse:
    """One page of a thread: `?page=`, or `?at=` a post's number."""
    me = viewer(request)
    position = live.position(f"thread.{thread_id}")  # before anything is read: see core.live
    row = queries.get_thread(thread_id=thread_id, viewer=me)
    if request.path != unquote(row.get_absolute_url()):
        return redirect(_with_query(row.get_absolute_url(), request), permanent=False)
    page = _page(request, row)
    context = _thread_context(me, row, page) | {"position": position}
    pages.also_shows(request, (pages.WORK.format(item_id=pk) for pk in context["item_ids"]))
    return render(request, "threads/thread.html", context)


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


def _answer_under_question(me: Viewer, row: Thread, page: NumberPage) -> Post | None:
    """The accepted answer, shown again under the question, unless it stands right there anyway."""
    post = row.accepted_post
    if post is None or page.page > 1 or post.number == 2 or not permissions.can_see_post(me, post):
        return None
    return post


def _page(request: HttpRequest, row: Thread) -> NumberPage:
    size, total = settings.POSTS_PER_PAGE, row.last_number
    if at := _number(request, "at"):
        return NumberPage.holding(number=min(at, total), size=size, total=total)
    return NumberPage.of(page=_number(request, "page") or 1, size=size, total=total)


def _number(request: HttpRequest, name: str) -> int:
    """A number from the address; 0 for anything else (a page beyond the ends is the nearest one)."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _with_query(url: str, request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{url}?{query}" if query else url


def _thread_context(me: Viewer, row: Thread, page: NumberPage) -> dict[str, Any]:
    may_reply = permissions.can_reply(me, row)
    items = shown_items({row.item_id}) if row.item_id else {}
    shown = drawn(me, row, queries.page_rows(thread=row, viewer=me, page=page))
    queries.add_tags([row])
    last_page_url = f"{row.get_absolute_url()}?page={page.pages}"
    return {
        "thread": row,
        "page": page,
        "is_last_page": page.is_last,
        "head": fragments.head(row, items.get(row.item_id or 0)),
        "aside": fragments.aside(_beside(me, row, page, last_page_url)),
        "posts": shown.posts,
        "first_words": fragments.first_words(shown.first_html),
        "samples": samples(me, row),
        "item_ids": {row.item_id, *(pk for post in shown.rich for pk in post.item_ids)} - {None},
        "accepted": _answer_under_question(me, row, page),
        "may_reply": may_reply,
        "form": ReplyForm(initial={"idempotency_key": fresh_key()}) if may_reply else None,
        "has_aside": True,
        "reply_url": reverse("threads:reply", args=[row.pk]),
        "last_page_url": last_page_url,
    }


def _beside(me: Viewer, row: Thread, page: NumberPage, last_page_url: str) -> AsideFace:
    return AsideFace(
        thread_id=row.pk,
        created_at=row.created_at,
        replies=row.reply_count,
        last_post_at=row.last_post_at,
        about=row.category.description,
        newest=f"{last_page_url}#p{page.total}" if page.pages > 1 else "",
        may_manage=bool(permissions.can_manage_thread(me, row)),
    )

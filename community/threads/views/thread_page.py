"""What stands on one page of a thread."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from community.catalog.models import Item
from community.core import pages
from community.core.paging import NumberPage
from community.core.templatetags.head import whole
from community.members.permissions import VISITOR, Viewer
from community.threads import fragments, permissions, queries
from community.threads.forms import ReplyForm
from community.threads.fragments import AsideFace
from community.threads.models import Post, Thread
from community.threads.queries import PostRow
from community.threads.queries.posts import shown_items
from community.threads.views import told
from community.threads.views.shown import drawn, sample_of_other


def wanted(request: HttpRequest, *, total: int) -> NumberPage:
    """The page that the address asks for, of a thread with so many posts."""
    size = settings.POSTS_PER_PAGE
    if at := number(request, "at"):
        return NumberPage.holding(number=min(at, total), size=size, total=total)
    return NumberPage.of(page=number(request, "page") or 1, size=size, total=total)


def number(request: HttpRequest, name: str) -> int:
    """A number from the address; 0 for anything else (a page beyond the ends is the nearest one)."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def is_its_path(request: HttpRequest, row: Thread) -> bool:
    return request.path == unquote(row.get_absolute_url())


def two_levels_url(row: Thread, **given: object) -> str:
    """The page of the thread by its answers; `given` says which part of it (see `two_levels`)."""
    return f"{row.get_absolute_url()}?{urlencode({'view': 'two'} | given)}"


def items_shown(row: Thread, rows: Sequence[PostRow]) -> list[str]:
    """The streams of the items that may be on the page."""
    ids = {row.item_id, *(pk for post in rows if post.item_ids != "[]" for pk in json.loads(post.item_ids))}
    return [pages.WORK.format(item_id=pk) for pk in sorted(ids - {None})]


def _answer_under_question(me: Viewer, row: Thread, page: NumberPage) -> Post | None:
    """The accepted answer, shown again under the question, unless it stands right there anyway."""
    post = row.accepted_post
    if post is None or page.page > 1 or post.number == 2 or not permissions.can_see_post(me, post):
        return None
    return post


def context(me: Viewer, row: Thread, page: NumberPage, rows: Sequence[PostRow]) -> dict[str, Any]:
    """The page without what is another one each time, or of this reader alone. At most 6 queries."""
    may_reply = permissions.can_reply(me, row)
    items = shown_items({row.item_id}) if row.item_id else {}
    shown = drawn(me, row, rows)
    queries.add_tags([row])
    first = 1 if page.first == 1 else 0  # the accepted answer stands below the opening post
    last_page_url = f"{row.get_absolute_url()}?page={page.pages}"
    return {
        "thread": row,
        "page": page,
        "is_last_page": page.is_last,
        "head": fragments.head(row, items.get(row.item_id or 0)),
        "aside": fragments.aside(_beside(me, row, page, last_page_url)),
        "lead": _joined(shown.posts[:first]),
        "posts": _joined(shown.posts[first:]),
        "pieces": shown.posts,
        "first_words": fragments.first_words(shown.first_html),
        "face": _face(shown.rich, items.get(row.item_id or 0)),
        "is_public": bool(permissions.can_see_thread(VISITOR, row)),
        "told": "" if me.is_authenticated else told.of_page(row, page, rows, shown.rich),
        "sample_other": sample_of_other(me, row),
        "accepted": _answer_under_question(me, row, page),
        "may_reply": may_reply,
        "form": ReplyForm() if may_reply else None,
        "has_aside": True,
        "reply_url": reverse("threads:reply", args=[row.pk]),
        "last_page_url": last_page_url,
        "two_levels_url": two_levels_url(row) if row.kind in settings.TWO_LEVEL_KINDS and row.last_number > 2 else "",
    }


def _face(rich: Sequence[Post], item: Item | None) -> str:
    """The picture by which links to the page are known elsewhere: of its first post that has one, else of the item."""
    own = next((shown.picture.url for post in rich for shown in post.pictures.all()), "")
    return whole(own or (item.face if item is not None else ""))


def _joined(posts: Sequence[SafeString]) -> SafeString:
    return mark_safe("".join(posts))  # noqa: S308  drawn by templates, escaped there


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

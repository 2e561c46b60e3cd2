"""A thread as it is printed (`?view=print`): up to `SHEAF` posts on one page, without anything to press.

What is drawn and who may read it is as on the flat page; nothing counts as read by it. A longer thread has further
parts (`?page=`). As many queries as a page of twenty posts.
"""

from typing import Any, Final

from django.http import HttpRequest

from community.core.paging import NumberPage
from community.members.permissions import Viewer
from community.threads.models import Thread
from community.threads.queries import PostRow, page_rows
from community.threads.views import thread_page

TEMPLATE: Final = "threads/paper.html"
SHEAF: Final = 500  # posts: some 1.5 MB of page, 150 sheets of paper


def is_wanted(request: HttpRequest) -> bool:
    return request.GET.get("view") == "print"


def rows_of(request: HttpRequest, me: Viewer, row: Thread) -> tuple[NumberPage, list[PostRow]]:
    """The part that the address asks for, and its posts. 1 query."""
    page = NumberPage.of(page=thread_page.number(request, "page") or 1, size=SHEAF, total=row.last_number)
    return page, page_rows(thread=row, viewer=me, page=page)


def context(me: Viewer, row: Thread, page: NumberPage, rows: list[PostRow]) -> dict[str, Any]:
    """At most 6 queries."""
    return thread_page.context(me, row, page, rows) | {"flat_url": row.get_absolute_url(), "has_aside": False}

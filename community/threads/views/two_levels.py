"""The page of a thread in two levels (`?view=two`): answers with what was said under them.

`?cursor=` leads to further answers, `?answer=` to one of them with all that stands under it (`?after=` a number), and
`?at=` to the answer that holds a post. What is drawn and who may read it is as on the flat page.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from community.core.paging import NumberPage
from community.members.permissions import Viewer
from community.threads import queries
from community.threads.models import Thread
from community.threads.queries import PostRow
from community.threads.queries.two_levels import Answer, Answers, answer_of, get_answer, list_answers
from community.threads.views import thread_page
from community.threads.views.thread_page import two_levels_url

TEMPLATE = "threads/two_levels.html"


def is_wanted(request: HttpRequest) -> bool:
    return request.GET.get("view") == "two"


def is_offered(thread: Thread) -> bool:
    return thread.kind in settings.TWO_LEVEL_KINDS


def asked_for(request: HttpRequest, thread: Thread) -> Answers:
    """The answers that the address names. Raises `Invalid`, `NotVisible`. 2 queries at most."""
    at, after = thread_page.number(request, "at"), thread_page.number(request, "after")
    number = thread_page.number(request, "answer") or (answer_of(thread=thread, number=at) if at else 0)
    if not number:
        return list_answers(thread=thread, cursor=request.GET.get("cursor", ""))
    # What is asked for comes first where it is far down; what stands before it is one link away.
    found = get_answer(thread=thread, number=number, after=after)
    return get_answer(thread=thread, number=number, after=at - 1) if at > _last(found) else found


def rows_of(thread: Thread, viewer: Viewer, answers: Answers) -> list[PostRow]:
    """The opening post and all that is shown, in the order of the page. 1 query."""
    numbers = [1, *answers.numbers]
    found = {row.number: row for row in queries.rows_numbered(thread=thread, viewer=viewer, numbers=numbers)}
    return [found[number] for number in numbers if number in found]


def context(me: Viewer, thread: Thread, answers: Answers, rows: Sequence[PostRow]) -> dict[str, Any]:
    """As `thread_page.context`, with the answers in their groups. At most 6 queries."""
    total = thread.last_number
    whole = NumberPage(page=1, pages=1, size=max(1, total), first=1, last=total, total=total)
    found = thread_page.context(me, thread, whole, rows)
    drawn = dict(zip([row.number for row in rows], found["pieces"], strict=True))
    return found | {
        "lead": drawn.get(1, ""),
        "answers": [_group(thread, answer, drawn) for answer in answers.rows],
        "alone": answers.is_one,
        "start_url": two_levels_url(thread, answer=answers.rows[0].number) if answers.since else "",
        "next_url": two_levels_url(thread, cursor=answers.next) if answers.next else "",
        "flat_url": thread.get_absolute_url(),
        "two_levels_url": two_levels_url(thread),
        "last_page_url": two_levels_url(thread, at=total),
    }


def _group(thread: Thread, answer: Answer, drawn: dict[int, SafeString]) -> dict[str, Any]:
    comments = "".join(drawn[number] for number in answer.comments if number in drawn)
    return {
        "number": answer.number,
        "post": drawn.get(answer.number, ""),
        "comments": mark_safe(comments),  # noqa: S308  drawn by templates, escaped there
        "more_url": two_levels_url(thread, answer=answer.number, after=answer.after) if answer.more else "",
    }


def _last(found: Answers) -> int:
    return found.numbers[-1]

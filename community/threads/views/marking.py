"""What a member has read: reports of the read clock, the button for those without scripts, and "all read"."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.core.clock import now
from community.core.ids import given_id
from community.core.verdicts import ensure
from community.members import actions as members
from community.members.models import Member
from community.members.permissions import can_take_part
from community.threads import actions, queries
from community.threads.actions.reading import THREADS_AT_ONCE
from community.threads.models import Category
from community.threads.views.answers import back, take, viewer, wants_json

NEWS_AT_ONCE = 100  # rows of one page


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """`reached=<thread>:<number>`, as often as there are threads, and `seconds` of reading since the last report."""
    me = _member(request)
    take(request, "mark_read")
    changed = actions.mark_read(member=me, reached=_reached(request), seconds=_seconds(request))
    if wants_json(request):
        return JsonResponse({"reached": changed})
    return back(request, reverse("threads:list"))


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """`?of=<thread>,<thread>…`: what is unread of them, as `{"5": [last read, how many]}`, and when that was asked.

    Lists are the same for many members and lie ready; this is what is one reader's own in their rows.
    """
    ids = [pk for text in request.GET.get("of", "").split(",")[:NEWS_AT_ONCE] if (pk := given_id(text)) is not None]
    at = now().isoformat()
    found = queries.news_among(viewer=viewer(request), thread_ids=ids)
    return JsonResponse({"news": {pk: [one.read, one.unread] for pk, one in found.items()}, "at": at})


@require_POST
def view(request: HttpRequest) -> HttpResponse:
    """`view=flat` or `two`: how replies stand for this member from now on. Visitors' browsers remember it."""
    me = _member(request)
    take(request, "mark_read")
    members.keep_thread_view(member=me, view=request.POST.get("view", ""))
    return HttpResponse(status=204) if wants_json(request) else back(request, reverse("threads:list"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """`?category=` or everything, `until` the moment the list was made."""
    me, category = _member(request), _category(request)
    take(request, "mark_read")
    actions.mark_all_read(member=me, category=category, before=_moment(request.POST.get("until", "")))
    if wants_json(request):
        return JsonResponse({"undo": _undo_url(category)})
    undo = '{} <button form="act" formaction="{}" class="button button-s">{}</button>'
    messages.success(request, format_html(undo, _("Marked as read."), _undo_url(category), _("Undo")))
    return back(request, reverse("threads:list"))


@require_POST
def undo_read_all(request: HttpRequest) -> HttpResponse:
    me, category = _member(request), _category(request)
    take(request, "mark_read")
    actions.undo_all_read(member=me, category=category)
    return JsonResponse({}) if wants_json(request) else back(request, reverse("threads:list"))


def _member(request: HttpRequest) -> Member:
    me = viewer(request)
    ensure(can_take_part(me))
    assert isinstance(me, Member)
    return me


def _category(request: HttpRequest) -> Category | None:
    slug = request.GET.get("category", "")
    return queries.get_category(slug=slug, viewer=viewer(request)) if slug else None


def _reached(request: HttpRequest) -> dict[int, int]:
    """What is no pair of numbers is left out; of two numbers for one thread the higher one counts."""
    found: dict[int, int] = {}
    for text in request.POST.getlist("reached")[:THREADS_AT_ONCE]:
        thread, _colon, number = text.partition(":")
        pair = given_id(thread), given_id(number)
        if pair[0] is not None and pair[1] is not None and pair[1] < 2**31:
            found[pair[0]] = max(pair[1], found.get(pair[0], 0))
    return found


def _seconds(request: HttpRequest) -> int:
    return min(given_id(request.POST.get("seconds", "")) or 0, 86_400)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and is_aware(found) else None


def _undo_url(category: Category | None) -> str:
    base = reverse("threads:undo_read_all")
    return f"{base}?{urlencode({'category': category.slug})}" if category else base

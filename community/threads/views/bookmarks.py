"""What a member keeps for later: the list, the page of one bookmark, and what our script asks for the buttons."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from community.core.clock import now
from community.core.errors import Invalid, NotVisible, RuleError
from community.core.ids import given_id
from community.core.verdicts import ensure
from community.members.models import Member
from community.members.permissions import can_take_part
from community.threads import actions, queries
from community.threads.actions.bookmarks import NOTE_LIMIT, Said
from community.threads.models import Bookmark
from community.threads.queries.bookmarks import AT_ONCE, SHOWS, Spot
from community.threads.views.answers import back, take, viewer, wants_json

OWN = "own"  # the choice of an own date and time


@require_safe
@login_required
def bookmarks(request: HttpRequest) -> HttpResponse:
    """`?show=` all, reminders, threads, replies or items."""
    show = request.GET.get("show", "")
    show = show if show in SHOWS else "all"
    rows, found = queries.list_bookmarks(member=_member(request), show=show, cursor=request.GET.get("cursor", ""))
    context = {"rows": rows, "found": found, "show": show, "tabs": _tabs(show)}
    return render(request, "threads/bookmarks.html", context)


@require_safe
def marks(request: HttpRequest) -> HttpResponse:
    """`?of=thread:5,post:7…`: which of them the reader keeps, as `{"post:7": <reminder or null>}`.

    Pages lie ready and are the same for many members; this is what is one reader's own in their buttons.
    """
    spots = [spot for text in request.GET.get("of", "").split(",")[:AT_ONCE] if (spot := _spot(text)) is not None]
    found = queries.marks_among(viewer=viewer(request), spots=spots)
    return JsonResponse({"marks": {f"{kind}:{pk}": at for (kind, pk), at in found.items()}})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bookmark(request: HttpRequest, kind: str, target_id: int) -> HttpResponse:
    """One bookmark: its note and reminder. `do=` keep (as it is), change, remove or undo."""
    me = _member(request)
    if request.method != "POST":
        return _form(request, me, kind, target_id)
    ensure(can_take_part(me))
    take(request, "bookmark")
    what = request.POST.get("do", "keep")
    if what == "remove":
        return _removed(request, me, kind, target_id)
    if what == "undo":
        row = actions.restore_bookmark(member=me, kind=kind, target_id=target_id)
        return _answer(request, row, reverse("threads:bookmarks"))
    if what != "change":
        row = actions.save_bookmark(member=me, kind=kind, target_id=target_id)
        return _answer(request, row, _url(row.kind, row.target_id))
    return _changed(request, me, kind, target_id)


def _changed(request: HttpRequest, me: Member, kind: str, target_id: int) -> HttpResponse:
    try:
        said = Said(note=request.POST.get("note", ""), remind_at=_wanted(request, me))
        row = actions.save_bookmark(member=me, kind=kind, target_id=target_id, said=said)
    except Invalid as error:
        if wants_json(request):
            raise
        return _form(request, me, kind, target_id, error)
    if not wants_json(request):
        messages.success(request, _("Saved."))
    return _answer(request, row, reverse("threads:bookmarks"))


def _removed(request: HttpRequest, me: Member, kind: str, target_id: int) -> HttpResponse:
    actions.remove_bookmark(member=me, kind=kind, target_id=target_id)
    if wants_json(request):
        return JsonResponse({"saved": False})
    undo = '{} <button form="act" formaction="{}" name="do" value="undo" class="button button-s">{}</button>'
    messages.success(request, format_html(undo, _("It is no longer saved."), _url(kind, target_id), _("Undo")))
    return back(request, reverse("threads:bookmarks"))


def _answer(request: HttpRequest, row: Bookmark, url: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"saved": True, "remind_at": row.remind_at if row.waits else None})
    return redirect(url)


def _form(request: HttpRequest, me: Member, kind: str, target_id: int, error: RuleError | None = None) -> HttpResponse:
    """The form; what is not saved yet can be saved with it."""
    kept = queries.kept_of(me, [(kind, target_id)]).get((kind, target_id))
    if kept is None:
        raise NotVisible(_("There is nothing here that could be saved."))
    row = queries.get_bookmark(member=me, kind=kind, target_id=target_id)
    context = {
        "kept": kept,
        "url": _url(kind, target_id),
        "bookmark": row,
        "error": error,
        "note": request.POST.get("note", row.note if row else ""),
        "note_limit": NOTE_LIMIT,
        **_reminder(request, me, row),
    }
    return render(request, "threads/bookmark.html", context, status=error.status if error else 200)


def _reminder(request: HttpRequest, me: Member, row: Bookmark | None) -> dict[str, Any]:
    """The choices of a reminder. A moment that is set stays a choice of its own."""
    zone = queries.zone_of(me)
    offered = queries.presets(moment=now(), zone=zone)
    standing = row.remind_at.astimezone(zone) if row is not None and row.remind_at and row.waits else None
    return {
        "presets": offered,
        "standing": standing,
        "chosen": request.POST.get("remind", standing.isoformat() if standing else ""),
        "own": OWN,
        "own_at": request.POST.get("at", ""),
        "first": now().astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
    }


def _wanted(request: HttpRequest, me: Member) -> datetime | None:
    """The moment that was chosen. Raises `Invalid` for words that are none."""
    chosen = request.POST.get("remind", "")
    text = request.POST.get("at", "") if chosen == OWN else chosen
    if not chosen:
        return None
    found = queries.moment_in(queries.zone_of(me), text)
    if found is None:
        raise Invalid(_("Choose a day and a time."), code="reminder_invalid", field="at")
    return found


def _tabs(show: str) -> list[dict[str, Any]]:
    labels = {
        "all": pgettext("bookmarks", "All"),
        "reminders": pgettext("bookmarks", "With a reminder"),
        "threads": pgettext("bookmarks", "Threads"),
        "replies": pgettext("bookmarks", "Replies"),
        "items": pgettext("bookmarks", "Items"),
    }
    here = reverse("threads:bookmarks")
    return [
        {"label": label, "url": f"{here}?show={name}" if name != "all" else here, "current": name == show}
        for name, label in labels.items()
    ]


def _spot(text: str) -> Spot | None:
    kind, _colon, number = text.partition(":")
    pk = given_id(number)
    return (kind, pk) if kind in ("thread", "post", "item") and pk is not None else None


def _url(kind: str, target_id: int) -> str:
    return reverse("threads:bookmark", args=[kind, target_id])


def _member(request: HttpRequest) -> Member:
    me = viewer(request)
    assert isinstance(me, Member)  # login_required
    return me

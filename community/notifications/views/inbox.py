"""The inbox, and marking what is in it as read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from community.core.clock import now
from community.core.errors import Invalid
from community.core.limits import take
from community.members.permissions import viewer_of
from community.notifications import actions, queries
from community.notifications.models import Level
from community.notifications.templatetags.notices import choices, standing_of
from community.notifications.views.asked import back, counted, member_of


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """`?show=unread` leaves out what was read."""
    member, unread = member_of(request), request.GET.get("show") == "unread"
    lines, found = queries.inbox(member=member, unread=unread, cursor=request.GET.get("cursor", ""))
    context = {
        "lines": lines,
        "found": found,
        "unread_only": unread,
        "unread": standing_of(request).unread,
        "until": now().isoformat(),
        "tabs": tabs(request, "unread" if unread else "all"),
    }
    return render(request, "notifications/inbox.html", context)


@require_safe
@login_required
def following(request: HttpRequest) -> HttpResponse:
    """What the member follows, watches or has muted; `?kind=tag` shows the tags alone."""
    member, asked = member_of(request), request.GET.get("kind", "")
    there = queries.kinds_followed(member=member)
    kind = asked if asked in there else ""
    rows, found = queries.followed(member=member, kind=kind, cursor=request.GET.get("cursor", ""))
    context = {
        "rows": [{"row": row, "choices": choices(row.kind, row.level)} for row in rows],
        "found": found,
        "kinds": _kinds(there, kind),
        "tabs": tabs(request, "following"),
    }
    return render(request, "notifications/following.html", context)


@require_POST
@login_required
def read_one(request: HttpRequest, notice_id: int) -> HttpResponse:
    actions.mark_read(member=counted(request, "inbox"), notice_ids=[notice_id])
    return back(request, reverse("notifications:inbox"))


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """All that stood there when the page was made (`until`); what came since then has not been seen."""
    at = now()
    actions.mark_all_read(member=counted(request, "inbox"), until=_moment(request.POST.get("until", "")), at=at)
    undo = '{} <button form="act" formaction="{}" name="at" value="{}" class="button button-s">{}</button>'
    undo_url, done = reverse("notifications:undo_read_all"), _("All your notices are marked as read.")
    messages.success(request, format_html(undo, done, undo_url, at.isoformat(), _("Undo")))
    return back(request, reverse("notifications:inbox"))


@require_POST
@login_required
def undo_read_all(request: HttpRequest) -> HttpResponse:
    """What was marked `at` that moment waits again."""
    actions.undo_all_read(member=counted(request, "inbox"), at=_moment(request.POST.get("at", "")))
    return back(request, reverse("notifications:inbox"))


@require_POST
def level(request: HttpRequest, kind: str, target_id: int) -> HttpResponse:
    """Follow, watch, mute: `level=watch`."""
    take("follow", user_id=request.user.pk, address=request.META.get("REMOTE_ADDR"))
    member, wanted = viewer_of(request.user), request.POST.get("level", "")
    actions.set_level(member=member, kind=kind, target_id=target_id, level=wanted)
    return back(request, reverse("notifications:following"))


def _kinds(there: Sequence[str], current: str) -> list[dict[str, Any]]:
    """One chip for each kind of which there is something; none where there is one kind alone."""
    here = reverse("notifications:following")
    shown = ["", *there] if len(there) > 1 else []
    return [
        {
            "label": _chip(kind) if kind else pgettext("notices", "All"),
            "url": f"{here}?kind={kind}" if kind else here,
            "current": kind == current,
        }
        for kind in shown
    ]


def _chip(kind: str) -> str:
    return {
        Level.Kind.THREAD: pgettext("chip", "Threads"),
        Level.Kind.CATEGORY: pgettext("chip", "Categories"),
        Level.Kind.TAG: pgettext("chip", "Tags"),
        Level.Kind.ITEM: pgettext("chip", "Works"),
        Level.Kind.CREATOR: pgettext("chip", "Makers"),
        Level.Kind.SHOP: pgettext("chip", "Shops"),
        Level.Kind.MEMBER: pgettext("chip", "Members"),
    }[Level.Kind(kind)]


def tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    here = reverse("notifications:inbox")
    pages = [
        ("all", pgettext("notices", "All"), here, None),
        ("unread", pgettext("notices", "Unread"), f"{here}?show=unread", standing_of(request).unread),
        ("following", pgettext("notices", "What I follow"), reverse("notifications:following"), None),
    ]
    return [
        {"label": label, "url": url, "count": number, "current": name == current, "unread": name == "unread"}
        for name, label, url, number in pages
    ]


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(_("Load the page again before you mark everything as read."), code="until_invalid")
    return moment

"""Drafts: what the editor saves while somebody writes, and the page that lists them."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.core.errors import Conflict, Invalid, NotVisible
from community.core.ids import given_id
from community.core.verdicts import ensure
from community.members.models import Member
from community.members.permissions import can_take_part
from community.threads import actions, queries
from community.threads.actions.drafts import Window
from community.threads.models import Draft
from community.threads.views.answers import back, take, viewer, wants_json


@require_safe
@login_required
def drafts(request: HttpRequest) -> HttpResponse:
    """All of them; `?context=` gives one as JSON to our script."""
    me = viewer(request)
    if not isinstance(me, Member):
        return redirect(reverse("account_login"))
    if context := request.GET.get("context", ""):
        draft = queries.get_draft(member=me, context=context)
        if draft is None:
            raise NotVisible(_("There is no such draft."))
        return JsonResponse(said(draft))
    return render(request, "threads/drafts.html", {"rows": queries.list_drafts(member=me)})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """One draft, as its window has it. 409 tells what stands there instead."""
    me = _member(request)
    take(request, "save_draft")
    context, window = request.POST.get("context", ""), Window.of(request.POST.get("draft", ""))
    if window is None:
        raise Invalid(_("No draft can be kept for this."), code="window_missing", field="draft")
    base = given_id(request.POST.get("base", "0")) or 0
    try:
        sequence = actions.save_draft(member=me, context=context, fields=_fields(request), window=window, base=base)
    except Conflict as error:
        there = queries.get_draft(member=me, context=context)
        told = {"code": error.code, "detail": str(error), "theirs": said(there) if there else None}
        return JsonResponse(told, status=error.status)
    return JsonResponse({"sequence": sequence})


@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    me, context = _member(request), request.POST.get("context", "")
    take(request, "save_draft")
    sequence = actions.discard_draft(member=me, context=context, owner=request.POST.get("owner", ""))
    restore_url = reverse("threads:restore_draft")
    if wants_json(request):
        return JsonResponse({"sequence": sequence, "undo": restore_url})
    undo = '{} <button form="act" formaction="{}" name="context" value="{}" class="button button-s">{}</button>'
    messages.success(request, format_html(undo, _("The draft was deleted."), restore_url, context, _("Undo")))
    return back(request, reverse("threads:drafts"))


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    me = _member(request)
    take(request, "save_draft")
    sequence = actions.restore_draft(member=me, context=request.POST.get("context", ""))
    return JsonResponse({"sequence": sequence}) if wants_json(request) else back(request, reverse("threads:drafts"))


def said(draft: Draft) -> dict[str, Any]:
    """A draft as a window takes it over: the fields of its form."""
    fields = draft.extra | {"title": [draft.title], "body": [draft.body]}
    gone = draft.gone_at is not None
    return {"sequence": draft.sequence, "owner": draft.owner, "gone": gone, "fields": {} if gone else fields}


def draft_at(request: HttpRequest, context: str) -> Draft | None:
    """The row that the form of a page begins with. 1 query, none for a visitor."""
    me = viewer(request)
    return queries.get_draft(member=me, context=context) if isinstance(me, Member) else None


def window_of(request: HttpRequest) -> Window | None:
    """Whose draft a posted form is, where its window has spoken to us of one."""
    return Window.of(request.POST.get("draft", ""))


def _member(request: HttpRequest) -> Member:
    me = viewer(request)
    ensure(can_take_part(me))
    assert isinstance(me, Member)
    return me


def _fields(request: HttpRequest) -> dict[str, list[str | None]]:
    """The form's fields: `{"body": ["…"], "tags": ["…"]}`. Raises `Invalid` for anything else."""
    try:
        found = json.loads(request.POST.get("fields", ""))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(_is_value(values) for values in found.values()):
        raise Invalid(_("No draft can be kept for this."), code="fields_malformed", field="fields")
    return found


def _is_value(values: object) -> bool:
    return isinstance(values, list) and all(value is None or isinstance(value, str) for value in values)

"""How one is told: all kinds of notices on one page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.core import webpush
from community.notifications import actions, queries
from community.notifications.forms import WaysForm
from community.notifications.views.asked import counted, member_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    box, ways = queries.preferences(member)
    form = WaysForm(request.POST if request.method == "POST" else None, box=box, ways=ways)
    if request.method == "POST" and form.is_valid():
        counted(request, "change_profile")
        actions.set_preferences(member=member, **form.chosen())
        messages.success(request, _("Your choices are saved."))
        return redirect("notifications:settings")
    context = {"form": form, "push": _push(request) if webpush.is_on() else None}
    return render(request, "notifications/settings.html", context, status=422 if form.errors else 200)


def _push(request: HttpRequest) -> dict[str, Any]:
    """What the panel about browsers shows. `known` is a digest of the address that this one has, as far as we know."""
    devices, key = queries.browsers_of(member_of(request)), request.session.session_key
    here = next((device for device in devices if device.sign_in.session_key == key), None)
    return {
        "key": webpush.public_key(),
        "devices": devices,
        "here": here,
        "known": here.digest if here else "",
    }

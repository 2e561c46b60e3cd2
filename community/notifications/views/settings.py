"""How one is told: all kinds of notices on one page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

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
    return render(request, "notifications/settings.html", {"form": form}, status=422 if form.errors else 200)

"""The browsers that show notices, as buttons; the script of the page does the same over the API."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.notifications import actions
from community.notifications.views.asked import counted


@require_POST
@login_required
def remove(request: HttpRequest, device_id: int) -> HttpResponse:
    actions.remove_browser(member=counted(request, "push_device"), device_id=device_id)
    messages.success(request, _("That browser shows no notices any more."))
    return redirect("notifications:settings")

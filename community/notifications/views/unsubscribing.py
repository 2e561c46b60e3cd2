"""The way out of mails: for a person with one press, for a mail program with one POST (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from community.core.limits import take
from community.notifications import actions, queries, registry
from community.notifications.actions.tokens import opened


# The token in the address is the right, and the only one: RFC 8058 has mail programs send no cookie and no other token.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET only shows the page: programs that look into mails follow links."""
    take("unsubscribe", address=request.META.get("REMOTE_ADDR"))
    member_id, name = opened(token)
    kind = registry.kind_of(name)
    if request.method == "POST":
        actions.unsubscribe(member_id=member_id, kind=name)
    done = request.method == "POST"
    stopped = not done and queries.mail_is_off(member_id=member_id, kind=name)
    context = {"kind": kind, "done": done, "stopped": stopped, "token": token}
    return render(request, "notifications/unsubscribe.html", context)

"""The live log over HTTP, counted per address (S20): `realtime` itself knows none of our limits."""

from django.http import HttpRequest, HttpResponse

from community.core.limits import take
from realtime import views


def events(request: HttpRequest, name: str) -> HttpResponse:
    take("live_events", address=request.META.get("REMOTE_ADDR"))
    return views.events(request, name)

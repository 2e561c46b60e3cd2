"""The same log over plain HTTP: for holes, for networks that block sockets, and for clients without any."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from realtime import log, registry

MOST = 500


@require_safe
@cache_control(no_store=True, private=True)
@vary_on_headers("Accept-Language", "Cookie")
def events(request: HttpRequest, name: str) -> HttpResponse:
    """GET /live/streams/<name>/events?after=n&limit=m

    200 `{"events": [...], "seq": newest}`, oldest first (without `after`: no events, only the number);
    200 `{"reset": true, "seq": newest}` when what follows `after` is no longer kept;
    400 for numbers that are none; 404 for a stream that is not there or not for this reader, both alike.
    """
    if not registry.may_watch(request.user, name):
        return _problem(HTTPStatus.NOT_FOUND, _("There is no such live stream, or you may not see it."))
    after, limit = request.GET.get("after"), request.GET.get("limit", str(MOST))
    if after is None:
        return JsonResponse({"events": [], "seq": log.latest([name])[name]})
    if not (_is_number(after) and _is_number(limit)):
        return _problem(HTTPStatus.BAD_REQUEST, _("“after” and “limit” must be whole numbers."))
    page = log.read(name, int(after), max(1, min(int(limit), MOST)))
    if isinstance(page, log.Reset):
        return JsonResponse({"reset": True, "seq": page.seq})
    language = _language(request)
    apart = registry.apart_of(request.user)
    body = {"events": [e.message(language, apart) for e in page.events], "seq": page.seq}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


def _language(request: HttpRequest) -> str:
    """`?lang=` as on the socket, otherwise the language of the request."""
    asked = request.GET.get("lang", "")
    return asked if translation.check_for_language(asked) else translation.get_language() or ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _problem(status: HTTPStatus, detail: str) -> HttpResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    return JsonResponse(body, status=status.value, content_type="application/problem+json")

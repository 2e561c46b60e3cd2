"""What every unsafe API request must pass before anything else looks at it (S10).

ninja checks CSRF only for operations with a cookie authenticator, and reads a body whatever its content type says. A
form on a foreign page could therefore act for whoever is signed in here. So it is decided here, for all operations:
a request without its own credentials in `Authorization` carries the CSRF token of a page of ours.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from community.config.problems import Problem, as_json

API = "/api/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# A foreign page can send the first three of the HTML form types without asking; of them only multipart is of use to us,
# for pictures, and it needs the CSRF token like all else.
# The picture types no form can send.
PICTURES = {"image/jpeg", "image/png", "image/webp", "image/gif"}
KINDS = frozenset({"application/json", "application/x-ndjson", "multipart/form-data", *PICTURES})


class ApiGuardMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API) and request.method not in SAFE:
            refusal = refused(request)
            if refusal is not None:
                return refusal
        return self.get_response(request)


def refused(request: HttpRequest) -> HttpResponse | None:
    """The refusal of an unsafe API request, if it must be refused."""
    if request.META.get("CONTENT_LENGTH") not in {None, "", "0"} and request.content_type not in KINDS:
        return as_json(request, Problem(415, "content_type"))
    if request.headers.get("Authorization"):
        return None  # a foreign page cannot set this header
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return as_json(request, Problem(403, "cross_site", _("This request came from another site.")))
    if check_csrf(request) is not None:
        return as_json(request, Problem(403, "csrf", _("The CSRF token of a page of this site is missing or old.")))
    return None

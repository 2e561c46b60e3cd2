"""The site's addresses, and one address for every way to fail."""

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI, Schema

from community.config.api import speak_problems
from community.config.urls import handler400, handler403, handler404, handler500
from community.config.urls import urlpatterns as real
from community.core.errors import Conflict, Invalid, NotAllowed, NotVisible, TooSoon, Unavailable

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

FAILURES: dict[str, tuple[Exception, int, str]] = {
    "invalid": (Invalid("Choose a colour.", code="colour", field="colour"), 422, "colour"),
    "not-allowed": (NotAllowed("The thread is locked.", code="thread_locked"), 403, "thread_locked"),
    "not-visible": (NotVisible("There is no such thread."), 404, "not_found"),
    "conflict": (Conflict("Ana was first."), 409, "conflict"),
    "too-soon": (TooSoon("Wait a little.", retry_after=7), 429, "too_soon"),
    "unavailable": (Unavailable("The search is down.", retry_after=9), 503, "unavailable"),
    "http-404": (Http404("secret-detail"), 404, "not_found"),
    "denied": (PermissionDenied("secret-detail"), 403, "not_allowed"),
    "suspicious": (SuspiciousOperation("secret-detail"), 400, "bad_request"),
    "too-big": (RequestDataTooBig("secret-detail"), 413, "too_large"),
    "database": (OperationalError("secret-detail"), 503, "unavailable"),
    "mistake": (RuntimeError("secret-detail SELECT * FROM members"), 500, "server_error"),
}

failing = NinjaAPI(urls_namespace="failing", openapi_url=None)
speak_problems(failing)


class Shape(Schema):
    n: int


@failing.get("/fail/{name}")
def api_fail(request: HttpRequest, name: str) -> None:
    raise FAILURES[name][0]


@failing.post("/act")
def act(request: HttpRequest, shape: Shape) -> dict[str, int]:
    return {"n": shape.n}


def fail(request: HttpRequest, name: str) -> HttpResponse:
    raise FAILURES[name][0]


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.method)


urlpatterns = [*real, path("fail/<name>", fail), path("form", form), path("api/test/", failing.urls)]

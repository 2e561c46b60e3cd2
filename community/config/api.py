"""The API at /api/v1/: its routers, its errors (RFC 9457), and who may read its description."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.renderers import JSONRenderer

from community.catalog.api import router as catalog
from community.config import errors
from community.config.problems import Problem, as_json, of_rule
from community.core import idempotency
from community.core.errors import FieldError, RuleError
from community.members.api import router as members
from community.search.api import router as search
from community.threads.api import router as threads

View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """The description of the API helps an attacker too: outside debug it is for the people who run the site (S31)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.DEBUG or getattr(request.user, "is_staff", False):
            return view(request, *args, **kwargs)
        return as_json(request, Problem(404, "not_found"))

    return guarded


def rule_error(request: HttpRequest, error: RuleError) -> HttpResponse:
    answer = as_json(request, of_rule(error))
    claimed = getattr(request, "refused_claim", None)
    if claimed is not None:
        # The command had a key: asked again, it is refused in the same words (REL-4).
        kept = {"Content-Type": answer["Content-Type"], "Cache-Control": answer["Cache-Control"]}
        idempotency.refused(**claimed, answer=idempotency.Answer(answer.status_code, answer.content, kept))
    return answer


def validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The shape was wrong: every field that is, with its place, and never the value that was sent."""
    found = [
        FieldError(".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]), one["msg"], one["type"])
        for one in error.errors
    ]
    return as_json(request, Problem(422, "invalid", errors=found))


def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return as_json(request, Problem(401, "not_signed_in", headers={"WWW-Authenticate": 'Bearer realm="hiroba"'}))


def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return as_json(request, Problem(error.status_code, "refused" if error.status_code < 500 else "server_error"))


def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return as_json(request, Problem(404, "not_found"))


def database_down(request: HttpRequest, error: Exception) -> HttpResponse:
    return as_json(request, Problem(503, "unavailable", headers=errors.BUSY))


def speak_problems(api: NinjaAPI) -> None:
    """Every error of `api` is a problem JSON."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    RuleError: rule_error,
    ValidationError: validation_error,
    AuthenticationError: not_signed_in,
    HttpError: http_error,
    Http404: not_found,
    OperationalError: database_down,
    InterfaceError: database_down,
}

api = NinjaAPI(
    title="Hiroba",
    version="1",
    description="The community around a shop's items. Errors are application/problem+json.",
    urls_namespace="api",
    docs=Swagger(),
    docs_decorator=for_staff,
    renderer=JSONRenderer(),
)
speak_problems(api)
api.add_router("", members)
api.add_router("", catalog)
api.add_router("", search)
api.add_router("", threads)

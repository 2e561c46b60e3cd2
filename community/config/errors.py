"""Django's error views. Each turns what happened into a `Problem` and answers with a page or with JSON."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from community.config.problems import Problem, answer

BUSY = {"Retry-After": "5"}
# Fields that hold what a person wrote. Nothing else of a refused form is shown: it may be a password, or a stranger's.
WORDS = ("title", "body", "tags", "display_name", "bio", "reason")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return answer(request, Problem(status, "too_large" if status == 413 else "bad_request"))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, Problem(403, "not_allowed"))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, Problem(404, "not_found"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The words come back to be copied, never as a form that a press would send: another site may have written them."""
    sentence = _("This form was open too long, or cookies are switched off, so we could not be sure that it was you.")
    words = [text for name in WORDS if (text := request.POST.get(name, "").strip())]
    return answer(request, Problem(403, "csrf", sentence, words=words, back=request.get_full_path() if words else ""))


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that does not answer is a matter of waiting; all else is our mistake."""
    if is_database_down(sys.exc_info()[1]):
        return answer(request, Problem(503, "unavailable", headers=BUSY))
    return answer(request, Problem(500, "server_error"))


def is_database_down(error: BaseException | None) -> bool:
    """Also true for a lock or a statement that took too long: trying again is the right thing to do."""
    return isinstance(error, OperationalError | InterfaceError)

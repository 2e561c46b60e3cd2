"""An error as people and as machines read it: one page, one problem JSON (RFC 9457), both from the same facts."""

import dataclasses
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from community.config.context import site
from community.core.errors import FieldError, RuleError

log = logging.getLogger(__name__)
JSON_TYPE = "application/problem+json"
TITLES = {
    400: gettext_lazy("This request cannot be understood"),
    401: gettext_lazy("Please sign in"),
    403: gettext_lazy("This is not open to you"),
    404: gettext_lazy("There is nothing here"),
    405: gettext_lazy("This cannot be done here"),
    409: gettext_lazy("Something else came first"),
    413: gettext_lazy("That is too large"),
    415: gettext_lazy("That kind of content is not taken here"),
    422: gettext_lazy("Something needs another look"),
    429: gettext_lazy("A little too fast"),
    500: gettext_lazy("Something broke on our side"),
    503: gettext_lazy("We will be right back"),
}
MESSAGES = {
    400: gettext_lazy("What your browser sent is incomplete or damaged."),
    401: gettext_lazy("This part is for members."),
    403: gettext_lazy("Your account may not do this."),
    404: gettext_lazy("The page was moved or taken away, or it never was here."),
    405: gettext_lazy("The address is right, but not for what was asked of it."),
    409: gettext_lazy("Somebody else changed this at the same moment."),
    413: gettext_lazy("What was sent is larger than we take in one go."),
    415: gettext_lazy("Send it as application/json."),
    422: gettext_lazy("Some of what was sent cannot be used as it is."),
    429: gettext_lazy("You did this many times in a short while."),
    500: gettext_lazy("The fault is ours, and it is in our log. Nothing half-done was kept."),
    503: gettext_lazy("A part of the site does not answer at the moment."),
}
ADVICE = {
    400: gettext_lazy("Go back, load the page again and repeat what you did."),
    401: gettext_lazy("Sign in and you come right back here."),
    403: gettext_lazy("If you think you should be able to, write to the people who run this place."),
    404: gettext_lazy("Check the address, or look for it from the front page."),
    405: gettext_lazy("Go back and use the buttons of the page."),
    409: gettext_lazy("Go back, load the page again and look at what changed."),
    413: gettext_lazy(
        "Make the pictures smaller or send fewer at once. What you wrote is still in the page before this one."
    ),
    415: gettext_lazy("Go back and use the form of the page."),
    422: gettext_lazy("Go back, put it right and send it again; what you wrote is kept."),
    429: gettext_lazy("Wait a moment and try again; what you wrote is kept."),
    500: gettext_lazy("Try again in a minute. If it happens again, tell us the number below."),
    503: gettext_lazy("Try again in a minute; what you wrote is kept in your browser."),
}
# A link that leads nowhere is no form: nothing was written, and going back sends nothing again.
LINK_TITLE = gettext_lazy("This link leads to no place in the list")
LINK_MESSAGE = gettext_lazy("Perhaps it was cut off when it was copied. The list itself is here as ever.")
LINK_ADVICE = gettext_lazy("Something in the address is not as it should be; perhaps it was cut off when copied.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong. `message` is a sentence for people, `code` a word for machines."""

    status: int
    code: str
    message: str = ""
    field: str | None = None
    errors: Sequence[FieldError] = ()
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    words: Sequence[str] = ()  # what the person wrote, given back on the page
    back: str = ""  # the page they wrote it on

    @property
    def title(self) -> str:
        return str(TITLES.get(self.status, TITLES[500 if self.status >= 500 else 400]))

    @property
    def sentence(self) -> str:
        return self.message or str(MESSAGES.get(self.status, MESSAGES[500 if self.status >= 500 else 400]))

    @property
    def advice(self) -> str:
        return str(ADVICE.get(self.status, ADVICE[500 if self.status >= 500 else 400]))


def of_rule(error: RuleError) -> Problem:
    """A rule's refusal."""
    wait = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(wait)} if wait else {}
    return Problem(error.status, error.code, str(error.message), error.field, error.errors, headers)


def document(problem: Problem, request_id: str) -> dict[str, Any]:
    """The members of RFC 9457, and ours: `code`, `field`, `errors`."""
    body: dict[str, Any] = {
        "type": f"urn:hiroba:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.sentence,
        "instance": request_id,
        "code": problem.code,
    }
    if problem.field:
        body["field"] = problem.field
    if problem.errors:
        body["errors"] = [{"field": e.field, "message": str(e.message), "code": e.code} for e in problem.errors]
    return body


def as_json(request: HttpRequest, problem: Problem) -> HttpResponse:
    body = json.dumps(document(problem, request_id_of(request)), ensure_ascii=False)
    return _finish(HttpResponse(body, content_type=JSON_TYPE, status=problem.status), problem)


def as_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page in the site's own dress; without the database when the fault may lie there."""
    context = {
        "status": problem.status,
        "title": problem.title,
        "message": problem.sentence,
        "advice": problem.advice,
        "request_id": request_id_of(request),
        "retry_after": problem.headers.get("Retry-After"),
        "words": problem.words,
        "action_url": problem.back,
        "action_label": _("To the form, loaded anew"),
    }
    if problem.status == 422 and request.method in {"GET", "HEAD"}:
        context |= _of_a_link(request, problem)
    return _finish(HttpResponse(_html(request, context), status=problem.status), problem)


def _of_a_link(request: HttpRequest, problem: Problem) -> dict[str, str]:
    """What a page says when it was the address that cannot be used; with a way to where the list begins."""
    if problem.code != "cursor_invalid":
        return {"advice": str(LINK_ADVICE)}
    asked = request.GET.copy()
    asked.pop("cursor", None)
    return {
        "title": str(LINK_TITLE),
        "message": str(LINK_MESSAGE),
        "advice": "",
        "action_url": f"{request.path}?{asked.urlencode()}" if asked else request.path,
        "action_label": _("To the beginning of the list"),
    }


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """JSON for the API and for our own scripts, a page for everyone else."""
    wants_json = "json" in request.headers.get("Accept", "") or request.path_info.startswith("/api/")
    return as_json(request, problem) if wants_json else as_page(request, problem)


def request_id_of(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def _html(request: HttpRequest, context: dict[str, Any]) -> str:
    # A template that asks who is signed in needs the database; past 500 it must not be asked.
    tries: list[HttpRequest | None] = [request, None] if context["status"] < 500 else [None]
    for given in tries:
        try:
            return render_to_string("errors/page.html", site(request) | context, request=given)
        except Exception:
            log.exception("error_page_failed")
    return bare(context)


def bare(context: dict[str, Any]) -> str:
    """The last resort: no template, no database, no style sheet."""
    title, message, advice = (escape(context[key]) for key in ("title", "message", "advice"))
    number = escape(_("Number of this request: %(number)s") % {"number": context["request_id"]})
    return (
        f'<!doctype html><html lang="{get_language() or "ja"}"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{message}</p><p>{advice}</p><p>{number}</p></html>"
    )


def _finish(response: HttpResponse, problem: Problem) -> HttpResponse:
    for name, value in problem.headers.items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    return response

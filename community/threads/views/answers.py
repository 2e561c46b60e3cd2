"""What every page of threads answers with: pages for people, JSON for our own scripts, once per key."""

import json
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypedDict
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from community.core import limits, together
from community.core.errors import FieldError, Invalid, RuleError
from community.core.idempotency import Answer, Command
from community.members.permissions import Viewer, trust_of, viewer_of

JSON = "application/json"


class Sent(TypedDict, total=False):
    """What a script learns after it sent something: where it now stands and how it looks."""

    url: str
    number: int
    post_id: int
    html: str


def viewer(request: HttpRequest) -> Viewer:
    return viewer_of(request.user)


def wants_json(request: HttpRequest) -> bool:
    """Whether our script asks (it accepts a page, too, but prefers JSON)."""
    return request.get_preferred_type(["text/html", JSON]) == JSON


def take(request: HttpRequest, action: str, *, target: int | None = None) -> None:
    """Count one `action` of this person and address (`community.core.limits`)."""
    address, level = request.META.get("REMOTE_ADDR"), trust_of(viewer(request))
    limits.take(action, user_id=request.user.pk, address=address, target=target, level=level)


def fresh_key() -> str:
    """An idempotency key for one form on one page."""
    return str(uuid4())


def key_of(request: HttpRequest) -> str:
    sent = request.META.get("HTTP_IDEMPOTENCY_KEY") or request.POST.get("idempotency_key", "")
    return sent or fresh_key()


def once(
    request: HttpRequest,
    *,
    operation: str,
    body: Mapping[str, Any],
    work: Callable[[], Sent],
    line: Hashable | None = None,
) -> HttpResponse:
    """Do `work` once per key of the form: a double click or a proxy's replay gets the first answer again.

    `body` is what the person sent, without key and token: a key that comes back with another body is refused. Work of
    the same `line` may share a transaction (`core.together`).
    """
    sent = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    owner = f"member:{request.user.pk}" if request.user.is_authenticated else "visitor"
    command = Command.of(owner=owner, operation=operation, key=key_of(request), body=sent)

    def done() -> Answer:
        return Answer(status=201, body=json.dumps(work(), ensure_ascii=False).encode(), headers={"Content-Type": JSON})

    answer = together.once(command, done, line=line)
    if not wants_json(request):
        return HttpResponseRedirect(json.loads(answer.body)["url"])
    return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


def check(form: forms.Form) -> dict[str, Any]:
    """The form's clean values; raises `Invalid` with an error per field, as the rules do."""
    if form.is_valid():
        return form.cleaned_data
    errors = [FieldError(name, str(message)) for name, messages in form.errors.items() for message in messages]
    raise Invalid(_("Some fields need another look."), code="form_invalid", errors=errors)


def checked(kind: type[forms.Form], sent: QueryDict) -> dict[str, Any]:
    """What `check` gives for a form of this kind, without making one where nothing is wrong: a form copies all of its
    fields first. For forms whose rules are those of their fields alone.
    """
    try:
        return {
            name: field.clean(field.widget.value_from_datadict(sent, {}, name))
            for name, field in kind.base_fields.items()
        }
    except ValidationError:
        return check(kind(sent))


def refuse(form: forms.Form, error: RuleError) -> int:
    """Write a refusal into the form that caused it; returns the status to answer with."""
    form.is_valid()
    if not error.errors or not form.errors:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    if "idempotency_key" in form.fields:
        # Refused is over: what is sent next is another try (a retry after a lost answer keeps the old key).
        put(form, idempotency_key=fresh_key())
    return error.status


def put(form: forms.Form, **values: str) -> None:
    """Other values for a form that is shown again."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    for name, value in values.items():
        data[name] = value
    form.data = data


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """To the page the button was pressed on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(fallback)

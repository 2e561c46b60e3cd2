"""What all operations share: bodies in and out, ETags and preconditions."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from ninja import Schema

from community.core.errors import RuleError

JSON = "application/json"


class WrongType(RuleError):
    """The body is of a kind that this operation does not read."""

    status = 415
    default_code = "wrong_type"


class Outdated(RuleError):
    """If-Match or If-None-Match does not hold: somebody wrote meanwhile."""

    status = 412
    default_code = "precondition_failed"


def require_type(request: HttpRequest, *allowed: str) -> None:
    """Refuse a body of another type: read as JSON, it could be a form that a stranger's page sent (S10)."""
    if (request.content_type or "").lower() not in allowed:
        raise WrongType(_("Send it as %(types)s.") % {"types": " / ".join(allowed)})


def as_bytes(shown: Schema) -> bytes:
    return shown.model_dump_json().encode()


def etag_of(body: bytes) -> str:
    """A strong ETag: equal bytes, equal tag."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def fresh_or_304(request: HttpRequest, shown: Schema) -> HttpResponse:
    """A GET's answer, or "not modified" when the caller has it already."""
    body = as_bytes(shown)
    tag = etag_of(body)
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if known == ["*"] or tag in [one.removeprefix("W/") for one in known]:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=JSON)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def written(shown: Schema, row: Schema | None, *, status: int) -> HttpResponse:
    """A PUT's answer, with the ETag that a GET of the row would bear now."""
    response = HttpResponse(as_bytes(shown), content_type=JSON, status=status)
    if row is not None:
        response["ETag"] = etag_of(as_bytes(row))
    return response


def check_preconditions(request: HttpRequest, current: Schema | None) -> None:
    """If-Match and If-None-Match of a write against the row as it is (None: it is not there)."""
    wanted = parse_etags(request.headers.get("If-Match", ""))
    unwanted = parse_etags(request.headers.get("If-None-Match", ""))
    tag = etag_of(as_bytes(current)) if current is not None else None
    if (wanted and not _matches(wanted, tag)) or (unwanted and _matches(unwanted, tag)):
        raise Outdated(_("The row is not what you think it is. Read it again and decide anew."))


def has_preconditions(request: HttpRequest) -> bool:
    return bool(request.headers.get("If-Match") or request.headers.get("If-None-Match"))


def _matches(tags: Sequence[str], tag: str | None) -> bool:
    return tag is not None and (list(tags) == ["*"] or tag in tags)


def dumped(sent: Schema) -> dict[str, Any]:
    """What was sent, as the readers of rows take it."""
    return sent.model_dump(exclude_none=True)

"""Many rows in one call: NDJSON in, NDJSON out, one line of answer per line, in order.

The body is read as it goes; a batch is written and answered before the next one is read, so that neither side holds
more than a batch. What was answered is committed, also when the connection breaks afterwards.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from pydantic import ValidationError

from community.catalog.actions import words
from community.catalog.actions.rows import Row
from community.catalog.api.answers import require_type
from community.catalog.api.auth import key_of
from community.catalog.api.kinds import Kind
from community.catalog.models import Shop
from community.core.errors import Invalid

NDJSON = "application/x-ndjson"
BATCH = 500
LINE_LIMIT = 1 << 20  # bytes
LINES_LIMIT = 100_000


@dataclass(slots=True)
class Line:
    """One line of the body: a row, or the answer it got already."""

    number: int
    row: Row | None = None
    answer: dict[str, Any] | None = None


def bulk(request: HttpRequest, kind: Kind) -> StreamingHttpResponse:
    """Answers stream with status 200 whatever the lines hold: each says itself what became of it."""
    require_type(request, NDJSON)
    parts = _answers(request, kind, key_of(request).shop)
    if isinstance(request, ASGIRequest):
        return StreamingHttpResponse(_awaited(parts), content_type=NDJSON)
    return StreamingHttpResponse(parts, content_type=NDJSON)


def _answers(request: HttpRequest, kind: Kind, shop: Shop) -> Iterator[bytes]:
    batch: list[Line] = []
    for line in _lines(request, kind, shop):
        batch.append(line)
        if len(batch) >= BATCH:
            yield _written(batch, kind, shop)
            batch = []
    if batch:
        yield _written(batch, kind, shop)


async def _awaited(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    def following() -> bytes | None:
        return next(parts, None)

    while (part := await sync_to_async(following)()) is not None:
        yield part


def _lines(request: HttpRequest, kind: Kind, shop: Shop) -> Iterator[Line]:
    number = 0
    while raw := request.readline(LINE_LIMIT + 1):
        number += 1
        if number > LINES_LIMIT:
            message = _("Only %(limit)s lines are read in one call. Send the rest in another.") % {"limit": LINES_LIMIT}
            yield _refused(number, "", "too_many_lines", "", message)
            return
        if len(raw) > LINE_LIMIT:
            while raw and not raw.endswith(b"\n"):
                raw = request.readline(LINE_LIMIT)
            message = _("A line has at most %(limit)s bytes.") % {"limit": LINE_LIMIT}
            yield _refused(number, "", "line_too_long", "", message)
        elif raw.strip():
            yield _read(number, raw, kind, shop)


def _read(number: int, raw: bytes, kind: Kind, shop: Shop) -> Line:
    external_id = ""
    try:
        given = json.loads(raw)
        if not isinstance(given, dict):
            raise words.refused("", "not_object", _("The line is not a JSON object."))
        external_id = words.identity(given.pop("external_id", None))
        sent = kind.sent.model_validate(given)
        return Line(number, row=kind.read(sent.model_dump(exclude_none=True) | {"external_id": external_id}, shop))
    except Invalid as error:
        return _refused(number, external_id, error.code, error.field or "", str(error))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return _refused(number, external_id, first["type"], ".".join(str(part) for part in first["loc"]), first["msg"])
    except (ValueError, RecursionError):
        return _refused(number, "", "not_json", "", _("The line is not JSON."))


def _refused(number: int, external_id: str, code: str, field: str, message: str) -> Line:
    error = {"code": code, "field": field, "message": message}
    return Line(number, answer={"line": number, "external_id": external_id, "outcome": "refused", "error": error})


def _written(batch: list[Line], kind: Kind, shop: Shop) -> bytes:
    rows = [line.row for line in batch if line.row is not None]
    results = iter(kind.write(shop=shop, rows=rows))
    answers = []
    for line in batch:
        if line.answer is None:
            result = next(results)
            line.answer = {"line": line.number, "external_id": result.external_id, "outcome": result.outcome.value}
            if result.warnings:
                line.answer["warnings"] = list(result.warnings)
        answers.append(json.dumps(line.answer, ensure_ascii=False))
    return ("\n".join(answers) + "\n").encode()

"""Refusals made before Django, in the usual words: a 503 of an overloaded process must cost next to nothing."""

import base64
import hashlib
import json
import random
import uuid
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.html import escape

from community.config.door import Headers, Scope, Send, single
from community.config.problems import JSON_TYPE, Problem, document

CODES = {400: "bad_request", 408: "timeout", 413: "too_large", 431: "too_large", 503: "unavailable"}
NUMBER = "request-number"
STYLE = (
    "body{max-width:34rem;margin:12vh auto;padding:0 1.5rem;font:1.05rem/1.9 system-ui,sans-serif;"
    "background:#f8f4ec;color:#2b2723}h1{font-size:1.4rem}section+section{margin-top:3rem}p{margin:.5rem 0}"
    "small{color:#655d53}@media(prefers-color-scheme:dark){body{background:#191715;color:#ede6db}small{color:#ada393}}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"


async def refuse(scope: Scope, send: Send, status: int) -> None:
    """Answer `status` with a page or, for the API and for scripts, with a problem document (RFC 9457).

    A 503 says when to come again: not all at the same second.
    """
    number = scope.get("request_id") or uuid.uuid4().hex
    as_json = scope["path"].startswith("/api/") or "json" in single(scope["headers"], b"accept")
    body = (_document(status) if as_json else _page(status)).replace(NUMBER, number).encode()
    kind = JSON_TYPE if as_json else "text/html; charset=utf-8"
    headers: Headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", POLICY.encode()),
        (b"x-request-id", number.encode()),
    ]
    if status == 503:
        headers.append((b"retry-after", str(random.randint(3, 8)).encode()))  # noqa: S311
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _problem(status: int) -> Problem:
    return Problem(status, CODES.get(status, "server_error"))


@cache
def _document(status: int) -> str:
    return json.dumps(document(_problem(status), NUMBER), ensure_ascii=False)


@cache
def _page(status: int) -> str:
    """In every language: whoever asks, reading a preference is work that we do not have the time for."""
    problem, parts = _problem(status), []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words = f"<h1>{escape(problem.title)}</h1><p>{escape(problem.sentence)}</p><p>{escape(problem.advice)}</p>"
        parts.append(f'<section lang="{language}">{words}</section>')
    return (
        f'<!doctype html><html lang="{settings.LANGUAGE_CODE}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{status}</title><style>{STYLE}</style>'
        f"<main>{''.join(parts)}<p><small>{NUMBER}</small></p></main></html>"
    )

"""What a request asks for, as far as a kept page can answer it: read from the ASGI scope, without Django."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.translation import get_language_from_request

PATH_LIMIT, QUERY_LIMIT, HEADER_LIMIT = 1_000, 300, 2_000  # longer ones are answered, but nothing is kept for them
# Whoever sends one of these wants something else than the page as everybody gets it.
UNUSUAL = frozenset(
    {
        *(b"authorization", b"proxy-authorization", b"range", b"if-range", b"if-match", b"if-unmodified-since"),
        *(b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"x-requested-with"),
    }
)
READ = frozenset({b"host", b"cookie", b"accept-language", b"accept-encoding", b"if-none-match"})


class Key(NamedTuple):
    """What pages of visitors differ by."""

    scheme: str
    path: str
    query: bytes
    language: str


class Asked(NamedTuple):
    key: Key
    encoding: str  # "br", "gzip" or "": the best that the client takes
    known: bytes  # the value of If-None-Match
    is_head: bool


class Visits:
    """Tells plain visits from everything else. Settings are read once: this is asked for every request there is."""

    def __init__(self) -> None:
        self.only_secure = settings.SECURE_SSL_REDIRECT
        self.session = settings.SESSION_COOKIE_NAME.encode()
        self.language = settings.LANGUAGE_COOKIE_NAME.encode()

    def asked(self, scope: dict[str, Any]) -> Asked | None:
        """None for what only Django can answer: a member, a form, another host, anything unusual."""
        method, path, query = scope["method"], scope["path"], scope.get("query_string", b"")
        if method not in ("GET", "HEAD") or len(path) > PATH_LIMIT or len(query) > QUERY_LIMIT:
            return None
        scheme = scope["scheme"]
        if self.only_secure and scheme != "https":
            return None
        told = _told(scope["headers"])
        if told is None or not _is_our_host(told.get(b"host", b"")):
            return None
        cookies = told.get(b"cookie", b"")
        # Rather once too often: a cookie that only contains the name goes the ordinary way as well.
        if self.session in cookies:
            return None
        chosen = self._chosen(cookies) if self.language in cookies else ""
        return Asked(
            Key(scheme, path, query, _language_of(chosen, told.get(b"accept-language", b""))),
            encoding=_encoding(told.get(b"accept-encoding", b"")),
            known=told.get(b"if-none-match", b""),
            is_head=method == "HEAD",
        )

    def _chosen(self, cookies: bytes) -> str:
        return parse_cookie(cookies.decode("latin-1")).get(self.language.decode(), "")


def _told(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes] | None:
    """The headers that matter; None when one is unusual, long, or comes twice."""
    told: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in READ:
            if name in told or len(value) > HEADER_LIMIT:
                return None
            told[name] = value
        elif name in UNUSUAL:
            return None
    return told


@lru_cache(maxsize=1024)
def _language_of(chosen: str, accepted: bytes) -> str:
    """As `LocaleMiddleware` would choose: by its own function."""
    request = HttpRequest()
    request.COOKIES = {settings.LANGUAGE_COOKIE_NAME: chosen} if chosen else {}
    request.META = {"HTTP_ACCEPT_LANGUAGE": accepted.decode("latin-1")}
    return get_language_from_request(request)


@lru_cache(maxsize=1024)
def _is_our_host(host: bytes) -> bool:
    """As `HttpRequest.get_host`, which the ordinary way asks, would decide."""
    domain, _port = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


@lru_cache(maxsize=1024)
def _encoding(header: bytes) -> str:
    """The smaller of what the client takes; `q=0` means that it does not."""
    taken = set()
    for part in header.decode("latin-1").lower().split(","):
        name, _semicolon, rest = part.partition(";")
        if rest.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            taken.add(name.strip())
    return next((name for name in ("br", "gzip") if name in taken), "")

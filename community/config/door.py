"""The outermost ASGI wrapper: what a request says about itself is set right here, once, before anything reads it.

- the root path is ours, not a header's (S5); forwarding headers count only as far as our own proxies wrote them, and
  are then taken away together with their underscore twins;
- the client address is the right-most hop that is not one of our proxies (S6);
- a body past its limit is refused before Django keeps it (S28);
- a socket opens only for a page of ours: scheme, host and port of its Origin are compared (S4).
"""

import ipaddress
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

FORWARDING = frozenset(
    {b"forwarded", b"x-real-ip", b"daphne-root-path", b"client-ip", b"true-client-ip", b"x-client-ip", b"x-request-id"}
)
SECURE = {"http": "https", "ws": "wss"}
DEFAULT_PORTS = {"http": 80, "https": 443}
FORBIDDEN_ORIGIN = 4403
BROKEN = (
    '<!doctype html><meta charset="utf-8"><title>500</title><h1>申し訳ありません。ただいま表示できません。</h1>'
    "<p>少し待ってから、もう一度お試しください。</p>"
    "<p>Something broke on our side. Please try again in a minute.</p><p>%s</p>"
)
log = logging.getLogger(__name__)


def fresh_ids() -> Iterator[str]:
    """Ids of requests, 32 hexadecimal digits each; the system is asked for chance once in 64."""
    while True:
        many = secrets.token_hex(64 * 16)
        yield from (many[start : start + 32] for start in range(0, len(many), 32))


class Reply(Protocol):
    """How a request is answered without a task; our own server offers it."""

    def give(self, status: int, lines: bytes, body: bytes) -> None:
        """The whole answer, `lines` being its headers as they go over the line."""

    def pass_on(self) -> None:
        """Let the application answer."""


class Hop(NamedTuple):
    """The client as our proxies saw it."""

    address: str
    port: int
    secure: bool | None


class Door:
    """Wrap `app`. `answers` maps a path to a small ASGI app that needs nothing of Django (health checks); `ready` is
    asked first, by a server that offers to (`at_once`).
    """

    def __init__(
        self,
        app: App,
        *,
        trusted_proxies: int,
        body_limit: int,
        origins: Sequence[str],
        root_path: str = "",
        answers: dict[str, App] | None = None,
        ready: Callable[[Scope, Reply], bool] = lambda _scope, _reply: False,
    ) -> None:
        self.app = app
        self.trusted_proxies = trusted_proxies
        self.body_limit = body_limit
        self.origins = {origin for origin in map(normal_origin, origins) if origin}
        self.root_path = root_path
        self.answers = answers or {}
        self.ready = ready
        self._ids = fresh_ids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        scope = self.cleaned(scope)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif answer := self.answers.get(scope["path"]):
            await answer(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    def at_once(self, scope: Scope, reply: Reply) -> bool:
        """Whether a request without a body is answered by what lies ready; what that knows of it is right, too."""
        return scope["path"] not in self.answers and self.ready(self.cleaned(scope), reply)

    def cleaned(self, scope: Scope) -> Scope:
        """The scope as our proxies vouch for it."""
        hop = self._hop(scope)
        scheme = scope.get("scheme") or ("http" if scope["type"] == "http" else "ws")
        return {
            **scope,
            "root_path": self.root_path,
            "headers": without_forwarding(scope["headers"]),
            "client": (hop.address, hop.port),
            "scheme": SECURE.get(scheme, scheme) if hop.secure else scheme,
            "request_id": next(self._ids),
        }

    def _hop(self, scope: Scope) -> Hop:
        peer = scope.get("client") or ("", 0)
        if not self.trusted_proxies:
            return Hop(str(peer[0]), int(peer[1]), None)
        # Each proxy of ours appended the address it saw; the last one is the peer itself.
        seen = [*values(scope["headers"], b"x-forwarded-for"), str(peer[0])]
        address = seen[-(self.trusted_proxies + 1)] if len(seen) > self.trusted_proxies else seen[0]
        protocols = values(scope["headers"], b"x-forwarded-proto")
        secure = bool(protocols) and protocols[-min(self.trusted_proxies, len(protocols))].lower() in {"https", "wss"}
        return Hop(plain_address(address) or str(peer[0]), 0, secure)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = normal_origin(single(scope["headers"], b"origin"))
        if origin is None or origin not in self.origins:
            await receive()
            await send({"type": "websocket.close", "code": FORBIDDEN_ORIGIN})
            return
        await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = single(scope["headers"], b"content-length")
        if announced and (not announced.isascii() or not announced.isdigit() or int(announced) > self.body_limit):
            await refuse(scope, send)
            return
        body = Body(receive, send, self.body_limit, scope)
        try:
            await self.app(scope, body.receive, body.send)
        except Exception:
            # Not even Django's own error page could be made; a bare one is better than the server's.
            log.exception("request_failed", extra={"request_id": scope["request_id"]})
            if not body.answered:
                await answer(
                    send, 500, BROKEN % scope["request_id"], scope["request_id"], kind=b"text/html; charset=utf-8"
                )


class Body:
    """Counts what arrives. Past the limit the client is told so, and the app sees it hang up."""

    def __init__(self, receive: Receive, send: Send, limit: int, scope: Scope) -> None:
        self._receive, self._send = receive, send
        self._left = limit
        self._scope = scope
        self.answered = False
        self._refused = False

    async def receive(self) -> Message:
        if self._refused:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self._refused = True
                if not self.answered:
                    await refuse(self._scope, self._send)
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self._refused:
            return
        self.answered = True
        await self._send(message)


async def refuse(scope: Scope, send: Send) -> None:
    """413, without reading what is still on its way."""
    text = (
        '{"type": "urn:hiroba:problem:too_large", "title": "Content Too Large", "status": 413, '
        f'"code": "too_large", "instance": "{scope["request_id"]}"}}'
    )
    await answer(send, 413, text, scope["request_id"], kind=b"application/problem+json", close=True)


async def answer(
    send: Send, status: int, text: str, request_id: str, *, kind: bytes = b"application/json", close: bool = False
) -> None:
    """A whole answer of the door itself."""
    body = text.encode()
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        (b"x-request-id", request_id.encode()),
    ]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def without_forwarding(headers: Headers) -> Headers:
    """Underscored names go too: CGI-style readers cannot tell `X_Forwarded_For` from `X-Forwarded-For`."""
    return [pair for pair in headers if not is_forwarding(pair[0].lower())]


@lru_cache(maxsize=512)  # the same few names come with every request
def is_forwarding(name: bytes) -> bool:
    return b"_" in name or name in FORWARDING or name.startswith(b"x-forwarded-")


def values(headers: Headers, name: bytes) -> list[str]:
    """Every value of a list header, over all its lines, in order."""
    lines = [value.decode("latin-1") for key, value in headers if key.lower() == name]
    return [part.strip() for part in ",".join(lines).split(",") if part.strip()]


def single(headers: Headers, name: bytes) -> str:
    """The value of a header that may come once; "" when absent, and an unusable mark when it comes twice."""
    found = [value.decode("latin-1") for key, value in headers if key.lower() == name]
    return found[0] if len(found) == 1 else ("" if not found else "several")


def plain_address(text: str) -> str | None:
    """`1.2.3.4:5`, `[::1]:5` and `::1` without port and brackets; None for anything that is no address."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def normal_origin(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for `null`, for none, and for what is more or less than an origin."""
    try:
        parts = urlsplit(text)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if not (bare and parts.hostname and port and parts.scheme in DEFAULT_PORTS):
        return None
    return parts.scheme, parts.hostname, port

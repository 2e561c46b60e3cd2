"""S4, S5, S6, S28: what a request says about itself counts only as far as our own proxies wrote it."""

import asyncio
from typing import Any

import pytest

from community.config.door import Door, Message, Scope, normal_origin

ORIGIN = "https://community.example.com"
HOSTILE = [
    (b"x-forwarded-for", b"6.6.6.6"),
    (b"x-forwarded-host", b"evil.example"),
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-prefix", b"/evil"),
    (b"x-real-ip", b"6.6.6.6"),
    (b"forwarded", b"for=6.6.6.6;host=evil.example"),
    (b"daphne-root-path", b"/evil"),
    (b"x-request-id", b"mine"),
    (b"x_forwarded_for", b"6.6.6.6"),
    (b"x_forwarded_proto", b"https"),
    (b"daphne_root_path", b"/evil"),
]


class App:
    """Remembers the scope it got, reads the whole body, and answers 200."""

    def __init__(self) -> None:
        self.scope: Scope | None = None
        self.read = 0
        self.hung_up = False

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        self.scope = scope
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.hung_up = True
                return
            self.read += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def call(
    app: App, scope: Scope, *, proxies: int = 0, limit: int = 1000, chunks: tuple[bytes, ...] = (b"",)
) -> list[Message]:
    """Send one request through a door; what came back."""
    door = Door(app, trusted_proxies=proxies, body_limit=limit, origins=[ORIGIN])
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]
    if scope["type"] == "websocket":
        waiting = [{"type": "websocket.connect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(door(scope, receive, send))
    return sent


def request(*headers: tuple[bytes, bytes], kind: str = "http", scheme: str = "http") -> Scope:
    return {
        "type": kind,
        "path": "/",
        "scheme": scheme,
        "root_path": "/evil",
        "client": ["9.9.9.9", 1234],
        "headers": [(b"host", b"community.example.com"), *headers],
    }


def seen(app: App) -> dict[str, Any]:
    assert app.scope is not None
    return {key: value for key, value in app.scope.items() if key != "request_id"}


@pytest.mark.parametrize("header", HOSTILE, ids=lambda header: header[0].decode())
def test_a_forwarding_header_of_the_client_changes_nothing(header: tuple[bytes, bytes]) -> None:
    clean, hostile = App(), App()
    call(clean, request())
    call(hostile, request(header))
    assert seen(hostile) == seen(clean)
    assert seen(clean)["client"] == ("9.9.9.9", 1234)
    assert seen(clean)["root_path"] == ""


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, b"1.1.1.1, 2.2.2.2", "9.9.9.9"),
        (1, b"1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (2, b"1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, b"6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (1, b"", "9.9.9.9"),
        (1, b"[2001:db8::1]:443", "2001:db8::1"),
        (1, b"1.2.3.4:5678", "1.2.3.4"),
        (1, b"1.1.1.1, <script>", "9.9.9.9"),
    ],
)
def test_the_client_is_the_rightmost_hop_that_is_not_ours(proxies: int, forwarded: bytes, address: str) -> None:
    app = App()
    call(app, request((b"x-forwarded-for", forwarded)), proxies=proxies)
    assert seen(app)["client"][0] == address


def test_a_rotating_header_cannot_pose_as_many_clients() -> None:
    addresses = set()
    for number in range(30):
        app = App()
        call(app, request((b"x-forwarded-for", f"6.6.6.{number}, 5.5.5.5".encode())), proxies=1)
        addresses.add(seen(app)["client"][0])
    assert addresses == {"5.5.5.5"}


@pytest.mark.parametrize(("proxies", "scheme"), [(0, "http"), (1, "https")])
def test_only_a_trusted_proxy_says_that_the_visitor_came_by_https(proxies: int, scheme: str) -> None:
    app = App()
    call(app, request((b"x-forwarded-proto", b"https")), proxies=proxies)
    assert seen(app)["scheme"] == scheme


@pytest.mark.parametrize("length", [b"1001", b"99999999999999999999", b"-1", b"1e3", "１".encode()])
def test_a_body_that_announces_too_much_is_refused_unread(length: bytes) -> None:
    app = App()
    sent = call(app, request((b"content-length", length)))
    assert sent[0]["status"] == 413
    assert b'"code": "too_large"' in sent[1]["body"]
    assert app.scope is None


def test_a_body_without_an_end_is_cut_at_the_limit() -> None:
    app = App()
    sent = call(app, request(), chunks=(b"x" * 400,) * 10)
    assert sent[0]["status"] == 413
    assert app.read == 800
    assert app.hung_up
    assert len(sent) == 2


def test_a_body_at_the_limit_passes() -> None:
    app = App()
    sent = call(app, request((b"content-length", b"1000")), chunks=(b"x" * 500, b"x" * 500))
    assert sent[0]["status"] == 200
    assert app.read == 1000


@pytest.mark.parametrize(
    "origin",
    [
        None,
        b"null",
        b"",
        b"http://community.example.com",
        b"https://community.example.com:9999",
        b"https://evil.community.example.com",
        b"https://community.example.com.evil.example",
        b"https://evilcommunity.example.com",
        b"https://user@community.example.com",
        b"https://community.example.com/path",
        b"wss://community.example.com",
        b"*",
    ],
)
def test_a_socket_from_another_origin_is_refused(origin: bytes | None) -> None:
    app = App()
    headers = [] if origin is None else [(b"origin", origin)]
    sent = call(app, request(*headers, kind="websocket", scheme="wss"))
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert app.scope is None


def test_two_origins_are_none() -> None:
    app = App()
    twice = (b"origin", ORIGIN.encode())
    assert call(app, request(twice, twice, kind="websocket"))[0]["type"] == "websocket.close"


@pytest.mark.parametrize("origin", [b"https://community.example.com", b"https://COMMUNITY.example.com:443"])
def test_a_socket_from_our_origin_opens(origin: bytes) -> None:
    app = App()
    assert call(app, request((b"origin", origin), kind="websocket"))[0]["type"] == "websocket.accept"


def test_an_app_that_breaks_before_its_answer_still_answers() -> None:
    class Broken(App):
        async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
            raise RuntimeError("secret detail")

    sent = call(Broken(), request())
    assert sent[0]["status"] == 500
    assert b"secret detail" not in sent[1]["body"]
    assert dict(sent[0]["headers"])[b"x-request-id"] in sent[1]["body"]


def test_an_origin_has_a_scheme_a_host_and_a_port() -> None:
    assert normal_origin("http://localhost") == ("http", "localhost", 80)
    assert normal_origin("https://[::1]:8443") == ("https", "::1", 8443)
    assert normal_origin("https://a:99999") is None

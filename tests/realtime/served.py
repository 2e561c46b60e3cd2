"""A small application without Django, under the server of your choice: what the limits of the server are tried on.

    python -m tests.realtime.served hardened '{"body_limit": 1000}' /tmp/a.sock

`hardened`, `daphne` (as it comes: the control) or `uvicorn`; listens on a free port of 127.0.0.1, or on a unix socket,
and prints the port. POST /forget reads nothing, /read reads all.
"""

import asyncio
import gc
import json
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PIECE = b"x" * 65536


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await open_socket(scope, receive, send)
    elif scope["type"] == "http":
        await PAGES[scope["path"]](scope, receive, send)


async def answer(send: Send, body: bytes, status: int = 200) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, b"hello")


async def told(scope: Scope, receive: Receive, send: Send) -> None:
    """What the server says about the request."""
    kept = {key: value for key, value in scope.items() if key in {"method", "path", "root_path", "http_version"}}
    names = [name.decode() for name, _value in scope["headers"]]
    await answer(send, json.dumps(kept | {"headers": names, "query": scope["query_string"].decode()}).encode())


async def read(scope: Scope, receive: Receive, send: Send) -> None:
    size = pieces = 0
    while (message := await receive())["type"] == "http.request":
        size += len(message["body"])
        pieces += 1
        if not message["more_body"]:
            break
    await answer(send, json.dumps({"size": size, "pieces": pieces}).encode())


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    """Half a second, or as many as the query says; notes the end of its work, which stands for a write."""
    print("begun", flush=True)
    await asyncio.sleep(float(scope["query_string"] or b"0.5"))
    print("done", flush=True)
    await answer(send, b"slow")


draining = asyncio.Event()


async def begun_before_the_end(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers when the server has been told to stop."""
    print("begun", flush=True)
    await draining.wait()
    await asyncio.sleep(0.3)
    print("done", flush=True)
    await answer(send, b"slow")


async def stuck(scope: Scope, receive: Receive, send: Send) -> None:
    """A thread that nobody can end."""
    print("begun", flush=True)
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    await asyncio.sleep(60)


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("the application is broken")


async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half an answer", "more_body": True})
    raise RuntimeError("the application is broken")


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """As many megabytes as the query says."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(int(scope["query_string"]) * 16):
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def big(scope: Scope, receive: Receive, send: Send) -> None:
    """A megabyte at once."""
    await answer(send, PIECE * 16)


async def garbage(scope: Scope, receive: Receive, send: Send) -> None:
    """How much only the garbage collector could find, since it was last asked."""
    found = gc.collect()
    gc.disable()
    await answer(send, str(found).encode())


async def waits_for_the_end(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    print("left", flush=True)


PAGES = {
    "/": hello,
    "/told": told,
    "/read": read,
    "/slow": slow,
    "/stuck": stuck,
    "/until-drain": begun_before_the_end,
    "/fails": fails,
    "/breaks-off": breaks_off,
    "/stream": stream,
    "/big": big,
    "/garbage": garbage,
    "/long-poll": waits_for_the_end,
    **dict.fromkeys(("/ready", "/later", "/late-no", "/ready-fails"), hello),
}


async def open_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """/echo answers, /busy never reads, /slow-accept waits with its yes, /gush sends what it can, /fails fails."""
    await receive()
    if scope["path"] == "/no":
        await send({"type": "websocket.close", "code": 4403})
        return
    if scope["path"] == "/slow-accept":
        await asyncio.sleep(0.3)
    await send({"type": "websocket.accept"})
    print("open", flush=True)
    if scope["path"] == "/busy":
        await asyncio.sleep(60)
    elif scope["path"] == "/gush":
        await gush(receive, send)
    elif scope["path"] == "/fails":
        raise RuntimeError("the application is broken")
    elif scope["path"] == "/restart":
        await send({"type": "websocket.close", "code": 1012, "reason": "back soon"})
    elif scope["path"] == "/root":
        await send({"type": "websocket.send", "text": json.dumps(scope["root_path"])})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})
    print(f"closed {message['code']}", flush=True)


async def gush(receive: Receive, send: Send) -> None:
    """As many megabytes as the client says."""
    for _ in range(int((await receive())["text"]) * 16):
        await send({"type": "websocket.send", "bytes": PIECE})
    print("all sent", flush=True)


def at_once(scope: Scope, request: Any) -> bool:
    """/ready is given now, /later after as many seconds as the query says; /late-no turns out not to be ready."""
    loop, lines = asyncio.get_running_loop(), b"content-length: 5\r\n"
    if scope["path"] == "/ready":
        request.give(200, lines, b"ready")
    elif scope["path"] == "/later":
        loop.call_later(float(scope["query_string"] or b"0.05"), request.give, 200, lines, b"later")
    elif scope["path"] == "/late-no":
        loop.call_later(0.05, request.pass_on)
    elif scope["path"] == "/ready-fails":
        raise RuntimeError("what lies ready is broken")
    else:
        return False
    return True


async def refuse(scope: Scope, send: Send, status: int) -> None:
    await answer(send, f'{{"refused": {status}}}'.encode(), status)


def hardened(app: Any, listening: socket.socket, **options: Any) -> None:
    from realtime.server import HardenedServer, Timeouts

    timeouts = Timeouts(**options.pop("timeouts", {}))
    options = {"body_limit": 1 << 20, "refuse": refuse, "at_once": at_once, **options}
    HardenedServer(app, sockets=[listening], timeouts=timeouts, **options).run()


def daphne(app: Any, listening: socket.socket, **options: Any) -> None:
    from daphne.server import Server

    listening.listen()
    listening.setblocking(False)
    Server(app, endpoints=[f"fd:fileno={listening.fileno()}"], verbosity=0).run()


def uvicorn(app: Any, listening: socket.socket, **options: Any) -> None:
    from uvicorn import Config, Server

    Server(Config(app, log_level="warning")).run(sockets=[listening])


SERVERS = {"hardened": hardened, "daphne": daphne, "uvicorn": uvicorn}


def main(kind: str, options: str = "{}", path: str = "") -> None:
    if path:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
    else:
        listening = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))), reuse_port=True)
    print(path or listening.getsockname()[1], flush=True)
    drained = [lambda: print("draining", flush=True), draining.set]
    SERVERS[kind](application, listening, on_drain=drained, **json.loads(options))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A visitor who asks the application itself, in this process: what a server would hand to it, and what comes back."""

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote
from uuid import uuid4

import brotli
from django.db import connections

from community.config.door import App

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    status: int
    headers: dict[str, str]
    sent: bytes  # as it went over the wire

    @property
    def body(self) -> str:
        unpack = {"br": brotli.decompress, "gzip": lambda data: zlib.decompress(data, wbits=31)}
        return unpack.get(self.headers.get("content-encoding", ""), bytes)(self.sent).decode()


async def ask(app: App, address: str, *, method: str = "GET", scheme: str = "http", **headers: str) -> Page:
    """Names of headers with `_` for `-`; `Host: testserver` unless given."""
    path, _mark, query = address.partition("?")
    given = {"host": "testserver"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "path": unquote(path),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 9),
        "server": ("testserver", 80),
        "http_version": "1.1",
        "request_id": uuid4().hex,
    }
    said: list[dict[str, Any]] = []
    waits = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if said or waits.is_set():
            await asyncio.Event().wait()  # the client stays
        waits.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await app(scope, receive, send)
    found = {name.decode().lower(): value.decode("latin-1") for name, value in said[0]["headers"]}
    return Page(said[0]["status"], found, b"".join(one.get("body", b"") for one in said[1:]))


async def do(work: Callable[[], T]) -> T:
    """Do something with the database in a thread, as another process would: committed, with this test's clock."""

    def run() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)

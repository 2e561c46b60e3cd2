"""A small HTTP/1.1 client on asyncio: one connection, cookies, forms. Cheap enough not to be what is measured."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are lower-case; of a header that comes twice the last one counts (cookies went to the jar)."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass(slots=True)
class Client:
    """One browser: its cookies, and one connection that is kept as long as the server keeps it."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.request("GET", path, headers)

    async def form(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.request("POST", path, kind | headers, urlencode(fields).encode())

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send and read. A kept connection that the server has closed meanwhile is opened anew, once.

        Raises OSError, TimeoutError or asyncio.IncompleteReadError when the server does not answer.
        """
        data = self._head(method, path, headers, len(body)) + body
        async with asyncio.timeout(SECONDS):
            for fresh in (self.writer is None, True):
                try:
                    return await self._exchange(data)
                except (ConnectionError, asyncio.IncompleteReadError):
                    await self.close()
                    if fresh:
                        raise
        raise ConnectionError("unreachable")

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            with contextlib.suppress(OSError):
                await self.writer.wait_closed()
        self.reader = self.writer = None

    def _head(self, method: str, path: str, headers: Mapping[str, str], length: int) -> bytes:
        # Once each: what comes twice is no plain visit, and no kept page is given to it.
        told = {"Accept-Language": "en"} | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in told.items()]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if length or method == "POST":
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def _exchange(self, data: bytes) -> Answer:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(data)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = self._headers(head[1:])
        body = await self._body(self.reader, headers)
        if headers.get("connection", "").lower() == "close":
            await self.close()
        return Answer(int(head[0].split()[1]), headers, body)

    def _headers(self, lines: list[str]) -> dict[str, str]:
        headers: dict[str, str] = {}
        for line in lines:
            name, _colon, value = line.partition(":")
            if name.lower() == "set-cookie":
                key, _equals, rest = value.strip().partition("=")
                self.cookies[key] = rest.partition(";")[0]
            elif name:
                headers[name.lower()] = value.strip()
        return headers

    async def _body(self, reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
        if "content-length" in headers:
            return await reader.readexactly(int(headers["content-length"]))
        if headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := int((await reader.readline()).split(b";")[0], 16):
                parts.append((await reader.readexactly(size + 2))[:-2])
            await reader.readline()
            return b"".join(parts)
        return await reader.read() if headers.get("connection", "").lower() == "close" else b""

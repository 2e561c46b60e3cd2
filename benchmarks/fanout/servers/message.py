"""The message that everybody publishes: a rendered reply of about 500 bytes of JSON, with the mark that is measured.

Standard library only: it is read in three virtual environments.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

HTML = (
    "<p>Refund bag order used return cable <strong>cheap ship</strong> cable deal box month price. "
    'See <a href="https://example.com/1" rel="nofollow ugc">ship cart</a> for <code>deal</code>.</p>'
    "<ul><li>deal deal shoe price</li><li>box cheap month deal</li></ul>"
)


def mark(number: int) -> str:
    """`%%`, 19 digits of the monotonic clock in nanoseconds, 8 digits of the message's number."""
    return f"%%{time.monotonic_ns():019d}{number:08d}"


def post(number: int) -> dict[str, Any]:
    """What the page learns of a new reply."""
    return {
        "mark": mark(number),
        "post_id": number,
        "number": 10_000 + number,
        "author": {"id": 7, "name": "user7", "avatar": "/a/7.webp"},
        "created": "2026-11-21T19:13:40Z",
        "html": HTML,
        "reply_count": number,
    }


def encoded(number: int) -> str:
    return json.dumps(post(number), separators=(",", ":"))


def framed(text: str) -> bytes:
    """One unmasked text frame, as a server sends it (RFC 6455, 5.2)."""
    data = text.encode()
    size = len(data)
    head = bytes((0x81, size)) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")
    return head + data


async def control(port: int, publish: Callable[[int], Any]) -> asyncio.Server:
    """Call `publish` with every number that comes in on `port`."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for line in reader:
            published = publish(int(line))
            if asyncio.iscoroutine(published):
                await published
        writer.close()

    return await asyncio.start_server(listen, "127.0.0.1", port)

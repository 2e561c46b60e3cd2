"""A request through Django in one hop: middleware, view, answer and clean-up run together on one worker.

Django's `ASGIHandler` starts a thread for each request and crosses between it and the event loop about ten times:
1.9 ms of CPU for a view that does nothing, against 0.5 ms here. What it offers beyond that, async views and async
middleware, no page of ours uses; an async view still works, on a loop of its own.
"""

import asyncio
import contextvars
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.core import signals
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import close_old_connections
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from community.config.door import Headers, Receive, Scope, Send
from community.config.serving.refusals import refuse
from community.config.serving.workers import Busy, Gone, Worker, Workers

SMALL_FILE = 1 << 20  # bytes; such a file is read at once, on the worker
CHUNK = 1 << 16


@dataclass(slots=True)
class Answer:
    """What goes out. `stream` is a response whose content is still to be asked for, and which is still to be closed."""

    status: int
    headers: Headers
    body: bytes = b""
    stream: StreamingHttpResponse | None = None

    def drop(self) -> None:
        if self.stream is not None:
            self.stream.close()


class Handler(ASGIHandler):
    """Django for HTTP, on `workers`. An overloaded process answers 503 before Django sees the request."""

    def __init__(self, workers: Workers) -> None:
        BaseHandler.__init__(self)  # not ASGIHandler's, which would load the middleware as async
        self.load_middleware(is_async=False)
        self.workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        body = await read_body(receive)
        if body is None:
            return
        try:
            worker = await self.workers.take(receive)
        except Gone:
            body.close()
            return
        except Busy:
            body.close()
            await refuse(scope, send, 503)
            return
        try:
            # The request's own context: language, time zone and log names do not leak into the next one.
            context = contextvars.copy_context()
            answer = await worker.run(partial(self.respond, scope, body), context=context, unwanted=Answer.drop)
            if answer.stream is not None and not isinstance(answer.stream, FileResponse):
                # What it still does, it does on the request's thread and in the request's context.
                asked = asyncio.create_task(send_stream(answer, worker, receive, send), context=context)
                await finished(asked)
                return
        finally:
            worker.give_back()
        # From here on a slow reader holds a file or some bytes, and no thread.
        if answer.stream is not None:
            await send_file(answer, receive, send)
        else:
            await send_bytes(answer, send)

    def respond(self, scope: Scope, body: IO[bytes]) -> Answer:
        """Everything Django does for a request, on this thread. Its connection is back in the pool at the end."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        if request is None:
            body.close()
            response = cast(HttpResponseBase, refusal)
        else:
            response = self.get_response(request)
        response._handler_class = type(self)  # type: ignore[attr-defined]
        return answer_of(response)


def answer_of(response: HttpResponseBase) -> Answer:
    """The answer as bytes, with the response closed; only a stream stays open."""
    status = response.status_code
    if isinstance(response, FileResponse):
        response.block_size = CHUNK
        length = int(response.get("Content-Length") or SMALL_FILE)
        if response.file_to_stream is not None and length >= SMALL_FILE:
            close_old_connections()
            return Answer(status, headers_of(response), stream=response)
        body = b"".join(response)
    elif isinstance(response, StreamingHttpResponse):
        return Answer(status, headers_of(response), stream=response)
    else:
        body = response.content  # type: ignore[attr-defined]
    headers = headers_of(response)
    response.close()
    return Answer(status, headers, body)


def headers_of(response: HttpResponseBase) -> Headers:
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
    cookies = response.cookies.values()
    return headers + [(b"Set-Cookie", cookie.output(header="").strip().encode("ascii")) for cookie in cookies]


async def read_body(receive: Receive) -> IO[bytes] | None:
    """The whole body, on disk when it is large; None when the client hung up before its end."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body = message.get("body", b"")
        if len(body) <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            return BytesIO(body)
    kept: Any = SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115
    while message["type"] == "http.request":
        kept.write(message.get("body", b""))
        if not message.get("more_body"):
            kept.seek(0)
            return kept
        message = await receive()
    kept.close()
    return None


async def send_start(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})


async def send_bytes(answer: Answer, send: Send) -> None:
    await send_start(answer, send)
    await send({"type": "http.response.body", "body": answer.body})


async def send_file(answer: Answer, receive: Receive, send: Send) -> None:
    """A large file, piece by piece, read by asyncio's own few threads."""
    assert answer.stream is not None
    pieces = iter(answer.stream)

    async def read() -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece

    try:
        await send_while_heard(answer, read(), receive, send)
    finally:
        await asyncio.shield(asyncio.to_thread(answer.drop))


async def send_stream(answer: Answer, worker: Worker, receive: Receive, send: Send) -> None:
    """A response that is made while it is sent, on its own worker."""
    assert answer.stream is not None
    stream = answer.stream
    try:
        if stream.is_async:
            async with ThreadSensitiveContext(executor=worker):
                await send_while_heard(answer, aiter(stream), receive, send)
        else:
            await send_while_heard(answer, pieces_of(stream, worker), receive, send)
    finally:
        await asyncio.shield(asyncio.ensure_future(worker.run(answer.drop)))


async def pieces_of(stream: StreamingHttpResponse, worker: Worker) -> AsyncIterator[bytes]:
    pieces = iter(stream)
    while (piece := await worker.run(lambda: next(pieces, None))) is not None:
        yield piece


async def send_while_heard(answer: Answer, pieces: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Send piece by piece until the end, or until the client hangs up."""

    async def all_of_it() -> None:
        await send_start(answer, send)
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    sending, leaving = asyncio.ensure_future(all_of_it()), asyncio.ensure_future(receive())
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not sending.done():
            sending.cancel()
    await finished(sending)


async def finished(task: "asyncio.Task[None]") -> None:
    """Wait for `task`; if we are cancelled so is it, and its clean-up is waited for."""
    try:
        await asyncio.wait((task,))
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait((task,))
        raise
    if not task.cancelled():
        task.result()

"""Addresses for the tests of the handler: none needs a database."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

from asgiref.sync import sync_to_async
from django.core.signals import request_finished
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils import translation

gate = threading.Event()  # held views wait for it
inside: list[str] = []  # the threads held views are on
closed: list[str] = []  # the threads requests ended on


def note_end(**_: object) -> None:
    closed.append(threading.current_thread().name)


request_finished.connect(note_end, dispatch_uid="urls-serving")


def name(request: HttpRequest) -> HttpResponse:
    return HttpResponse(threading.current_thread().name)


async def later(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return HttpResponse("later")


def held(request: HttpRequest) -> HttpResponse:
    inside.append(threading.current_thread().name)
    gate.wait(20)
    return HttpResponse("let go")


def language(request: HttpRequest) -> HttpResponse:
    before = translation.get_language()
    translation.activate("en")
    return HttpResponse(before)


def echo(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(request.body, status=201)
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


def mistake(request: HttpRequest) -> HttpResponse:
    raise SystemExit


def pieces(request: HttpRequest) -> StreamingHttpResponse:
    def made() -> Iterator[str]:
        for _ in range(3):
            yield threading.current_thread().name + "\n"

    return StreamingHttpResponse(made())


def awaited(request: HttpRequest) -> StreamingHttpResponse:
    translation.activate("en")

    def part() -> str:
        return f"{threading.current_thread().name} {translation.get_language()}\n"

    async def made() -> AsyncIterator[str]:
        for _ in range(3):
            yield await sync_to_async(part)()

    return StreamingHttpResponse(made())


def endless(request: HttpRequest) -> StreamingHttpResponse:
    def made() -> Iterator[bytes]:
        while True:
            yield b"x" * 100

    return StreamingHttpResponse(made())


def file(request: HttpRequest, size: int) -> FileResponse:
    return FileResponse(BytesIO(b"f" * size), filename="f.bin")


urlpatterns = [
    path("name", name),
    path("later", later),
    path("held", held),
    path("language", language),
    path("echo", echo),
    path("mistake", mistake),
    path("pieces", pieces),
    path("awaited", awaited),
    path("endless", endless),
    path("file/<int:size>", file),
]

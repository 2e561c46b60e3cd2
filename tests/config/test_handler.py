"""The handler in front of Django: one thread for a request, a few for all, a line of bounded length before them."""

import asyncio
import gc
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from community.config.serving import collector, handler
from community.config.serving.handler import Handler
from community.config.serving.workers import Workers
from tests.config import urls_serving

THREADS = 2


@pytest.fixture(autouse=True)
def _few_middleware(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.config.urls_serving"
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    urls_serving.gate.clear()
    urls_serving.inside.clear()
    urls_serving.closed.clear()
    yield
    urls_serving.gate.set()


@pytest.fixture
def django() -> Handler:
    return Handler(Workers(threads=THREADS, waiting=2, seconds=30))


@dataclass
class Call:
    """One request, and what came back. `hang_up` is what a client does that closes its window."""

    app: Handler
    path: str
    method: str = "GET"
    body: list[bytes] = field(default_factory=lambda: [b""])
    accept: bytes = b"text/html"
    sent: list[dict[str, Any]] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> "Call":
        messages = [
            {"type": "http.request", "body": part, "more_body": index < len(self.body) - 1}
            for index, part in enumerate(self.body)
        ]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop(0)
            await self.hung_up.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            await asyncio.sleep(0)
            self.sent.append(message)

        scope = {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"testserver"), (b"accept", self.accept)],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "request_id": "number-of-it",
        }
        await self.app(scope, receive, send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name.decode().lower(), value.decode()) for name, value in self.sent[0]["headers"]]

    @property
    def text(self) -> str:
        assert not self.sent[-1].get("more_body")
        return b"".join(message.get("body", b"") for message in self.sent[1:]).decode()


async def until(true: Any) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_requests_share_the_threads_and_none_is_started_for_one(django: Handler) -> None:
    names = {(await Call(django, "/name").run()).text for _ in range(20)}
    assert names == {"web-1"}
    await asyncio.gather(*(Call(django, "/name").run() for _ in range(4)))
    assert django.workers.at_work == 0


async def test_no_more_than_the_threads_are_inside_and_those_in_line_come_in_their_turn(django: Handler) -> None:
    calls = [asyncio.create_task(Call(django, "/held").run()) for _ in range(THREADS + 2)]
    await until(lambda: django.workers.waiting == 2 and len(urls_serving.inside) == THREADS)
    await asyncio.sleep(0.1)
    assert len(urls_serving.inside) == THREADS == django.workers.at_work
    urls_serving.gate.set()
    assert [call.text for call in await asyncio.gather(*calls)] == ["let go"] * 4
    assert set(urls_serving.inside) == {"web-1", "web-2"}
    assert (django.workers.waiting, django.workers.at_work) == (0, 0)


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/held", b"text/html", "text/html; charset=utf-8"),
        ("/held", b"application/json", "application/problem+json"),
        ("/api/v1/threads", b"*/*", "application/problem+json"),
    ],
)
async def test_who_finds_the_line_full_is_told_at_once_when_to_come_again(
    django: Handler, path: str, accept: bytes, kind: str
) -> None:
    calls = [asyncio.create_task(Call(django, "/held").run()) for _ in range(THREADS + 2)]
    await until(lambda: django.workers.waiting == 2 and len(urls_serving.inside) == THREADS)
    refused = await Call(django, path, accept=accept).run()
    headers = dict(refused.headers)
    assert (refused.status, headers["content-type"]) == (503, kind)
    assert 1 <= int(headers["retry-after"]) <= 10
    assert headers["cache-control"] == "no-store"
    assert "number-of-it" in refused.text
    if "json" in kind:
        assert json.loads(refused.text)["code"] == "unavailable"
    else:
        assert "Try again in a minute" in refused.text
        assert 'lang="ja"' in refused.text
    assert len(urls_serving.inside) == THREADS
    urls_serving.gate.set()
    await asyncio.gather(*calls)


async def test_nobody_waits_in_line_longer_than_the_limit(django: Handler) -> None:
    django.workers.seconds = 0.3
    calls = [asyncio.create_task(Call(django, "/held").run()) for _ in range(THREADS)]
    await until(lambda: len(urls_serving.inside) == THREADS)
    late = await asyncio.wait_for(Call(django, "/held").run(), 3)
    assert late.status == 503
    assert django.workers.refused == 1
    assert (django.workers.waiting, len(urls_serving.inside)) == (0, THREADS)
    urls_serving.gate.set()
    await asyncio.gather(*calls)


async def test_who_hangs_up_in_line_costs_no_thread(django: Handler) -> None:
    calls = [asyncio.create_task(Call(django, "/held").run()) for _ in range(THREADS)]
    await until(lambda: len(urls_serving.inside) == THREADS)
    gone = Call(django, "/held")
    waiting = asyncio.create_task(gone.run())
    await until(lambda: django.workers.waiting == 1)
    gone.hung_up.set()
    await waiting
    assert (gone.sent, django.workers.waiting) == ([], 0)
    urls_serving.gate.set()
    await asyncio.gather(*calls)
    assert len(urls_serving.inside) == THREADS


async def test_a_request_that_is_cancelled_keeps_its_thread_until_its_view_ends(django: Handler) -> None:
    calls = [asyncio.create_task(Call(django, "/held").run()) for _ in range(THREADS)]
    await until(lambda: len(urls_serving.inside) == THREADS)
    calls[0].cancel()
    await asyncio.gather(calls[0], return_exceptions=True)
    assert django.workers.at_work == THREADS
    urls_serving.gate.set()
    await calls[1]
    await until(lambda: django.workers.at_work == 0)
    assert len(urls_serving.closed) == THREADS


async def test_a_cancelled_place_in_line_is_free_again(django: Handler) -> None:
    calls = [asyncio.create_task(Call(django, "/held").run()) for _ in range(THREADS + 1)]
    await until(lambda: django.workers.waiting == 1)
    calls[-1].cancel()
    await asyncio.gather(calls[-1], return_exceptions=True)
    assert django.workers.waiting == 0
    urls_serving.gate.set()
    await asyncio.gather(*calls[:-1])
    assert (await Call(django, "/name").run()).status == 200


async def test_one_request_leaves_no_language_to_the_next_on_its_thread(django: Handler) -> None:
    first, second = [(await Call(django, "/language").run()).text for _ in range(2)]
    assert first == second != "en"


async def test_a_body_arrives_whole_and_every_cookie_goes_out(django: Handler, settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    for parts in ([b"small"], [b"larger than the ten bytes"], [b"in ", b"several ", b"pieces, and on disk"]):
        answer = await Call(django, "/echo", method="POST", body=parts).run()
        assert (answer.status, answer.text) == (201, b"".join(parts).decode())
        assert [value.split(";")[0] for name, value in answer.headers if name == "set-cookie"] == ["one=1", "two=2"]
        assert dict(answer.headers)["content-length"] == str(len(answer.text))


async def test_a_client_that_hangs_up_in_its_body_is_not_answered(django: Handler) -> None:
    call = Call(django, "/echo", method="POST", body=[b"half", b""])
    call.body.pop()

    async def receive() -> dict[str, Any]:
        if call.body:
            return {"type": "http.request", "body": call.body.pop(), "more_body": True}
        return {"type": "http.disconnect"}

    assert await handler.read_body(receive) is None


async def test_an_async_view_works_too(django: Handler) -> None:
    assert (await Call(django, "/later").run()).text == "later"


async def test_a_view_cannot_end_the_loop_that_serves_everybody(django: Handler) -> None:
    with pytest.raises(RuntimeError, match="SystemExit"):
        await Call(django, "/mistake").run()
    assert (await Call(django, "/name").run()).status == 200


@pytest.mark.parametrize("path", ["/pieces", "/awaited"])
async def test_a_stream_is_made_and_closed_on_the_thread_and_in_the_language_of_its_request(
    django: Handler, path: str
) -> None:
    answer = await Call(django, path).run()
    line = "web-1 en" if path == "/awaited" else "web-1"
    assert answer.text.splitlines() == [line] * 3
    assert urls_serving.closed == ["web-1"]
    assert django.workers.at_work == 0


async def test_a_stream_ends_when_its_reader_hangs_up(django: Handler) -> None:
    call = Call(django, "/endless")
    running = asyncio.create_task(call.run())
    await until(lambda: len(call.sent) > 20)
    call.hung_up.set()
    await asyncio.wait_for(running, 5)
    assert (len(urls_serving.closed), django.workers.at_work) == (1, 0)


async def test_a_stream_that_is_cancelled_is_closed_and_gives_its_thread_back(django: Handler) -> None:
    call = Call(django, "/endless")
    running = asyncio.create_task(call.run())
    await until(lambda: len(call.sent) > 20)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await until(lambda: django.workers.at_work == 0)
    assert len(urls_serving.closed) == 1


@pytest.mark.parametrize(("size", "messages"), [(1000, 2), (handler.SMALL_FILE * 2, 34)])
async def test_a_small_file_goes_out_at_once_and_a_large_one_in_pieces_without_a_thread(
    django: Handler, size: int, messages: int
) -> None:
    answer = await Call(django, f"/file/{size}").run()
    assert (len(answer.text), len(answer.sent)) == (size, messages)
    assert dict(answer.headers)["content-length"] == str(size)
    assert len(urls_serving.closed) == 1


async def test_a_large_file_holds_no_thread_while_its_reader_is_slow(django: Handler) -> None:
    call = Call(django, f"/file/{handler.SMALL_FILE * 4}")
    running = asyncio.create_task(call.run())
    await until(lambda: call.sent)
    assert django.workers.at_work == 0
    await running


def test_the_collector_waits_for_a_quiet_moment_but_not_for_ever() -> None:
    sweeper = collector.Collector(at_least=60, at_most=600)
    before = gc.get_threshold()
    gc.set_threshold(10, 1, 1_000_000)
    try:
        while not gc.get_count()[2]:
            _garbage: list[Any] = [[] for _ in range(100)]
        answers = [sweeper.is_time(*state) for state in [(59, 0.0), (61, 0.01), (61, 0.5), (601, 0.99)]]
        assert answers == [False, True, False, True]
        sweeper.collect()
    finally:
        gc.set_threshold(*before)
    assert sweeper.collections == 1
    assert 0 < sweeper.longest_pause == sweeper.last_pause < 5


def test_an_idle_process_with_nothing_new_collects_nothing() -> None:
    gc.disable()
    try:
        gc.collect()
        assert not collector.Collector().is_time(10_000, 0.0)
    finally:
        gc.enable()


async def test_what_start_up_made_is_frozen_and_the_rest_is_collected_by_the_ticker() -> None:
    before, turn = gc.get_threshold(), sys.getswitchinterval()
    sweeper = collector.Collector(look=0.01, quiet=2.0, at_least=0, at_most=0)
    try:
        sweeper.start(asyncio.get_running_loop())
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[2] == collector.NEVER
        assert sys.getswitchinterval() == collector.TURN
        gc.set_threshold(10, 1, collector.NEVER)

        def make() -> None:
            for _ in range(200):
                loop: list[Any] = []
                loop.append(loop)

        for _ in range(50):
            make()
            await asyncio.sleep(0.01)
        assert sweeper.collections > 0
    finally:
        sweeper.stop()
        gc.set_threshold(*before)
        gc.unfreeze()
        sys.setswitchinterval(turn)

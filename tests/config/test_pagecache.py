"""The page cache: what it answers itself, what it leaves to Django, and that it never tells anything old."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from community.config.door import Receive, Scope, Send
from community.config.pagecache import PageCache
from community.config.pagecache.asked import Key, Visits
from community.config.pagecache.shelf import OVERHEAD
from community.core import clock, pages
from community.core.ages import lasts_until, next_age
from community.core.facts import Live
from realtime import log, versions
from realtime.offload import in_thread
from tests.support.visitor import ask

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.usefixtures("live_tables")
HTML = (b"Content-Type", b"text/html; charset=utf-8")
FRESH = (b"Cache-Control", b"private, no-cache")


class Views:
    """Stands for Django: says how often `stream` has moved, and counts how often it was asked."""

    def __init__(self, *streams: str, body: str = "x" * 2000) -> None:
        self.streams, self.words = streams, body
        self.status, self.headers = 200, [HTML, FRESH, (b"Vary", b"Cookie, Accept-Language")]
        self.calls = 0
        self.while_made: Callable[[], Any] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        page = scope.get(pages.SLOT)
        if page is not None and self.streams:
            page.shows.update(self.streams)
            missing = [name for name in self.streams if name not in page.read]
            page.read |= await in_thread(log.latest, missing)
        seen = await in_thread(log.latest, self.streams)
        await asyncio.sleep(0.01)
        self.while_made()
        body = f"{self.words} {sorted(seen.items())}".encode()
        own = (b"X-Request-ID", scope["request_id"].encode())
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers, own]})
        await send({"type": "http.response.body", "body": body[:5], "more_body": True})
        await send({"type": "http.response.body", "body": body[5:]})


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    yield
    await versions.close()


@pytest.fixture
def views() -> Views:
    return Views("thread.1", "site.1")


@pytest.fixture
def cache(views: Views) -> PageCache:
    return PageCache(views, budget=1 << 20)


def move(*names: str) -> None:
    with transaction.atomic():
        log.append_many([Live(name, "changed") for name in names])


async def test_a_page_is_made_once_and_given_again_until_something_moves(views: Views, cache: PageCache) -> None:
    first, again = await ask(cache, "/a/"), await ask(cache, "/a/")
    assert (first.body, views.calls) == (again.body, 1)
    await in_thread(move, "thread.2")
    assert (await ask(cache, "/a/")).body == first.body
    await in_thread(move, "thread.1")
    assert "('thread.1', 1)" in (await ask(cache, "/a/")).body
    assert views.calls == 2


async def test_what_changes_while_a_page_is_made_is_on_the_next_one(views: Views, cache: PageCache) -> None:
    """It was read by nobody's numbers: they are older than the rows, never younger."""
    done = asyncio.Event()

    def meanwhile() -> None:
        if not done.is_set():
            done.set()
            asyncio.get_running_loop().run_in_executor(None, _move_and_close)

    views.while_made = meanwhile
    await ask(cache, "/a/")
    await in_thread(lambda: None)
    for _try in range(100):
        if (await in_thread(log.latest, ["thread.1"]))["thread.1"]:
            break
        await asyncio.sleep(0.01)
    assert "('thread.1', 1)" in (await ask(cache, "/a/")).body


async def test_a_stream_that_is_known_only_afterwards_keeps_the_second_page(cache: PageCache, views: Views) -> None:
    class Later(Views):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            scope[pages.SLOT].shows.add("item.7")
            await super().__call__(scope, receive, send)

    cache.app = later = Later("thread.1")
    for _time in range(3):
        await ask(cache, "/a/")
    assert later.calls == 2
    await in_thread(move, "item.7")
    await ask(cache, "/a/")
    assert later.calls == 3


# --- Ready pages, without a task -----------------------------------------------------------------------------


@dataclass
class Reply:
    """What a server would be told."""

    given: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    passed_on: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def give(self, status: int, lines: bytes, body: bytes) -> None:
        self.given.append((status, lines, body))
        self.done.set()

    def pass_on(self) -> None:
        self.passed_on += 1
        self.done.set()


async def ask_at_once(cache: PageCache, address: str, **headers: str) -> Reply | None:
    """None when nothing lies ready."""
    asked, reply = [], Reply()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        asked.append(cache.at_once(scope, reply))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await ask(app, address, **headers)
    if not asked[0]:
        return None
    await asyncio.wait_for(reply.done.wait(), 5)
    return reply


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"accept_encoding": "gzip, deflate, br"},
        {"accept_encoding": "gzip"},
        {"method": "HEAD"},
        {"if_none_match": "*"},
        {"if_none_match": '"other"', "accept_language": "ja"},
    ],
)
async def test_a_ready_page_is_the_same_with_and_without_a_task(
    cache: PageCache, views: Views, headers: dict[str, str]
) -> None:
    assert await ask_at_once(cache, "/a/", **headers) is None
    await ask(cache, "/a/", **headers | {"method": "GET"})
    page = await ask(cache, "/a/", **headers)
    reply = await ask_at_once(cache, "/a/", **headers)
    assert reply is not None
    [(status, lines, body)] = reply.given
    told = dict(line.split(": ", 1) for line in lines.decode().splitlines())
    assert (status, body) == (page.status, page.sent)
    assert told.pop("x-request-id") != page.headers.pop("x-request-id")
    assert told == page.headers
    assert views.calls == 1


async def test_only_a_form_that_is_ready_is_given_without_a_task(cache: PageCache) -> None:
    await ask(cache, "/a/")
    assert await ask_at_once(cache, "/a/", accept_encoding="br") is None
    assert await ask_at_once(cache, "/a/", cookie="hiroba_session=abc") is None
    assert await ask_at_once(cache, "/b/") is None
    await ask(cache, "/a/", accept_encoding="br")
    assert await ask_at_once(cache, "/a/", accept_encoding="br") is not None


async def test_what_has_changed_or_aged_or_cannot_be_known_is_passed_on(
    cache: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def passed_on() -> bool:
        reply = await ask_at_once(cache, "/a/")
        assert reply is not None
        assert len(reply.given) + reply.passed_on == 1
        return bool(reply.passed_on)

    await ask(cache, "/a/")
    assert not await passed_on()
    for _time in range(20):
        await in_thread(move, "thread.1")
        assert await passed_on()
        await ask(cache, "/a/")
        assert not await passed_on()
    kept = cache.shelf.get(Key("http", "/a/", b"", "ja"))
    assert kept is not None
    kept.until = clock.now().timestamp()
    assert await passed_on()
    there = versions._parameters()
    monkeypatch.setattr(versions, "_parameters", lambda: there | {"dbname": "there_is_no_such_database"})
    await versions.close()
    assert await passed_on()
    assert await passed_on()


# --- One makes it, the others wait ---------------------------------------------------------------------------


async def test_many_who_ask_at_once_wait_for_one(cache: PageCache, views: Views) -> None:
    answers = await asyncio.gather(*(ask(cache, "/a/") for _reader in range(20)))
    assert views.calls == 1
    assert len({page.body for page in answers}) == 1
    assert len({page.headers["x-request-id"] for page in answers}) == 20


async def test_nobody_waits_for_the_end_of_an_answer_that_is_for_one(cache: PageCache, views: Views) -> None:
    """Ana takes minutes for a picture; Ben asks for the same."""
    views.streams = ()
    taken, began = asyncio.Event(), asyncio.Event()

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        async def slow_send(message: Any) -> None:
            if message["type"] == "http.response.body":
                began.set()
                await taken.wait()
            await send(message)

        await cache(scope, receive, slow_send)

    ana = asyncio.ensure_future(ask(slowly, "/media/a.jpg"))
    await began.wait()
    assert (await asyncio.wait_for(ask(cache, "/media/a.jpg"), 5)).status == 200
    assert not ana.done()
    taken.set()
    assert (await ana).status == 200


async def test_what_is_known_to_be_for_one_is_made_side_by_side(cache: PageCache, views: Views) -> None:
    views.streams = ()
    await ask(cache, "/login/")
    both, inside = asyncio.Event(), 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal inside
        inside += 1
        if inside == 2:
            both.set()
        await both.wait()
        await views(scope, receive, send)

    cache.app = app
    answers = await asyncio.wait_for(asyncio.gather(ask(cache, "/login/"), ask(cache, "/login/")), 5)
    assert [answer.status for answer in answers] == [200, 200]


async def test_an_address_that_has_a_page_for_all_again_is_kept_and_waited_for(cache: PageCache, views: Views) -> None:
    views.status = 404
    await ask(cache, "/a/")
    views.status = 200
    await ask(cache, "/a/")
    cache.shelf.clear()
    calls = views.calls
    await asyncio.gather(*(ask(cache, "/a/") for _reader in range(20)))
    assert views.calls == calls + 1


async def test_one_who_hangs_up_leaves_the_others_their_page(cache: PageCache, views: Views) -> None:
    gone = asyncio.ensure_future(ask(cache, "/a/"))
    await asyncio.sleep(0.005)
    waiting = asyncio.ensure_future(ask(cache, "/a/"))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await waiting).status == 200


@pytest.mark.parametrize(
    ("method", "address", "headers"),
    [
        ("POST", "/a/", {}),
        ("GET", "/a/", {"cookie": "hiroba_session=abc"}),
        ("GET", "/a/", {"cookie": "theme=dark; hiroba_session=abc"}),
        ("GET", "/a/", {"authorization": "Bearer x"}),
        ("GET", "/a/", {"range": "bytes=0-1"}),
        ("GET", "/a/", {"host": "evil.example"}),
        ("GET", "/a/", {"host": "testserver@evil.example"}),
        ("GET", "/a/", {"accept_language": "x" * 3000}),
        ("GET", "/a/?" + "q" * 301, {}),
        ("GET", "/" + "a" * 1001, {}),
    ],
)
async def test_what_is_not_a_plain_visit_goes_to_django(
    cache: PageCache, views: Views, method: str, address: str, headers: dict[str, str]
) -> None:
    for _time in range(2):
        await ask(cache, "/a/")
    for _time in range(2):
        await ask(cache, address, method=method, **headers)
    assert (views.calls, len(cache.shelf)) == (3, 1)


async def test_pages_differ_by_address_query_language_and_scheme(cache: PageCache, views: Views) -> None:
    plain: dict[str, Any] = {}
    asked = [("/a/", plain), ("/b/", plain), ("/a/?x=1", plain), ("/a/", {"accept_language": "en"})]
    asked += [("/a/", {"scheme": "https"})]
    for _time in range(2):
        for address, headers in asked:
            await ask(cache, address, **headers)
    assert views.calls == len(asked)
    # The same language, chosen otherwise; other cookies; another spelling of the host.
    await ask(cache, "/a/", cookie="theme=dark; hiroba_language=en", accept_language="ja")
    await ask(cache, "/a/", cookie="hiroba_csrf=abc", host="127.0.0.1:8000")
    assert views.calls == len(asked)


@pytest.mark.parametrize(
    "headers",
    [
        [HTML, FRESH, (b"Set-Cookie", b"a=b")],
        [HTML, FRESH, (b"Content-Security-Policy", b"script-src 'nonce-abc'")],
        [HTML, FRESH, (b"Vary", b"Cookie, Origin")],
        [HTML, (b"Cache-Control", b"private, no-store")],
        [HTML],
        [(b"Content-Type", b"application/json"), FRESH],
        [HTML, FRESH, (b"Content-Encoding", b"gzip")],
    ],
)
async def test_an_answer_that_says_it_is_for_one_is_not_kept(cache: PageCache, views: Views, headers: Any) -> None:
    views.headers = headers
    for _time in range(2):
        assert (await ask(cache, "/a/")).status == 200
    assert (views.calls, len(cache.shelf)) == (2, 0)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_only_good_answers_are_kept(cache: PageCache, views: Views, status: int) -> None:
    views.status = status
    for _time in range(2):
        assert (await ask(cache, "/a/")).status == status
    assert views.calls == 2


async def test_a_view_that_names_no_streams_is_not_kept(cache: PageCache, views: Views) -> None:
    views.streams = ()
    for _time in range(2):
        assert "etag" not in (await ask(cache, "/a/")).headers
    assert views.calls == 2


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("", ""), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip", "gzip"), ("identity", "")],
)
async def test_a_page_comes_in_the_smallest_form_that_is_taken(cache: PageCache, accepted: str, encoding: str) -> None:
    plain = await ask(cache, "/a/")
    page = await ask(cache, "/a/", accept_encoding=accepted)
    assert page.headers.get("content-encoding", "") == encoding
    assert page.body == plain.body
    assert page.headers["content-length"] == str(len(page.sent))
    assert page.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
    assert page.headers["cache-control"] == "private, no-cache"
    assert not encoding or len(page.sent) < len(plain.sent) / 5


async def test_who_has_the_page_already_is_told_so_in_few_bytes(cache: PageCache, views: Views) -> None:
    etag = (await ask(cache, "/a/")).headers["etag"]
    for known in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        page = await ask(cache, "/a/", if_none_match=known, accept_encoding="br")
        assert (page.status, page.sent, page.headers["etag"]) == (304, b"", etag)
        assert page.headers["cache-control"] == "private, no-cache"
        assert not {"content-type", "content-length", "content-encoding"} & page.headers.keys()
    assert (await ask(cache, "/a/", if_none_match='"other"')).status == 200
    await in_thread(move, "thread.1")
    assert (await ask(cache, "/a/", if_none_match=etag)).status == 200


async def test_the_head_of_a_kept_page_has_no_body(cache: PageCache, views: Views) -> None:
    whole = await ask(cache, "/a/")
    head = await ask(cache, "/a/", method="HEAD")
    assert (head.status, head.sent, views.calls) == (200, b"", 1)
    assert head.headers["content-length"] == whole.headers["content-length"]


async def test_every_answer_has_a_number_of_its_own(cache: PageCache, views: Views) -> None:
    numbers = {(await ask(cache, "/a/")).headers["x-request-id"] for _time in range(100)}
    assert (len(numbers), views.calls) == (100, 1)


async def test_without_numbers_nothing_is_kept_or_taken_for_fresh(
    cache: PageCache, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(cache, "/a/")
    await ask(cache, "/a/")

    async def unknown(_names: Any) -> tuple[int, ...]:
        raise versions.Unknown

    with monkeypatch.context() as patch:
        patch.setattr(versions, "of", unknown)
        assert (await ask(cache, "/a/")).status == 200
        assert (await ask(cache, "/a/")).status == 200
    assert views.calls == 3
    await ask(cache, "/a/")
    assert views.calls == 3  # the kept one was still good


async def test_the_shelf_has_an_end(views: Views) -> None:
    cache = PageCache(views, budget=10 * (OVERHEAD + 2_100))
    for number in range(50):
        await ask(cache, f"/{number}/", accept_encoding="br")
    assert cache.shelf.size <= cache.shelf.budget
    assert 5 <= len(cache.shelf) <= 10
    calls = views.calls
    await ask(cache, "/49/")
    assert views.calls == calls
    await ask(cache, "/0/")
    assert views.calls == calls + 1
    cache.shelf.clear()
    assert cache.shelf.size == 0


async def test_a_budget_of_nothing_leaves_everything_to_django(views: Views) -> None:
    cache = PageCache(views, budget=0)
    for _time in range(2):
        assert "etag" not in (await ask(cache, "/a/")).headers
    assert views.calls == 2


# --- Time ----------------------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "changes"),
    [
        *((0, 60), (30, 60), (58.9, 60), (60.5, 60), (61, 120), (3599, 3600), (3600.2, 3600), (3602, 7200)),
        *((86_400.5, 86_400), (86_402, 172_800), (7 * 86_400 - 2, 7 * 86_400), (7 * 86_400 + 2, None)),
    ],
)
def test_words_for_a_moment_change_at_the_next_full_unit(age: float, changes: int | None) -> None:
    """In the second around a change nobody can say which words are there: it counts as just over."""
    assert next_age(age) == changes


def test_a_page_lasts_until_the_first_of_its_words_changes_but_not_over_midnight() -> None:
    def page(*ages: int) -> bytes:
        times = [(NOON - timedelta(seconds=age)).isoformat(timespec="seconds") for age in ages]
        return " ".join(f'<time datetime="{at}" title="x" data-relative>…</time>' for at in times).encode()

    midnight = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)  # in Tokyo
    assert lasts_until(b"", NOON, None) == midnight
    assert lasts_until(page(90, 7200 + 10, 10**7), NOON, None) == NOON + timedelta(seconds=30)
    assert lasts_until(page(7200 + 10), NOON, None) == NOON + timedelta(seconds=3590)
    assert lasts_until(page(7200 + 10), NOON, NOON + timedelta(seconds=5)) == NOON + timedelta(seconds=5)


async def test_a_page_whose_words_have_aged_is_made_anew(cache: PageCache, views: Views) -> None:
    views.words = f'<time datetime="{(NOON - timedelta(seconds=90)).isoformat()}" data-relative>1 min ago</time>'
    with clock.held_at(NOON):
        await ask(cache, "/a/")
        await ask(cache, "/a/")
    with clock.held_at(NOON + timedelta(seconds=29)):
        await ask(cache, "/a/")
    assert views.calls == 1
    with clock.held_at(NOON + timedelta(seconds=30)):
        await ask(cache, "/a/")
    assert views.calls == 2


def test_a_secure_site_answers_nothing_in_the_clear(settings: Any) -> None:
    scope = {"method": "GET", "scheme": "http", "path": "/", "query_string": b"", "headers": [(b"host", b"testserver")]}
    assert Visits().asked(scope) is not None
    settings.SECURE_SSL_REDIRECT = True
    assert Visits().asked(scope) is None
    assert Visits().asked(scope | {"scheme": "https"}) is not None


async def test_a_cache_that_trusts_a_number_for_a_moment_tells_old_things(
    cache: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: half a second of trust, and what was just written is not there."""
    real, known = versions.of, {}

    async def remembered(names: Any) -> tuple[int, ...]:
        at, numbers = known.get(names, (-1.0, ()))
        if asyncio.get_running_loop().time() - at > 0.5:
            known[names] = at, numbers = asyncio.get_running_loop().time(), await real(names)
        return numbers

    monkeypatch.setattr(versions, "of", remembered)
    await ask(cache, "/a/")
    await ask(cache, "/a/")
    stale = 0
    for number in range(1, 21):
        await in_thread(move, "thread.1")
        stale += f"('thread.1', {number})" not in (await ask(cache, "/a/")).body
    assert stale > 0


def _move_and_close() -> None:
    from django.db import connection

    try:
        move("thread.1")
    finally:
        connection.close()

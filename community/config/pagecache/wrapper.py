"""The ASGI wrapper. It stands behind the door, so host, scheme and address are what our proxies vouch for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from community.config.door import App, Message, Receive, Reply, Scope, Send
from community.config.pagecache.asked import Asked, Key, Visits
from community.config.pagecache.shelf import Kept, Shelf, kept
from community.core import pages
from community.core.ages import lasts_until
from realtime import metrics, versions

KINDS = (b"text/html", b"application/atom+xml", b"application/xml", b"text/plain")
FRESH = b"private, no-cache"  # what visitors' pages say: a browser may keep them, and asks each time
VARY = frozenset({b"accept-language", b"accept-encoding", b"cookie"})
PER_ANSWER = frozenset({b"x-request-id", b"content-length", b"vary"})
REMEMBERED = 2_000  # addresses that have no page for all
ANSWERS = metrics.counter("hiroba_pages_total", "Requests, by what the page cache did with them.", label="how")


class PageCache:
    """Wrap Django's application. `budget` bounds the bytes that are kept in this process."""

    def __init__(self, app: App, *, budget: int) -> None:
        self.app = app
        self.shelf = Shelf(budget)
        self.visits = Visits()
        self.hits = 0
        self._under_way: dict[Key, asyncio.Future[None]] = {}
        self._not_for_all: dict[Key, None] = {}  # the oldest first: nobody waits there for somebody else's answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = self.visits.asked(scope) if self.shelf.budget else None
        if asked is None:
            ANSWERS.add(label="passed on")
            await self.app(scope, receive, send)
            return
        page, read = await self._look(asked.key)
        if page is None and (other := self._under_way.get(asked.key)) is not None:
            # Somebody is making it. What they make may be older than this request, so it is looked at like any other.
            await asyncio.shield(other)
            page, read = await self._look(asked.key)
        if page is not None:
            self.hits += 1
            ANSWERS.add(label="kept")
            await self._give(page, asked, scope, send)
        elif asked.is_head:
            await self.app(scope, receive, send)
        else:
            await self._make(asked, read, scope, receive, send)

    async def _look(self, key: Key) -> tuple[Kept | None, dict[str, int] | None]:
        """The page as it still is, else the numbers of what it shows, read before it is made anew; None when they
        cannot be had, and nothing may be kept.
        """
        found = self.shelf.get(key)
        if found is None:
            return None, {}
        try:
            numbers = await versions.of(found.streams)
        except versions.Unknown:
            return None, None
        if found.is_still(numbers):
            return found, None
        return None, dict(zip(found.streams, numbers, strict=True))

    async def _make(
        self, asked: Asked, read: dict[str, int] | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        mine = asyncio.get_running_loop().create_future()
        if asked.key not in self._not_for_all:
            self._under_way.setdefault(asked.key, mine)

        def over() -> None:
            if not mine.done():
                mine.set_result(None)
            if self._under_way.get(asked.key) is mine:
                del self._under_way[asked.key]

        page = pages.Page(read=read or {})
        answer = Answer(self, asked, scope, send, page=page, may_keep=read is not None, over=over)
        try:
            await self.app({**scope, pages.SLOT: page}, receive, answer.send)
        finally:
            over()

    def leave_alone(self, key: Key) -> None:
        """What is answered here is for one: those who wait for it make their own, from now on without waiting."""
        self._not_for_all[key] = None
        if len(self._not_for_all) > REMEMBERED:
            del self._not_for_all[next(iter(self._not_for_all))]

    async def _give(self, page: Kept, asked: Asked, scope: Scope, send: Send) -> None:
        if (said := page.answer(asked)) is None:
            await asyncio.to_thread(page.prepare, asked.encoding)
            if self.shelf.get(asked.key) is page:
                self.shelf.put(asked.key, page)  # it has grown
            said = page.answer(asked)
            assert said is not None
        own = (b"x-request-id", scope["request_id"].encode())
        await send({"type": "http.response.start", "status": said.status, "headers": [*said.headers, own]})
        await send({"type": "http.response.body", "body": said.body})

    def at_once(self, scope: Scope, reply: Reply) -> bool:
        """The same for a page that lies ready, by callbacks: no task, no message, no header touched. False: nothing
        lies ready; the request has to come the ordinary way, as it has when the page turns out to be old.
        """
        asked = self.visits.asked(scope)
        page = self.shelf.get(asked.key) if asked is not None else None
        if asked is None or page is None or page.numbers is None or (said := page.answer(asked)) is None:
            return False

        def told(numbers: tuple[int, ...] | None) -> None:
            if page.is_still(numbers):
                self.hits += 1
                ANSWERS.add(label="kept")
                own = b"x-request-id: %b\r\n" % scope["request_id"].encode()
                reply.give(said.status, said.lines + own, said.body)
            else:
                reply.pass_on()

        versions.tell(page.streams, told)
        return True

    async def take(self, answer: "Answer", start: Message, body: bytes) -> None:
        """Keep what Django made, if that is known to be right, and give it to whom it was made for."""
        headers = [(name.lower(), value) for name, value in start["headers"] if name.lower() not in PER_ANSWER]
        until = lasts_until(body, answer.page.made, answer.page.until)
        page = kept(read=answer.page.read, shows=answer.page.shows, until=until, headers=headers, body=body)
        self._not_for_all.pop(answer.asked.key, None)
        if answer.may_keep:
            ANSWERS.add(label="made")
            self.shelf.put(answer.asked.key, page)
        await self._give(page, answer.asked, answer.scope, answer.out)


@dataclass(slots=True)
class Answer:
    """What Django says to one request: passed on as it comes, or, for a public page, gathered and kept."""

    cache: PageCache
    asked: Asked
    scope: Scope
    out: Send
    page: pages.Page
    may_keep: bool
    over: Callable[[], None]  # tells those who wait for this page that they need not
    _start: Message | None = None
    _parts: list[bytes] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self.page.shows and is_same_for_all(message):
            self._start = message
        elif message["type"] != "http.response.body" or self._start is None:
            if message["type"] == "http.response.start":
                self.cache.leave_alone(self.asked.key)
                self.over()  # now, not when a slow reader has taken all of it
            await self.out(message)
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self.cache.take(self, self._start, b"".join(self._parts))


def is_same_for_all(start: Message) -> bool:
    """The view says so; this makes sure. A cookie, a nonce or another rule for caches means that it is not."""
    headers = {name.lower(): value for name, value in start["headers"]}
    vary = {name.strip() for name in headers.get(b"vary", b"").lower().split(b",") if name.strip()}
    return (
        start["status"] == 200
        and headers.get(b"content-type", b"").startswith(KINDS)
        and headers.get(b"cache-control") == FRESH
        and vary <= VARY
        and b"set-cookie" not in headers
        and b"content-encoding" not in headers
        and b"'nonce-" not in headers.get(b"content-security-policy", b"")
    )

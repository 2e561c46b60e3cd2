"""Pages that all members of no rank see alike, with nothing of their own on them: lists, the front page, an item's.

The simple half of `core.edge.ready`: a view says what it draws for somebody (`Sheet`) and which streams that shows.
Visitors get it drawn for themselves (and kept by `config.pagecache`), and so do members who see more than others.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from community.core import live, pages
from community.core.clock import now
from community.core.edge.ready import Pages, Ready, drawn, lasts, nobodys
from community.core.kept import Table, speech

V = TypeVar("V")
Draw = Callable[[HttpRequest, V], "Sheet | HttpResponse"]
"""What a view draws for somebody; an answer of another kind, a redirect, is given as it is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn, and the moments at which it changes by itself."""

    template: str
    context: Mapping[str, Any]
    changes: Sequence[datetime | None] = ()


class Shared(Generic[V]):
    """The pages of one view. `reader` stands for all members who are `alike`, which may cost a query and is asked once
    for a member and a page; who has `less` than the others is never alike, which costs none and is asked each time.
    `knows` are the words of the address that it looks at; `budget` is in bytes.
    """

    def __init__(
        self, *, reader: V, alike: Callable[[V], bool], less: Callable[[V], bool], knows: Collection[str], budget: int
    ) -> None:
        self._reader, self._alike, self._less, self._knows = reader, alike, less, frozenset(knows)
        self._pages: Pages[None] = Pages(budget)
        self._asked: Table[bool] = Table(20_000)
        self.clear = self._pages.clear

    def respond(
        self,
        request: HttpRequest,
        viewer: V,
        streams: Sequence[str],
        sheet: Draw[V],
        *,
        live_from: str = "",
    ) -> HttpResponse:
        """The page. `streams` tell of all that it shows but the viewer's rights; what makes members alike moves one of
        them as well. `live_from` is the one that the page itself goes on listening to.
        """
        key = speech(), request.path, request.GET.urlencode()
        ready = self._pages.find(key)
        if ready is not None and ready.is_still():
            if self._is_alike(viewer, ready):
                return ready.answer(request, {})
        elif request.GET.keys() <= self._knows and self._alike(viewer):
            return self._made(key, request, streams, sheet, live_from)
        position = live.position(live_from) if live_from else 0  # before anything is read: see core.live
        page = sheet(request, viewer)
        if isinstance(page, HttpResponse):
            return page
        pages.changes_at(request, page.changes)
        return render(request, page.template, {**page.context, "stream": live_from, "position": position})

    def _is_alike(self, viewer: V, ready: Ready[None]) -> bool:
        if self._less(viewer):
            return False
        key = ready.serial, getattr(viewer, "pk", None)
        known = self._asked.find(key)
        if known is None:
            known = self._alike(viewer)
            self._asked.put(key, known, 1)
        return known

    def _made(
        self,
        key: Hashable,
        request: HttpRequest,
        streams: Sequence[str],
        sheet: Draw[V],
        live_from: str,
    ) -> HttpResponse:
        moment, numbers = now(), live.positions(streams)  # before anything is read: see core.pages
        page = sheet(request, self._reader)
        if isinstance(page, HttpResponse):
            return page
        context = {**page.context, "stream": live_from, "position": numbers.get(live_from, 0)}
        parts = drawn(page.template, context, nobodys(request, self._reader, request.GET))
        ready = Ready(numbers, lasts(parts, b"", moment, page.changes), parts, page.template, None)
        self._pages.put(key, ready)
        return ready.answer(request, {})

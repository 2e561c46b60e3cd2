"""What a view says of a page that is the same for every visitor: which live streams tell when it changes.

Such a page may be kept (`community.config.pagecache`) and given again as long as none of these streams has moved. The
numbers are read BEFORE the rows (see `core.live`): a page that is newer than its numbers is made once too often, one
that is older would be given for ever.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from community.core import live
from community.core.clock import now

V = TypeVar("V", bound=Callable[..., Any])

SITE = "site.1"
"""Moves with what any page may show: names and faces of people, roles, categories, shops, creators."""
TALK = "talk.1"
"""Moves with what lists of threads show and `home.1`, which is told aloud, does not say."""
ITEMS = "items.1"
"""Moves with what lists of items show."""
WORK = "work.{item_id}"
"""Moves with what cards show of one item."""
ABOUT = "about.{item_id}"
"""Moves with what rows of threads about an item show and `item.<id>`, which is told aloud, does not say."""
HOME = "home.1"
LISTS = (HOME, TALK, ITEMS, SITE)
SLOT = "hiroba.page"


@dataclass(slots=True)
class Page:
    """What is known of a page while it is made: `read` are numbers from before anything else was read."""

    read: dict[str, int] = field(default_factory=dict)
    shows: set[str] = field(default_factory=set)
    until: datetime | None = None
    made: datetime = field(default_factory=now)


def public(*streams: str) -> Callable[[V], V]:
    """Decorate a view whose page is the same for every visitor and shows what these streams tell of.

    `{name}` in a stream is the view's argument: `@public("thread.{thread_id}", SITE)`.
    """

    def decorate(view: V) -> V:
        @wraps(view)
        def answer(request: Any, *args: Any, **kwargs: Any) -> Any:
            page = _page_of(request)
            if page is not None:
                names = [name.format(**kwargs) for name in streams]
                page.shows.update(names)
                missing = [name for name in names if name not in page.read]
                page.read |= live.positions(missing) if missing else {}
            return view(request, *args, **kwargs)

        return answer  # type: ignore[return-value]

    return decorate


def also_shows(request: Any, streams: Iterable[str]) -> None:
    """Name streams that became known only from the rows. Where their numbers were not read beforehand, this page is
    not kept, but the next one is: its numbers will have been.
    """
    page = _page_of(request)
    if page is not None:
        page.shows.update(streams)


def changes_at(request: Any, moments: Iterable[datetime | None]) -> None:
    """Say when the page changes by itself, because a period begins or ends. What is past, and None, changes nothing."""
    page = _page_of(request)
    if page is not None:
        to_come = [moment for moment in moments if moment is not None and moment > page.made]
        page.until = min([*to_come, page.until] if page.until else to_come, default=None)


def is_public(request: Any) -> bool:
    """Whether what is being made here may be kept for other visitors."""
    page = _page_of(request)
    return page is not None and bool(page.shows)


def _page_of(request: Any) -> Page | None:
    found = getattr(request, "scope", {}).get(SLOT)
    return found if isinstance(found, Page) else None

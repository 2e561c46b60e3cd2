"""A page of a thread as it lies ready for members (`core.edge.ready`).

It is drawn for `READER`, who wrote nothing and reacted to nothing. Everybody else of no rank sees the same, but for the
posts that they wrote or reacted to: those are drawn for them and put in the place of the others. Who opened the thread,
who made what it is about, and moderators see more, and get a page of their own (`reading.thread`); so does who is kept
apart from somebody on it.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from community.core import live
from community.core.edge.ready import Block, Pages, Piece, Ready, drawn, lasts, nobodys
from community.core.kept import Table, speech
from community.core.paging import NumberPage
from community.members.permissions import READER, Viewer, apart, is_ordinary
from community.threads import queries
from community.threads.models import Thread
from community.threads.permissions import can_see_thread
from community.threads.queries import PostRow
from community.threads.views import shown, thread_page
from community.threads.views.answers import fresh_key

TEMPLATE = "threads/thread.html"


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a page that lies ready. `thread` is as it was read for the page, and is only looked at."""

    thread: Thread
    page: NumberPage
    reply_url: str
    more_for: frozenset[int | None]  # members who see more than others
    people: frozenset[int]  # whose words stand on it, or are spoken to
    posts: bytes
    ends: tuple[int, ...]  # where each of them ends
    lead: int  # how many of them stand above the accepted answer: 1 on the first page, 0 on others
    places: Mapping[str, list[Piece]]


class Mine(NamedTuple):
    """What one member gets of their own on such a page."""

    places: Mapping[str, list[Piece]]
    sample: SafeString


READY: Pages[About] = Pages(budget=32_000_000)
# Whatever a member does on a page moves its streams, so what is theirs on it stays as long as the page does.
MINE: Table[Mine] = Table(budget=12_000_000)


def found(request: HttpRequest, me: Viewer) -> HttpResponse | None:
    """The page for this member, if it lies ready and is still right. 2 queries, 3 where they did not see it yet."""
    at = thread_page.wanted(request, total=10**9).page
    if not _may_be_given(request, me) or (ready := READY.find(_key(request, at))) is None:
        return None
    if me.pk in ready.about.more_for or _less_for(me, ready.about) or not ready.is_still():
        return None
    return _answer(request, me, ready)


def suits(request: HttpRequest, me: Viewer, row: Thread) -> bool:
    """Whether the page that all members of no rank get is this member's too. Whoever wrote a post that was taken down
    reads it still, also where it stands under the question as its answer.
    """
    answer = row.accepted_post
    return (
        _may_be_given(request, me)
        and not me.block_count
        and me.pk not in _more_for(row)
        and bool(can_see_thread(READER, row))
        and (answer is None or answer.is_visible)
    )


def made(
    request: HttpRequest, me: Viewer, row: Thread, page: NumberPage, numbers: Mapping[str, int], moment: datetime
) -> HttpResponse:
    """The page for this member, drawn and kept for all. `numbers` were read before the thread, at `moment`."""
    rows = queries.page_rows(thread=row, viewer=me, page=page)
    if items := thread_page.items_shown(row, rows):
        numbers = {**numbers, **live.positions(items)}  # of what is read of them next
    readers = [post._replace(mine="") if post.mine else post for post in rows]
    context = thread_page.context(READER, row, page, readers) | {"position": numbers[row.stream]}
    pieces = [piece.encode() for piece in context["pieces"]]
    about = _about(row, page, context["reply_url"], pieces, _people(row, rows))
    parts = drawn(TEMPLATE, context, nobodys(request, READER), places=about.places)
    ready = Ready(numbers, lasts(parts, about.posts, moment), parts, TEMPLATE, about)
    READY.put(_key(request, page.page), ready, extra=len(about.posts) * 5 // 4)
    return _answer(request, me, ready, rows)


def _may_be_given(request: HttpRequest, me: Viewer) -> bool:
    return is_ordinary(me) and request.GET.keys() <= {"page", "at"}


def _more_for(row: Thread) -> frozenset[int | None]:
    owner = row.item.creator if row.item else row.creator
    return frozenset({row.author_id, owner.member_id if owner else None})


def _less_for(me: Viewer, about: About) -> bool:
    """Whether somebody stands there who is kept apart from this member: then it is drawn for them, without JavaScript
    and without a hole (ADR 0021).
    """
    return bool(me.block_count) and not apart(me).all.isdisjoint(about.people)


def _people(row: Thread, rows: Sequence[PostRow]) -> frozenset[int]:
    answer = row.accepted_post
    beside = [answer.author_id if answer is not None else None, *(post.answered_author_id for post in rows)]
    return frozenset({*(post.author_id for post in rows), *(pk for pk in beside if pk is not None)})


def _key(request: HttpRequest, page: int) -> Hashable:
    return speech(), settings.POSTS_PER_PAGE, request.path, page


def _answer(
    request: HttpRequest, me: Viewer, ready: Ready[About], rows: Sequence[PostRow] | None = None
) -> HttpResponse:
    about, mine = ready.about, _mine(me, ready, rows)
    own = {
        "thread": about.thread,
        "page": about.page,
        "reply_url": about.reply_url,
        "form_key": fresh_key(),
        "sample_own": mine.sample,
        "place": queries.place_in(viewer=me, thread=about.thread),
    }
    return ready.answer(request, own, mine.places)


def _mine(me: Viewer, ready: Ready[About], rows: Sequence[PostRow] | None) -> Mine:
    key, about = (ready.serial, me.pk), ready.about
    if (known := MINE.find(key)) is not None:
        return known
    if rows is None:
        rows = queries.page_rows(thread=about.thread, viewer=me, page=about.page)
    rows = [row for row in rows if _is_own(me, row)]
    posts = dict(zip([row.number for row in rows], shown.drawn(me, about.thread, rows).posts, strict=True))
    mine = Mine(_with_own(about, posts) if posts else about.places, shown.sample_of_own(me, about.thread))
    # What is compressed of all the others' posts is a tenth of them.
    size = len(mine.sample) + sum(map(len, posts.values())) + (len(about.posts) // 10 if posts else 0)
    MINE.put(key, mine, size)
    return mine


def _is_own(me: Viewer, row: PostRow) -> bool:
    return me.pk in (row.author_id, row.deleted_by_id) or bool(row.mine)


def _with_own(about: About, own: Mapping[int, str]) -> Mapping[str, list[Piece]]:
    """The posts with those of `own`, by number, in the place of what others see; the rest is not copied."""
    pieces: list[Piece] = []
    whole, begin = memoryview(about.posts), 0
    for number, (start, end) in enumerate(pairwise((0, *about.ends)), about.page.first):
        if number in own:
            pieces += [Block(whole[begin:start]), Block(own[number].encode())]
            begin = end
        if number == about.lead:
            pieces.append(Block(whole[begin:end]))
            lead, pieces, begin = pieces, [], end
    return {"lead": lead if about.lead else [], "posts": [*pieces, Block(whole[begin:])]}


def _about(row: Thread, page: NumberPage, reply_url: str, posts: list[bytes], people: frozenset[int]) -> About:
    whole, ends, lead = b"".join(posts), tuple(accumulate(map(len, posts))), 1 if page.first == 1 else 0
    cut = ends[0] if lead else 0
    places: dict[str, list[Piece]] = {"lead": [whole[:cut]], "posts": [Block(memoryview(whole)[cut:])]}
    return About(row, page, reply_url, _more_for(row), people, whole, ends, lead, places)

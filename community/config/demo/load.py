"""Lay the demo market out, or what is missing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import translation

from community.catalog.models import Shop
from community.config.demo import legal, market, people, talk
from community.config.demo.book import Book, read_book
from community.config.demo.easel import Easel
from community.core.clock import now
from community.members.models import Member
from community.threads.models import Thread

# The shop opened this long before the demo was laid out: its opening day remembers when that was, so that a later run
# counts every age from the same moment and finds everything as it was said.
OPEN_FOR = timedelta(days=540)

Begin = Callable[[str, int], Callable[[], None]]  # a step's name and length → what to call after each part of it


@dataclass(frozen=True)
class Report:
    """How much was new."""

    members: int
    pictures: int
    posts: int

    @property
    def changed(self) -> bool:
        return bool(self.members or self.pictures or self.posts)


def lay_out(*, password: str, begin: Begin) -> Report:
    """Write what is missing; a second run changes nothing, and one that was cut off goes on.

    `password` opens the four accounts of `people.DOORS`. Takes about half a minute on two idle cores.
    """
    with translation.override("ja"), people.offices_open():
        return _lay_out(read_book(), password, begin)


def is_laid_out() -> bool:
    """Whether there is anything here that a demo could be in the way of."""
    return Shop.objects.exists() or Thread.objects.exists()


def _lay_out(book: Book, password: str, begin: Begin) -> Report:
    anchor = _anchor(book)
    newcomers, walls, crests = people.missing(book), market.unhung(book), market.unlinked(book)
    events = talk.still_unsaid(book, anchor)
    # In the order in which they are needed.
    sketches = [people.portrait(row) for row in newcomers] + crests
    sketches += [event.sketch for event in events if event.sketch is not None] + [view[2] for view in walls]
    with Easel() as easel:
        easel.paint(sketches, begin("pictures", len(sketches)))
        step = begin("members", len(newcomers))
        for row in newcomers:
            people.sign_up(row, anchor=anchor, password=password, easel=easel)
            step()
        _fill_shelves(book, anchor, easel)
        _talk(book, anchor, easel, events, begin("talk", len(events)))
        market.hang_all(walls, easel=easel, step=begin("works", len(walls)))
    legal.publish_templates()
    return Report(len(newcomers), len(sketches), len(events))


def _fill_shelves(book: Book, anchor: datetime, easel: Easel) -> None:
    shops = market.open_shops(book, anchor=anchor - OPEN_FOR)
    market.bring_in(book, shops, anchor=anchor)
    manager = Member.objects.get(email="manager@example.com")
    market.link_makers(book, shops, by=manager, easel=easel)


def _talk(book: Book, anchor: datetime, easel: Easel, events: list[talk.Event], step: Callable[[], None]) -> None:
    talk.lay_out_categories(book)
    stage = talk.Stage(book, anchor, easel)
    stage.load()
    talk.play(stage, events, step)


def _anchor(book: Book) -> datetime:
    """The moment all ages are counted from: that of the first run."""
    shop = Shop.objects.filter(slug=book.shops[0]["slug"]).first()
    return shop.created_at + OPEN_FOR if shop else now()

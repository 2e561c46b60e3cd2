"""What is said in the demo, said again in the order it was said, through the same verbs that members use.

The clock is held at each post's moment, so numbers, counts, heat, rendered text and the live log come out as if it had
all happened. A post and the reactions to it are one unit of work. A thread is known again by its author and title, and
how far it had got by its highest number: a run that was cut off goes on, a second run finds nothing to do.
"""

from __future__ import annotations

import random
import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F

from community.catalog.models import Creator, Item
from community.config.demo.book import Book, Conversation, Message
from community.config.demo.easel import Easel, Sketch
from community.core import facts
from community.core.clock import held_at
from community.core.work import unit
from community.members.models import Member
from community.threads import actions
from community.threads.actions.heat import settle_heat
from community.threads.facts import ReactionChanged
from community.threads.models import Category, Post, Reaction, Thread
from community.threads.permissions import can_see_category

TOKYO = ZoneInfo("Asia/Tokyo")
_ITEM_LINK = re.compile(r"\{item:([a-z0-9-]+)\}")
_DAY = re.compile(r"\{date\+(\d+)\}")


@dataclass
class Event:
    """Something that happens at a moment: a post (`number`), or the answer being accepted (`number` 0)."""

    at: datetime
    talk: Conversation
    number: int

    @property
    def message(self) -> Message:
        return self.talk.messages[self.number - 1]

    @property
    def sketch(self) -> Sketch | None:
        if not self.number or self.message.picture is None:
            return None
        return Sketch.of(f"post {self.talk.title} {self.number}", self.message.picture)


@dataclass
class Stage:
    """The rows that talk refers to, loaded once."""

    book: Book
    anchor: datetime
    easel: Easel
    members: dict[str, Member] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    creators: dict[str, int] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)

    def load(self) -> None:
        self.members = {one.handle: one for one in Member.objects.exclude(email=None)}
        self.categories = {one.slug: one for one in Category.objects.all()}
        slugs = [row["slug"] for row in self.book.shops]
        self.items = {one.external_id: one for one in Item.objects.filter(shop__slug__in=slugs)}
        rows = Creator.objects.filter(shop__slug__in=slugs)
        self.creators = dict(rows.values_list("external_id", "pk"))


def lay_out_categories(book: Book) -> None:
    """Places that are missing; one that a manager has changed stays as it is."""
    for place, row in enumerate(book.categories):
        Category.objects.get_or_create(slug=row["slug"], defaults={**row, "position": place})


def still_unsaid(book: Book, anchor: datetime) -> list[Event]:
    """What remains to happen, in the order of time."""
    known = {
        (thread.author.handle, thread.title): thread
        for thread in Thread.objects.filter(title__in=[talk.title for talk in book.conversations]).select_related(
            "author"
        )
    }
    events: list[Event] = []
    for talk in book.conversations:
        thread = known.get((talk.messages[0].by, talk.title))
        said = thread.last_number if thread else 0
        events += [
            Event(anchor - message.age, talk, number)
            for number, message in enumerate(talk.messages, 1)
            if number > said
        ]
        if talk.accepted and (thread is None or thread.accepted_post_id is None):
            answered = anchor - talk.messages[talk.accepted - 1].age
            events.append(Event(min(answered + timedelta(minutes=25), anchor), talk, 0))
    return sorted(events, key=lambda event: (event.at, event.number))


def play(stage: Stage, events: list[Event], step: Callable[[], None]) -> None:
    for event in events:
        with held_at(event.at):
            if event.number:
                _say(stage, event)
            else:
                _accept(stage, event.talk)
        step()
    after = 0
    while events and (after := settle_heat(after_id=after)):
        pass


@unit
def _say(stage: Stage, event: Event) -> None:
    author = stage.members[event.message.by]
    body, pictures = _body(stage, event), _pictures(stage, event, author)
    if event.number == 1:
        post = _open(stage, event.talk, author, body, pictures)
    else:
        thread = _thread(stage, event.talk)
        to = event.message.to
        answered = Post.objects.get(thread=thread, number=to).pk if to else None
        post = actions.post_reply(
            author=author, thread_id=thread.pk, body=body, reply_to_id=answered, pictures=pictures
        )
    _react(stage, event, post)


def _open(stage: Stage, talk: Conversation, author: Member, body: str, pictures: list[actions.NewPicture]) -> Post:
    thread = actions.open_thread(
        author=author,
        category_id=stage.categories[talk.category].pk,
        kind=talk.kind,
        title=talk.title,
        body=body,
        item_id=stage.items[talk.item].pk if talk.item else None,
        creator_id=stage.creators[talk.creator] if talk.creator else None,
        tags=talk.tags,
        pictures=pictures,
    )
    if talk.pinned:
        actions.pin_thread(by=author, thread_id=thread.pk)
    stage.threads[talk.title] = thread
    return Post.objects.get(thread=thread, number=1)


def _accept(stage: Stage, talk: Conversation) -> None:
    asker = stage.members[talk.messages[0].by]
    post = Post.objects.get(thread=_thread(stage, talk), number=talk.accepted or 0)
    actions.accept_answer(by=asker, post_id=post.pk)


def _thread(stage: Stage, talk: Conversation) -> Thread:
    if talk.title not in stage.threads:
        author = stage.members[talk.messages[0].by]
        stage.threads[talk.title] = Thread.objects.get(author=author, title=talk.title)
    return stage.threads[talk.title]


def _react(stage: Stage, event: Event, post: Post) -> None:
    """Reactions by members who were here then and may read it; who it is depends on the post alone.

    In one go instead of by `actions.react`, which costs a dozen statements for each of some thousand hearts: the same
    rows, counts and entry of the live log. The heat they add is made from the rows by `settle_heat` at the end.
    """
    crowd, rows = _crowd(stage, event, post), []
    rng = random.Random(zlib.crc32(f"{event.talk.title} {event.number}".encode()))
    for kind, count in event.message.likes.items():
        for member in rng.sample(crowd, min(count, len(crowd))):
            at = min(event.at + timedelta(minutes=rng.randint(1, 900)), stage.anchor)
            rows.append(Reaction(post=post, member=member, kind=kind, created_at=at))
    if not rows:
        return
    Reaction.objects.bulk_create(rows)
    given = Counter(row.kind for row in rows)
    counts = {kind: given[kind] for kind in Reaction.Kind.values if given[kind]}
    Post.objects.filter(pk=post.pk).update(reactions=counts, esteem=F("esteem") + len(rows))
    Thread.objects.filter(pk=post.thread_id).update(reaction_count=F("reaction_count") + len(rows))
    facts.record(ReactionChanged(post.thread_id, post.pk, rows[-1].member_id, rows[-1].kind, added=True))


def _crowd(stage: Stage, event: Event, post: Post) -> list[Member]:
    category = stage.categories[event.talk.category]
    return [
        one
        for _handle, one in sorted(stage.members.items())
        if one.pk != post.author_id and one.joined_at <= event.at and can_see_category(one, category)
    ]


def _body(stage: Stage, event: Event) -> str:
    def link(match: re.Match[str]) -> str:
        item = stage.items[match[1]]
        return f"[{item.title}](/items/{item.pk}/)"

    def day(match: re.Match[str]) -> str:
        moment = (stage.anchor + timedelta(days=int(match[1]))).astimezone(TOKYO)
        return f"{moment.month}月{moment.day}日({'月火水木金土日'[moment.weekday()]})"

    return _DAY.sub(day, _ITEM_LINK.sub(link, event.message.text))


def _pictures(stage: Stage, event: Event, author: Member) -> list[actions.NewPicture]:
    if event.sketch is None or event.message.picture is None:
        return []
    picture = stage.easel.hang(event.sketch, owner_id=author.pk)
    return [actions.NewPicture(picture.pk, event.message.picture.get("alt", ""))]

"""Inboxes as the API shows them: one's own only."""

from collections.abc import Sequence
from datetime import datetime

from ninja import Field, Schema

from community.core.paging import Slice
from community.notifications.models import Level, Notice
from community.notifications.queries import Followed, Line


class PersonOut(Schema):
    handle: str
    display_name: str


class NoticeOut(Schema):
    """`words` and `title` are in the caller's language. Without `url` it leads to what they may not see any more."""

    id: int
    kind: str
    words: str
    title: str
    excerpt: str
    url: str | None
    people: list[PersonOut]
    count: int
    at: datetime
    read: bool

    @staticmethod
    def of(line: Line) -> "NoticeOut":
        face = line.face
        return NoticeOut(
            id=line.notice.pk,
            kind=line.kind.name,
            words=line.words,
            title=face.title if face else "",
            excerpt=face.excerpt if face else "",
            url=face.url if face else None,
            people=[PersonOut(handle=one.handle, display_name=one.display_name) for one in line.people if face],
            count=line.notice.count,
            at=line.notice.last_at,
            read=line.notice.read_at is not None,
        )


class NoticePage(Schema):
    """`next` and `previous` go into `cursor`; null at an end."""

    notices: list[NoticeOut]
    next: str | None
    previous: str | None

    @staticmethod
    def of(lines: Sequence[Line], found: Slice[Notice]) -> "NoticePage":
        return NoticePage(notices=[NoticeOut.of(line) for line in lines], next=found.next, previous=found.previous)


class UnreadOut(Schema):
    """How much is unread, and the number of the caller's live stream (`member.<id>`) that belongs to it."""

    unread: int
    position: int


class ReadIn(Schema):
    """Either the ids of notices, or a moment: all that stood there then."""

    ids: list[int] = []
    until: datetime | None = None


class PushKeys(Schema):
    p256dh: str = Field(max_length=100)
    auth: str = Field(max_length=30)


class PushIn(Schema):
    """As `PushSubscription.toJSON()` of a browser gives it."""

    endpoint: str = Field(max_length=1000)
    keys: PushKeys


class PushOut(Schema):
    id: int


class PushHere(Schema):
    """What is known of the browser that asks. `known` is a digest (SHA-256) of the address it was added with, "" for
    one that was never added, or was removed. `key` is what it subscribes with, `token` goes along as `X-CSRFToken`.
    """

    known: str
    key: str
    token: str


class WaitingOut(Schema):
    """Those of the asked for that still wait to be read."""

    ids: list[int]


class LevelOut(Schema):
    kind: str
    target_id: int
    level: str


class LevelIn(Schema):
    level: Level.Value


class FollowedOut(LevelOut):
    """A place with its name and where it is."""

    name: str
    url: str


class LevelPage(Schema):
    """`next` and `previous` go into `cursor`; null at an end."""

    places: list[FollowedOut]
    next: str | None
    previous: str | None

    @staticmethod
    def of(rows: Sequence[Followed], found: Slice[Level]) -> "LevelPage":
        places = [
            FollowedOut(kind=row.kind, target_id=row.target_id, level=row.level, name=row.place.name, url=row.place.url)
            for row in rows
        ]
        return LevelPage(places=places, next=found.next, previous=found.previous)

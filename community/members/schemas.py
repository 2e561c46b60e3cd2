"""Members as the API shows them. No shape here has an address of anybody but the caller."""

from datetime import date, datetime

from ninja import Schema

from community.core.paging import Slice
from community.members.models import Block


class MemberOut(Schema):
    """What everybody may know."""

    handle: str
    display_name: str
    role: str
    picture: str | None
    picture_small: str | None
    bio: str
    bio_html: str
    joined_at: datetime
    post_count: int
    thread_count: int
    accepted_count: int


class MeOut(MemberOut):
    """What a member may know of themselves."""

    email: str
    language: str
    time_zone: str
    theme: str


class Requirement(Schema):
    """One thing that a level asks for. `label` is in the reader's language."""

    measure: str
    label: str
    have: int
    need: int
    met: bool


class Room(Schema):
    """What fits into one post; null: as much as into anybody's."""

    links: int | None
    pictures: int | None
    mentions: int | None


class LevelOut(Schema):
    """A community level, from 0 to 3, and what level `asks` (the next one, or the one held at the top) asks for.

    Counted over `span_days`, as of the beginning of `day`. While it is `settled` by the team, nothing is counted.
    """

    level: int
    name: str
    settled: bool
    day: date
    asks: int
    span_days: int
    requirements: list[Requirement]
    lost_on: date | None
    room: Room


class FoundMember(Schema):
    """One line of the list that completes a mention."""

    handle: str
    display_name: str
    picture: str | None


class BlockOut(Schema):
    handle: str
    blocked: bool


class BlockedMember(FoundMember):
    """One line of the caller's own list."""

    at: datetime


class BlockPage(Schema):
    """`next` and `previous` go into `cursor`; null at an end."""

    blocked: list[BlockedMember]
    next: str | None
    previous: str | None

    @staticmethod
    def of(found: Slice[Block]) -> "BlockPage":
        lines = [
            BlockedMember(
                handle=row.blocked.handle,
                display_name=row.blocked.display_name,
                picture=row.blocked.avatar.thumb_url if row.blocked.avatar else None,
                at=row.at,
            )
            for row in found.rows
        ]
        return BlockPage(blocked=lines, next=found.next, previous=found.previous)

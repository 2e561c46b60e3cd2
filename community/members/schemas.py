"""Members as the API shows them. No shape here has an address of anybody but the caller."""

from datetime import datetime

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

"""Members as the API shows them. No shape here has an address of anybody but the caller."""

from datetime import datetime

from ninja import Schema


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

"""Members as the API shows them. No shape here has an address of anybody but the caller."""

from datetime import date, datetime

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

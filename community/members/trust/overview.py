"""What a member, a manager and a command line are shown of a community level: one answer for all three."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise

from community.members.models import Member, TrustChange
from community.members.trust.levels import GRACE_DAYS, LEVELS, MAINSTAY
from community.members.trust.weighing import Weighed, explain, orders_of, today

HISTORY = 20


@dataclass(frozen=True, slots=True)
class Overview:
    """`rows` are the requirements of level `asks`: the next one, or, at the top, the one that is held.

    `orders` is None while no shop is connected. `goes_on` is the day on which level 3 will be lost, if nothing changes.
    """

    member: Member
    day: date
    asks: int
    span_days: int
    rows: list[Weighed]
    orders: Weighed | None
    goes_on: date | None
    history: list[TrustChange]

    @property
    def level(self) -> int:
        return self.member.trust_level

    @property
    def is_locked(self) -> bool:
        return self.member.trust_locked_at is not None

    @property
    def is_top(self) -> bool:
        return self.level == MAINSTAY.number

    @property
    def missing(self) -> list[Weighed]:
        return [row for row in self.rows if not row.is_met]

    @property
    def asks_name(self) -> str | Promise:
        return Member.Trust(self.asks).label


def overview(member: Member) -> Overview:
    """As of the beginning of today. About ten statements."""
    day = today()
    level = LEVELS[min(member.trust_level, MAINSTAY.number - 1)]
    since = member.trust_below_since
    return Overview(
        member=member,
        day=day,
        asks=level.number,
        span_days=level.days,
        rows=explain(member, level, day),
        orders=orders_of(member, level, day),
        goes_on=since + timedelta(days=GRACE_DAYS) if since is not None else None,
        history=list(TrustChange.objects.filter(member=member).order_by("-at", "-id")[:HISTORY]),
    )

"""Members against the levels: who has earned which, and what exactly is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise

from community.core.clock import now
from community.members.models import Member
from community.members.registry import Measure, Span, measure_of
from community.members.trust.levels import (
    EASE_MOST,
    EASE_PERCENT,
    GRACE_DAYS,
    KEEP_PERCENT,
    LEVELS,
    MAINSTAY,
    ORDERS,
    Level,
    Requirement,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands in the daily count: the level, and since when they are below what keeps level 3."""

    level: int
    below_since: date | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """One requirement for one member."""

    measure: str
    label: str | Promise
    have: int
    need: int

    @property
    def is_met(self) -> bool:
        return self.have >= self.need

    @property
    def share(self) -> int:
        """How much of it is there, in percent; 100 at most."""
        return 100 if self.is_met else self.have * 100 // self.need

    def as_data(self) -> dict[str, str | int]:
        return {"measure": self.measure, "have": self.have, "need": self.need}


def today() -> date:
    """The day of the site's time zone. What is counted ends with the day before, so a day has one answer."""
    return now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def weigh(members: Sequence[Member], day: date) -> dict[int, Standing]:
    """How these members stand on `day`, by id. A handful of statements, however many they are.

    Going up asks for all of the bar; level 3 goes only after `GRACE_DAYS` below `KEEP_PERCENT` of it; levels 1 and 2
    stay.
    """
    reached = {member.pk: member.trust_level for member in members}
    settled = {pk for pk, level in reached.items() if level == MAINSTAY.number}
    for level in LEVELS:
        asking = [pk for pk, at in reached.items() if at == level.number - 1]
        reached |= dict.fromkeys(_who_meet(asking, level, day), level.number)
    keeping = _who_meet(settled, MAINSTAY, day, percent=KEEP_PERCENT)
    standings = {pk: Standing(level) for pk, level in reached.items()}
    for member in members:
        if member.pk in settled - keeping:
            standings[member.pk] = _slipping(member, day)
    return standings


def explain(member: Member, level: Level, day: date) -> list[Weighed]:
    """Every requirement of the level and what the member has of it."""
    return explain_all([member.pk], level, day)[member.pk]


def explain_all(members: Sequence[int], level: Level, day: date) -> dict[int, list[Weighed]]:
    """The same for many, by id. A statement for each measure."""
    ease = _ease(members, level, day)
    rows: dict[int, list[Weighed]] = {pk: [] for pk in members}
    for requirement, found in _asked(level):
        have = found.count(members, _span(level, day))
        for pk in members:
            need = _need(requirement, ease.get(pk, 0))
            rows[pk].append(Weighed(found.name, found.label, have.get(pk, 0), need))
    return rows


def orders_of(member: Member, level: Level, day: date) -> Weighed | None:
    """The delivered orders that make the way shorter, of as many as can; None while no shop is connected."""
    found = measure_of(ORDERS)
    if found is None:
        return None
    have = found.count([member.pk], _span(level, day)).get(member.pk, 0)
    return Weighed(ORDERS, found.label, have, EASE_MOST // EASE_PERCENT)


def _slipping(member: Member, day: date) -> Standing:
    since = member.trust_below_since or day
    if day - since >= timedelta(days=GRACE_DAYS):
        return Standing(MAINSTAY.number - 1)
    return Standing(MAINSTAY.number, since)


def _who_meet(members: Iterable[int], level: Level, day: date, *, percent: int = 100) -> set[int]:
    """Those who have `percent` of all that the level asks for. A measure is asked only for those still in question."""
    left = sorted(members)
    ease = _ease(left, level, day)
    for requirement, found in _asked(level):
        if not left:
            break
        have = found.count(left, _span(level, day))
        left = [pk for pk in left if have.get(pk, 0) * 100 >= _need(requirement, ease.get(pk, 0)) * percent]
    return set(left)


def _asked(level: Level) -> list[tuple[Requirement, Measure]]:
    pairs = ((requirement, measure_of(requirement.measure)) for requirement in level.requirements)
    return [(requirement, found) for requirement, found in pairs if found is not None]


def _ease(members: Sequence[int], level: Level, day: date) -> Mapping[int, int]:
    """What delivered orders take off, in percent."""
    found = measure_of(ORDERS)
    if found is None or not members:
        return {}
    orders = found.count(members, _span(level, day))
    return {pk: min(EASE_MOST, number * EASE_PERCENT) for pk, number in orders.items()}


def _need(requirement: Requirement, ease: int) -> int:
    """At least 1, rounded up."""
    return -(-requirement.need * (100 - ease) // 100) if requirement.eased else requirement.need


def _span(level: Level, day: date) -> Span:
    return Span(day - timedelta(days=level.days), day)

"""Moments that a member may want to be reminded at, on the clock of where they are.

A day is a day of the calendar, not 24 hours: tomorrow at eight is at eight, also when clocks are changed tonight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.members.models import Member

MORNING, FORENOON, EVENING = time(8), time(10), time(19)
LATER = timedelta(hours=3)
LAST_HOUR = 21  # "later today" is no time of the night
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6


@dataclass(frozen=True, slots=True)
class Preset:
    """`at` is aware, in the member's zone."""

    name: str
    label: str | Promise
    at: datetime


def zone_of(member: Member) -> ZoneInfo:
    return ZoneInfo(member.time_zone or settings.TIME_ZONE)


def presets(*, moment: datetime, zone: ZoneInfo) -> list[Preset]:
    """What is offered at `moment`, in the order of time; what there is no time left for is left out."""
    here = moment.astimezone(zone)
    found = [*_today(here), Preset("tomorrow", _("Tomorrow morning"), _on(here, 1, MORNING))]
    day = here.weekday()
    if day < FRIDAY:
        found.append(Preset("weekend", _("At the weekend"), _on(here, SATURDAY - day, FORENOON)))
    elif day != FRIDAY:  # on a Friday, tomorrow is Saturday already
        found.append(Preset("next_weekend", _("Next weekend"), _on(here, SATURDAY + 7 - day, FORENOON)))
    if day != SUNDAY:
        found.append(Preset("next_week", _("Next week"), _on(here, 7 - day, MORNING)))
    else:  # next week is tomorrow
        found.append(Preset("in_a_week", _("In a week"), _on(here, 7, MORNING)))
    return sorted(found, key=lambda one: one.at)


def _today(here: datetime) -> Iterator[Preset]:
    later = (here + LATER).replace(minute=0, second=0, microsecond=0, fold=0)
    if later.date() == here.date() and later.hour <= LAST_HOUR:
        yield Preset("later", _("Later today"), later)
        if later.time() < EVENING:
            yield Preset("evening", _("This evening"), _on(here, 0, EVENING))


def moment_in(zone: ZoneInfo, text: str) -> datetime | None:
    """What a form's own date and time mean where the member is; None for anything else.

    Of an hour that clocks show twice the first is meant; one that they leave out is as much later as they jump.
    """
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None:
        return None
    if found.tzinfo is not None:
        return found
    try:
        return _real(found.replace(tzinfo=zone))
    except (OverflowError, ValueError):
        return None


def _on(here: datetime, days: int, at: time) -> datetime:
    day = here.date() + timedelta(days=days)
    return _real(datetime.combine(day, at, tzinfo=here.tzinfo))


def _real(local: datetime) -> datetime:
    """The same moment as the clock there shows it."""
    utc = ZoneInfo("UTC")
    return local.astimezone(utc).astimezone(local.tzinfo)

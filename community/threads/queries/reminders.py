"""Moments that a member may want to be reminded at, on the clock of where they are.

A day is a day of the calendar, not 24 hours: tomorrow at eight is at eight, also when clocks are changed tonight.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.members.models import Member

MORNING, FORENOON = time(8), time(10)
LATER = timedelta(hours=3)
LAST_HOUR = 21  # "later today" is no time of the night
MONDAY, SATURDAY = 0, 5


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
    found = []
    full = here + LATER
    later = full.replace(minute=0, second=0, microsecond=0, fold=0)
    if later.date() == here.date() and later.hour <= LAST_HOUR:
        found.append(Preset("later", _("Later today"), later))
    found.append(Preset("tomorrow", _("Tomorrow morning"), _on(here, 1, MORNING)))
    if here.weekday() < SATURDAY - 1:  # on a Friday, tomorrow is Saturday already
        found.append(Preset("weekend", _("At the weekend"), _on(here, SATURDAY - here.weekday(), FORENOON)))
    if here.weekday() != MONDAY + 6:  # on a Sunday, tomorrow is Monday already
        found.append(Preset("next_week", _("Next week"), _on(here, 7 - here.weekday(), MORNING)))
    return found


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

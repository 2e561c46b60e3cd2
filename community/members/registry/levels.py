"""What a community level rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of the site's time zone, the last one not included."""

    since: date
    until: date

    @property
    def begins(self) -> datetime:
        return _midnight(self.since)

    @property
    def ends(self) -> datetime:
        return _midnight(self.until)

    @property
    def days(self) -> int:
        return (self.until - self.since).days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))


Count = Callable[[Sequence[int], Span], Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that a community level may ask for. `label` is for members; `count` is in `measure`."""

    name: str
    label: str | Promise
    count: Count


_measures: dict[str, Measure] = {}


def measure(name: str, label: str | Promise) -> Callable[[Count], Count]:
    """Register a measure: `(member ids, span)` gives how much each of them has of it; who is not there has none.

    It is asked for thousands of members at once, so it is one statement over a range. Decorator.
    """

    def add(count: Count) -> Count:
        _measures[name] = Measure(name, label, count)
        return count

    return add


def measure_of(name: str) -> Measure | None:
    """None while no app plugs it in; then nobody is asked for it."""
    return _measures.get(name)

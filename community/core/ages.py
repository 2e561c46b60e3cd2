"""How long words about time stay true: a page that says "3 min ago" does so for a minute."""

import re
from datetime import datetime, timedelta

from django.utils import timezone

RELATIVE = re.compile(rb'<time datetime="([^"]{19,40})"[^>]* data-relative>')
MINUTE, HOUR, DAY = 60, 3_600, 86_400


def lasts_until(body: bytes, made: datetime, given: datetime | None) -> datetime:
    """When time alone makes a page untrue that began to be made at `made`: a "3 min ago" of its own changes, a period
    ends (`given`), or the site's day does, because of years in dates and years of craft.
    """
    tomorrow = timezone.localtime(made).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    ends = [tomorrow] if given is None else [tomorrow, given]
    for moment in set(RELATIVE.findall(body)):
        at = datetime.fromisoformat(moment.decode())
        if (age := next_age((made - at).total_seconds())) is not None:
            ends.append(at + timedelta(seconds=age))
    return min(ends)


def next_age(seconds: float) -> int | None:
    """The age at which the words for something `seconds` old change next (see `core.templatetags.ui.relative`); None
    for what stands there as a date.

    Pages tell moments in whole seconds, so a change comes up to a second later than it seems: until that is over, the
    answer is the change itself, and a page of that second is not kept.
    """
    age = int(max(0.0, seconds - 1))
    for unit, end in ((MINUTE, HOUR), (HOUR, DAY), (DAY, 7 * DAY)):
        if age < end:
            return (age // unit + 1) * unit
    return None

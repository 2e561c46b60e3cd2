"""How long to wait, in words."""

from django.utils.translation import ngettext

MINUTES_FROM, HOURS_FROM = 120, 2 * 60 * 60


def wait_words(seconds: int) -> str:
    """ "45 seconds", "12 minutes", "3 hours": in the unit a person would use, rounded up, so nobody comes too early."""
    if seconds < MINUTES_FROM:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    if seconds < HOURS_FROM:
        minutes = -(-seconds // 60)
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = -(-seconds // 3600)
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}

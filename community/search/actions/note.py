"""What was looked for: counted by day, without who asked."""

import re
from datetime import timedelta

from django.db import connection
from django.utils.timezone import localdate

from community.core.clock import now
from community.core.text.fold import fold
from community.core.work import unit
from community.search.models import Lookup

LIMIT = 80  # characters
KEPT_DAYS = 90
# Numbers of cards and telephones, and addresses of people, are nobody's words to look for.
_PRIVATE = re.compile(r"\S+@\S+\.\S+|\+?\d[\d\s\-()]{8,}")


@unit
def note_lookup(*, question: str, language: str, found: bool) -> None:
    """Count a question. One that looks like an address or a long number is not kept."""
    asked = " ".join(fold(question).split())[:LIMIT]
    if not asked or _PRIVATE.search(asked):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_lookup AS l (day, question, language, times, in_vain) VALUES (%s, %s, %s, 1, %s) "
            "ON CONFLICT (day, question, language) DO UPDATE SET times = l.times + 1, "
            "in_vain = l.in_vain + EXCLUDED.in_vain",
            [localdate(now()), asked, language[:8], 0 if found else 1],
        )


@unit
def forget_lookups(*, older_than_days: int = KEPT_DAYS) -> int:
    """Delete what is past its time; returns how many rows."""
    return Lookup.objects.filter(day__lt=localdate(now()) - timedelta(days=older_than_days)).delete()[0]

"""What people looked for, for those who run the place."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F, Sum
from django.utils.timezone import localdate

from community.core.clock import now
from community.search.models import Lookup

SHOWN = 50


def asked_most(*, days: int = 30) -> Sequence[dict[str, Any]]:
    """`question`, `language`, `times` and `in_vain` of what was asked most often."""
    return list(_sums(days).order_by("-times", "question")[:SHOWN])


def asked_in_vain(*, days: int = 30) -> Sequence[dict[str, Any]]:
    """The same of what found nothing, the most often asked first."""
    return list(_sums(days).filter(in_vain__gt=0).order_by("-in_vain", "question")[:SHOWN])


def _sums(days: int) -> Any:
    rows = Lookup.objects.filter(day__gt=localdate(now()) - timedelta(days=days)).values("question", "language")
    return rows.annotate(times=Sum(F("times")), in_vain=Sum(F("in_vain")))

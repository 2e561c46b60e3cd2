"""What members themselves know that a community level rests on."""

from collections.abc import Mapping, Sequence

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from community.members.models import Member, StaffAction
from community.members.registry import Span, measure


@measure("member_days", _("Days since you joined"))
def member_days(members: Sequence[int], span: Span) -> Mapping[int, int]:
    """Whole days, at the end of the span."""
    rows = Member.objects.filter(pk__in=members).values_list("pk", "joined_at")
    return {pk: max(0, (span.ends - joined).days) for pk, joined in rows}


@measure("calm_days", _("Days without a ban"))
def calm_days(members: Sequence[int], span: Span) -> Mapping[int, int]:
    """Days of the span since the last ban; all of them for whoever had none in it."""
    bans = StaffAction.objects.filter(
        target="member", target_id__in=members, verb="ban", at__gte=span.begins, at__lt=span.ends
    )
    last = dict(bans.values("target_id").annotate(last=Max("at")).values_list("target_id", "last"))
    return {pk: (span.ends - last[pk]).days if pk in last else span.days for pk in members}

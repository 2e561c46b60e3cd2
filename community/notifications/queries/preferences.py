"""Which ways notices take, as the member chose or as the kinds themselves say."""

from dataclasses import dataclass

from community.members.models import Member
from community.notifications import registry
from community.notifications.models import Inbox, Preference
from community.notifications.registry import Kind


@dataclass(frozen=True, slots=True)
class KindWays:
    kind: Kind
    site: bool
    mail: bool
    push: bool


def preferences(member: Member) -> tuple[Inbox, list[KindWays]]:
    """The member's inbox with its settings, and the ways of every kind. 2 queries."""
    box = Inbox.objects.filter(pk=member.pk).first() or Inbox(member=member)
    chosen = {row.kind: row for row in Preference.objects.filter(member=member)}
    return box, [_ways(kind, chosen.get(kind.name)) for kind in registry.kinds()]


def mail_is_off(*, member_id: int, kind: str) -> bool:
    """Whether no mail of `kind` ("": of any) goes to this member any more. 3 queries at most."""
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        return False
    _box, ways = preferences(member)
    return not any(one.mail for one in ways if kind in {"", one.kind.name})


def _ways(kind: Kind, row: Preference | None) -> KindWays:
    if row is None:
        return KindWays(kind, site=True, mail=kind.mail, push=kind.push)
    return KindWays(kind, site=row.site or kind.stays, mail=row.mail, push=row.push)

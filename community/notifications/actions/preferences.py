"""Which ways notices take to a member."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.core.clock import now
from community.core.errors import Invalid
from community.core.work import unit
from community.members.models import Member
from community.notifications import registry
from community.notifications.actions.due import mail_time
from community.notifications.actions.holding import hold
from community.notifications.models import Digest, Inbox, Preference

DAY = 24 * 60  # minutes
SAME = gettext_lazy("Quiet hours cannot end at the minute they begin. Choose two different times.")


@dataclass(frozen=True, slots=True)
class Ways:
    """Where a kind of notice is told."""

    site: bool
    mail: bool
    push: bool


@unit
def set_preferences(
    *, member: Member, ways: Mapping[str, Ways], digest: str, quiet_from: int | None, quiet_until: int | None
) -> Inbox:
    """Set how a member is told. Quiet hours are minutes from midnight, in the member's zone; None: there are none.

    Raises `Invalid`.
    """
    if digest not in Digest.values:
        raise Invalid(_("Choose one of the ways."), code="digest_unknown", field="digest")
    if (quiet_from is None) != (quiet_until is None):
        raise Invalid(_("Quiet hours need a beginning and an end."), code="quiet_half", field="quiet_until")
    if not all(0 <= one < DAY for one in (quiet_from, quiet_until) if one is not None):
        raise Invalid(_("Quiet hours lie between 0:00 and 23:59."), code="quiet_invalid", field="quiet_from")
    if quiet_from is not None and quiet_from == quiet_until:
        raise Invalid(str(SAME), code="quiet_same", field="quiet_until")
    hold([member.pk])
    for kind in registry.kinds():
        if kind.name in ways:
            _set(member, kind, ways[kind.name])
    box = Inbox.objects.select_related("member").get(pk=member.pk)
    box.digest, box.quiet_from, box.quiet_until = digest, quiet_from, quiet_until
    if box.mail_at is not None:
        box.mail_at = mail_time(box, now())
    box.save(update_fields=["digest", "quiet_from", "quiet_until", "mail_at"])
    return box


@unit
def unsubscribe(*, member_id: int, kind: str) -> None:
    """No more mail about `kind`; "" is every kind. What is told in the inbox stays. Doing it twice changes nothing."""
    if not Member.objects.filter(pk=member_id).exists():
        return
    hold([member_id])
    for one in registry.kinds():
        if kind in {"", one.name}:
            row = Preference.objects.filter(member_id=member_id, kind=one.name).first()
            Preference.objects.update_or_create(
                member_id=member_id,
                kind=one.name,
                defaults={"mail": False, "site": row.site if row else True, "push": row.push if row else one.push},
            )
    if not kind:
        Inbox.objects.filter(pk=member_id).update(mail_at=None)


def _set(member: Member, kind: registry.Kind, ways: Ways) -> None:
    given = {"site": ways.site or kind.stays, "mail": ways.mail, "push": ways.push}
    Preference.objects.update_or_create(member=member, kind=kind.name, defaults=given)

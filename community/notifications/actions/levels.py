"""Follow, watch, mute: how much a member wants to hear of a place."""

from django.db.models import Q
from django.utils.translation import gettext as _

from community.core.clock import now
from community.core.errors import Invalid, NotAllowed, NotVisible
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer, can_take_part
from community.notifications import registry
from community.notifications.models import Level

MOST = 5_000  # places one member may have a level for


@unit
def set_level(*, member: Viewer, kind: str, target_id: int, level: str) -> str:
    """Say how much `member` wants to hear of a place. Saying it twice changes nothing.

    Raises `NotVisible` for a place there is not, or not for them, `NotAllowed`, `Invalid` for an unknown level.
    """
    if level not in Level.Value.values:
        raise Invalid(_("There is no such level."), code="level_unknown", field="level")
    ensure(can_take_part(member))
    assert isinstance(member, Member)
    look = registry.places_of(kind)
    if look is None or target_id not in look(member, [target_id]):
        raise NotVisible(_("There is nothing here that could be followed."))
    mine = Level.objects.filter(member=member, kind=kind, target_id=target_id)
    if level == Level.Value.NORMAL and kind != Level.Kind.THREAD:
        mine.delete()  # of a thread it is kept: it goes before the level of the places it lies in
        return level
    if not mine.update(level=level, changed_at=now()):
        _check_room(member)
        given = {"level": level, "changed_at": now()}
        Level.objects.update_or_create(member=member, kind=kind, target_id=target_id, defaults=given)
    return level


@unit
def stop_following(one: int, other: int) -> None:
    """Neither of two members follows, or has muted, the other."""
    theirs = Q(member=one, target_id=other) | Q(member=other, target_id=one)
    Level.objects.filter(theirs, kind=Level.Kind.MEMBER).delete()


def _check_room(member: Member) -> None:
    if Level.objects.filter(member=member)[MOST - 1 : MOST].exists():
        raise NotAllowed(_("You follow very many things already. Let go of some first."), code="too_many_levels")

"""Whom something concerns, how loudly, and when a mail about it is due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from community.core.clock import now
from community.members.models import Member
from community.notifications import registry
from community.notifications.models import Digest, Inbox, Level, Preference
from community.notifications.queries import is_quiet
from community.notifications.registry import Happening, Spot, Told

MORNING = 8  # o'clock, where the member is: when gathered mail comes
MONDAY = 0
MUTE, NORMAL, TRACK, WATCH = (Level.Value.MUTE, Level.Value.NORMAL, Level.Value.TRACK, Level.Value.WATCH)


@dataclass(frozen=True, slots=True)
class Heard:
    """How one member is told. Quietly: it stands in the inbox, and no mail and no push speaks of it."""

    told: Told
    quiet: bool = False


def who_hears(happening: Happening, member_ids: Sequence[int], away: frozenset[int]) -> dict[int, Heard]:
    """Those of the members who are to be told: they want to be, they may see it, and they are on speaking terms."""
    levels, off = _levels(happening, member_ids), _switched_off(member_ids)
    wanted = {}
    for pk in member_ids:
        heard = _heard(happening, pk, levels.get(pk, {}), off.get(pk, frozenset()))
        if heard is not None and pk not in away:
            wanted[pk] = heard
    if not wanted:
        return {}
    rows = Member.objects.filter(pk__in=wanted, is_active=True, banned_at=None, email__isnull=False)
    readers = set(happening.readers(list(rows)))
    return {pk: heard for pk, heard in wanted.items() if pk in readers}


def plan_mail(heard: Mapping[int, Heard]) -> None:
    """Have these members (whose inboxes are held) looked at for a mail, if they want one about what they heard."""
    silent = no_mail(list(heard))
    wanting = [pk for pk, one in heard.items() if one.told.kind not in silent[pk]]
    boxes = Inbox.objects.filter(pk__in=wanting, mail_at=None).select_related("member")
    moment, planned = now(), []
    for box in boxes:
        if heard[box.pk].quiet and box.digest == Digest.NONE:
            continue
        box.mail_at = mail_time(box, moment)
        planned.append(box)
    Inbox.objects.bulk_update(planned, ["mail_at"])


def mail_time(box: Inbox, moment: datetime) -> datetime:
    """When a mail about something that happens at `moment` may leave: never in the member's quiet hours."""
    here = moment.astimezone(ZoneInfo(box.member.time_zone or settings.TIME_ZONE))
    if box.digest == Digest.NONE:
        return after_quiet(box, here + timedelta(seconds=settings.NOTICE_MAIL_DELAY)).astimezone(moment.tzinfo)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if box.digest == Digest.WEEKLY:
        morning += timedelta(days=(MONDAY - here.weekday()) % 7)
    if morning <= here:
        morning += timedelta(days=7 if box.digest == Digest.WEEKLY else 1)
    return after_quiet(box, morning).astimezone(moment.tzinfo)


def quiet_until(box: Inbox, moment: datetime) -> datetime | None:
    """The end of the member's quiet hours if `moment` lies in them."""
    here = moment.astimezone(ZoneInfo(box.member.time_zone or settings.TIME_ZONE))
    later = after_quiet(box, here)
    return later.astimezone(moment.tzinfo) if later > here else None


def after_quiet(box: Inbox, here: datetime) -> datetime:
    """`here` (in the member's own zone), or the end of the quiet hours it falls into."""
    begin, end = box.quiet_from, box.quiet_until
    if begin is None or end is None or begin == end:
        return here
    minute = here.hour * 60 + here.minute
    quiet = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not quiet:
        return here
    over = here.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    return over if over > here else over + timedelta(days=1)


def _heard(happening: Happening, pk: int, levels: Mapping[Spot, str], off: frozenset[str]) -> Heard | None:
    own = levels.get(happening.own) if happening.own else None
    if own == MUTE or levels.get(("member", happening.actor_id)) == MUTE:
        return None
    told = happening.persons.get(pk)
    if told is not None and told.kind not in off:
        return Heard(told)
    if happening.followers is None or happening.followers.kind in off:
        return None
    quiet = _as_follower(happening, own, [levels[spot] for spot in happening.places if spot in levels])
    return None if quiet is None else Heard(happening.followers, quiet)


def _as_follower(happening: Happening, own: str | None, levels: Sequence[str]) -> bool | None:
    """Whether a follower hears of it quietly; None: not at all."""
    if is_quiet(own, levels):
        return None
    if own is not None:
        return None if own == NORMAL else own == TRACK
    if WATCH in levels:
        return False
    return True if happening.opens and TRACK in levels else None


def _levels(happening: Happening, member_ids: Sequence[int]) -> dict[int, dict[Spot, str]]:
    spots = {*happening.places, ("member", happening.actor_id)} | ({happening.own} if happening.own else set())
    rows = Level.objects.filter(member_id__in=member_ids, target_id__in={pk for _kind, pk in spots})
    found: dict[int, dict[Spot, str]] = defaultdict(dict)
    for member_id, kind, target_id, level in rows.values_list("member_id", "kind", "target_id", "level"):
        if (kind, target_id) in spots:
            found[member_id][kind, target_id] = level
    return found


def _switched_off(member_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The kinds that each member wants nowhere."""
    stays = [kind.name for kind in registry.kinds() if kind.stays]
    rows = Preference.objects.filter(member_id__in=member_ids, site=False).exclude(kind__in=stays)
    found: dict[int, frozenset[str]] = defaultdict(frozenset)
    for member_id, kind in rows.values_list("member_id", "kind"):
        found[member_id] |= {kind}
    return found


def no_mail(member_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The kinds that each member wants no mail about."""
    return _without("mail", member_ids)


def no_push(member_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The kinds that each member wants no browser to speak of."""
    return _without("push", member_ids)


def _without(way: str, member_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    silent = frozenset(kind.name for kind in registry.kinds() if not getattr(kind, way))
    found = dict.fromkeys(member_ids, silent)
    rows = Preference.objects.filter(member_id__in=member_ids).values_list("member_id", "kind", way)
    for member_id, kind, wanted in rows:
        found[member_id] = found[member_id] - {kind} if wanted else found[member_id] | {kind}
    return found

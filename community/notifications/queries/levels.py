"""How much members want to hear of what."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from community.core.paging import Slice, cut
from community.members.models import Member
from community.notifications import registry
from community.notifications.models import Level
from community.notifications.registry import Place, Spot

PAGE = 30


@dataclass(frozen=True, slots=True)
class Followed:
    """A place that a member has a level for, as the list of them shows it."""

    kind: str
    kind_label: str
    target_id: int
    level: str
    place: Place


def level_of(member_id: int | None, kind: str, target_id: int) -> str:
    """The member's level for the place: "normal" without one. 1 query, none for a visitor."""
    return levels_of(member_id, kind, [target_id])[target_id]


def levels_of(member_id: int | None, kind: str, target_ids: Sequence[int]) -> dict[int, str]:
    """The member's level for each of the places. 1 query, none for a visitor."""
    found = dict.fromkeys(target_ids, Level.Value.NORMAL.value)
    if member_id is not None and target_ids:
        rows = Level.objects.filter(member=member_id, kind=kind, target_id__in=target_ids)
        found |= dict(rows.values_list("target_id", "level"))
    return found


def kinds_followed(*, member: Member) -> list[str]:
    """Of which kinds there is something the member follows or has muted, in the order of `Level.Kind`. 1 query."""
    found = set(_chosen(member).order_by().values_list("kind", flat=True).distinct())
    return [kind for kind in Level.Kind.values if kind in found]


def spots_followed(*, member: Member) -> list[Spot]:
    """All places that the member follows or watches. 1 query."""
    rows = Level.objects.filter(member=member, level__in=[Level.Value.TRACK, Level.Value.WATCH])
    return list(rows.order_by("kind", "target_id").values_list("kind", "target_id"))


def followed(*, member: Member, kind: str = "", cursor: str = "") -> tuple[list[Followed], Slice[Level]]:
    """What the member follows, watches or has muted, of one kind or of all, latest change first, and its slice for the
    pager. A place that is not there for them any more is left out.
    """
    rows = _chosen(member).filter(kind=kind) if kind else _chosen(member)
    found = cut(rows, by=("-changed_at", "-id"), size=PAGE, cursor=cursor)
    ids: dict[str, list[int]] = defaultdict(list)
    for row in found.rows:
        ids[row.kind].append(row.target_id)
    places: dict[Spot, Place] = {}
    for name, wanted in ids.items():
        look = registry.places_of(name)
        places |= {(name, pk): place for pk, place in (look(member, wanted) if look else {}).items()}
    seen = [
        Followed(row.kind, row.get_kind_display(), row.target_id, row.level, places[row.kind, row.target_id])
        for row in found.rows
        if (row.kind, row.target_id) in places
    ]
    return seen, found


def _chosen(member: Member) -> QuerySet[Level]:
    """Without what is normal: of a thread that is written down, too, since it goes before the level of its category."""
    return Level.objects.filter(member=member).exclude(level=Level.Value.NORMAL)

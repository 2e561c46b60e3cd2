"""The lines of an inbox, as their member may see them now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from community.core.paging import Slice, cut
from community.members.models import Member
from community.notifications import registry
from community.notifications.models import Cause, Notice
from community.notifications.registry import Face, Kind

PAGE = 20
FACES = 3  # pictures of people beside a line


@dataclass(frozen=True, slots=True)
class Line:
    """A notice ready to be shown. `face` is None where it leads to what the member may not see (any more)."""

    notice: Notice
    kind: Kind
    words: str
    people: tuple[Member, ...]
    face: Face | None


def inbox(*, member: Member, unread: bool = False, cursor: str = "") -> tuple[list[Line], Slice[Notice]]:
    """A page of the member's inbox, latest first; a number of queries that does not grow with it."""
    rows = Notice.objects.filter(member=member, withdrawn_at=None)
    if unread:
        rows = rows.filter(read_at=None)
    found = cut(rows, by=("-last_at", "-id"), size=PAGE, cursor=cursor)
    return lines_of(member, list(found.rows)), found


def lines_of(member: Member, notices: Sequence[Notice]) -> list[Line]:
    """These notices of the member's as they are shown to them; the rules about seeing are asked now."""
    people = _people(notices)
    faces = _faces(member, notices)
    lines = []
    for notice in notices:
        kind = registry.kind_of(notice.kind)
        if kind is not None:
            mine = [people[pk] for pk in dict.fromkeys(notice.actors) if pk in people]
            face = faces.get(notice.pk)
            words = kind.words(who(mine, notice.people), notice) if face else ""
            lines.append(Line(notice, kind, words, tuple(mine[:FACES]), face))
    return lines


def still_unread(member_id: int, notice_ids: Sequence[int]) -> list[int]:
    """Those of these that are the member's and wait to be read. 1 query."""
    rows = Notice.objects.filter(member=member_id, pk__in=notice_ids, read_at=None, withdrawn_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def told_of(source: str, source_ids: Sequence[int]) -> list[int]:
    """Those of these that somebody was told of. 1 query."""
    rows = Cause.objects.filter(source=source, source_id__in=source_ids)
    return list(rows.values_list("source_id", flat=True).distinct())


def sources_at(target: str, target_id: int) -> set[tuple[str, int]]:
    """What anybody was told of that leads there. 1 query."""
    rows = Cause.objects.filter(notice__target=target, notice__target_id=target_id)
    return set(rows.values_list("source", "source_id").distinct())


def who(people: Sequence[Member], count: int) -> str:
    """ "Ana", "Ana and Ben", "Ana and 3 others": the latest first. Somebody who is gone is "a former member"."""
    if not people and count <= 1:
        return _("a former member")
    first = people[0].display_name if people else _("a former member")
    if count <= 1:
        return pgettext("who did it", "%(name)s") % {"name": first}
    if count == 2 and len(people) > 1:
        return pgettext("who did it", "%(first)s and %(second)s") % {"first": first, "second": people[1].display_name}
    return ngettext("%(name)s and %(n)d other", "%(name)s and %(n)d others", count - 1) % {
        "name": first,
        "n": count - 1,
    }


def _people(notices: Sequence[Notice]) -> dict[int, Member]:
    ids = {pk for notice in notices for pk in notice.actors if pk}
    if not ids:
        return {}
    return {member.pk: member for member in Member.objects.filter(pk__in=ids).select_related("avatar")}


def _faces(member: Member, notices: Sequence[Notice]) -> Mapping[int, Face]:
    groups: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        groups[notice.target].append(notice)
    faces: dict[int, Face] = {}
    for target, mine in groups.items():
        draw = registry.faces_of(target)
        faces |= draw(member, mine) if draw is not None else {}
    return faces

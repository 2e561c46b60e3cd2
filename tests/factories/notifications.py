"""Inboxes for tests: what there is to tell is told by the jobs themselves."""

from collections.abc import Iterable

from django.utils import translation

from community.core.clock import now
from community.members.models import Member
from community.notifications import queries
from community.notifications.models import Inbox, Level, Notice


def texts(member: Member, *, unread: bool = False) -> list[str]:
    """The lines of the member's inbox in English, latest first: "Ben replied to you: Which wax?"."""
    with translation.override("en"):
        lines, _slice = queries.inbox(member=member, unread=unread)
        return [f"{line.words}: {line.face.title}" if line.face else "gone" for line in lines]


def unread(member: Member) -> int:
    return Inbox.objects.filter(pk=member.pk).values_list("unread", flat=True).first() or 0


def assert_counts_are_exact() -> None:
    """What each inbox counts is what its rows say."""
    for box in Inbox.objects.all():
        assert box.unread == Notice.objects.filter(member=box.pk, read_at=None, withdrawn_at=None).count(), box


def follow(members: Iterable[Member], kind: str, target_id: int, level: str = "watch") -> None:
    Level.objects.bulk_create(
        Level(member=member, kind=kind, target_id=target_id, level=level, changed_at=now()) for member in members
    )

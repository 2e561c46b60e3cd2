"""How somebody who has left goes out of inboxes: their own is gone, and nobody follows them any more.

Lines in the inboxes of others name people by id, so they say "former member" from now on.
And what an inbox holds, for its owner's archive.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from community.members.registry import Leaver, Section, archive, eraser
from community.notifications.models import Inbox, Level, Notice, Preference, PushDevice


@eraser("notifications: the inbox")
def erase_inbox(leaver: Leaver) -> None:
    for rows in (Notice, Level, Preference, PushDevice, Inbox):
        rows._default_manager.filter(member_id=leaver.member_id).delete()
    Level.objects.filter(kind=Level.Kind.MEMBER, target_id=leaver.member_id).delete()


@eraser("notifications: notes of the team")
def erase_from_notes(leaver: Leaver) -> None:
    for handle in leaver.handles:
        for row in Notice.objects.filter(note__icontains=handle).only("note").iterator():
            Notice.objects.filter(pk=row.pk).update(note=leaver.mention.sub(rf"\g<1>{leaver.stand_in}", row.note)[:200])


@archive("notices", _("Notices and what you follow"))
def told(member_id: int) -> Iterator[Section]:
    """Who stands behind a notice is said by its number of people: names of others are not one's own to take home."""
    shown = Notice.objects.filter(member_id=member_id, withdrawn_at=None).order_by("-last_at", "-pk")
    fields = ("kind", "subject", "target", "target_id", "number", "note", "people", "count")
    notices = shown.values(*fields, "first_at", "last_at", "read_at", "mailed_at").iterator(500)
    labels = {"last_at": _("when"), "kind": _("kind"), "subject": _("What it is about"), "note": _("Note")}
    yield Section("notices", _("Notices"), notices, labels, of=("notifications.Notice.member",))
    levels = Level.objects.filter(member_id=member_id).order_by("kind", "target_id")
    place = {"kind": _("kind"), "target_id": _("What it is about"), "level": _("level"), "changed_at": _("when")}
    rows = levels.values("kind", "target_id", "level", "changed_at").iterator(500)
    yield Section("levels", _("What you follow and mute"), rows, place, of=("notifications.Level.member",))
    ways = {"kind": _("kind"), "site": _("On this site"), "mail": _("By mail"), "push": _("Push")}
    chosen = Preference.objects.filter(member_id=member_id).order_by("kind").values(*ways)
    yield Section("preferences", _("How you want to be told"), chosen, ways, of=("notifications.Preference.member",))
    inbox = Inbox.objects.filter(member_id=member_id).values("unread", "digest", "quiet_from", "quiet_until")
    hours = {"digest": _("mail"), "quiet_from": _("quiet from"), "quiet_until": _("quiet until")}
    yield Section("inbox", _("Inbox"), inbox, hours, of=("notifications.Inbox.member",))
    yield _browsers(member_id)


def _browsers(member_id: int) -> Section:
    """Which and since when; their addresses at the push services are secrets."""
    rows = PushDevice.objects.filter(member_id=member_id).order_by("pk")
    labels = {"browser": _("Browser"), "system": _("System"), "created_at": _("when")}
    return Section(
        "browsers",
        _("Browsers that show notices"),
        rows.values(*labels),
        labels,
        of=("notifications.PushDevice.member",),
    )

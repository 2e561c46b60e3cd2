"""How somebody who has left goes out of inboxes: their own is gone, and nobody follows them any more.

Lines in the inboxes of others name people by id, so they say "former member" from now on.
"""

from community.members.registry import Leaver, eraser
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

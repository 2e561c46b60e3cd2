"""Notices to browsers whose pages are closed: at most once about each line, and not about what was read meanwhile.

The same two steps as with letters. First, a little after something loud came, a job takes the inbox's row, looks at
what is unread *then*, marks these lines, and queues a message for each browser, all in one transaction: a worker that
is killed has done all of it or nothing. Second, a job for each message writes it, from the rows as they are at that
moment, and hands it to the push service outside of any transaction. If a worker is killed after the service took it,
it is handed over once more: under the same topic it takes the first one's place there, and on the screen as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import ngettext

from community.core import jobs, webpush
from community.core.clock import now
from community.core.work import open_unit, unit
from community.members.models import Member
from community.notifications.actions.due import Heard, no_push, quiet_until
from community.notifications.models import Inbox, Notice, PushDevice
from community.notifications.queries import is_listening, lines_of

ONE_BY_ONE = 3  # lines that have a message each; more of them at once are one message that says how many
FRESH = timedelta(days=1)  # what waited longer than that (no worker ran) stands in the inbox, and is shouted no more
TITLE, TEXT, ADDRESS = 120, 240, 1_000  # characters
GATHERED = "inbox"


def plan_push(heard: Mapping[int, Heard]) -> None:
    """Have those of these members (whose inboxes are held) looked at who hear of it loudly and have a browser."""
    loud = [pk for pk, one in heard.items() if not one.quiet]
    if not loud or not webpush.is_on():
        return
    rows = PushDevice.objects.filter(member__in=loud).order_by("member_id").distinct()
    reachable = list(rows.values_list("member_id", flat=True))
    silent = no_push(reachable) if reachable else {}
    wanting = [pk for pk in reachable if heard[pk].told.kind not in silent[pk]]
    if wanting:
        _look(wanting, now() + timedelta(seconds=settings.NOTICE_PUSH_DELAY))


@unit
def push_to(*, member_id: int) -> int:
    """Queue what this member's browsers are to say now; returns how many messages. In quiet hours: afterwards."""
    rows = Inbox.objects.select_for_update(of=("self",), no_key=True).select_related("member")
    box = rows.filter(pk=member_id).first()
    devices = list(PushDevice.objects.filter(member=member_id).order_by("pk"))
    if box is None or not devices or not box.member.is_welcome:
        return 0
    later = quiet_until(box, now())
    if later is not None:
        _look([member_id], later)
        return 0
    notices = _unpushed(member_id)
    queued = sum(_queue(device, notices) for device in devices)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(pushed_at=now())
    return queued


def deliver(*, device_id: int, notice_ids: Sequence[int]) -> bool:
    """Write a message and hand it over, if there still is something to say; returns whether one was. For jobs.

    Raises `webpush.ComeBack` when the service is busy and `webpush.Refused` when it does not want this one.
    """
    device = PushDevice.objects.select_related("member").filter(pk=device_id).first()
    if device is None or _waits_for_morning(device, notice_ids):
        return False
    if not is_listening(device):
        return _forget(device)
    message = _message(device.member, notice_ids)
    if message is None:
        return False
    try:
        webpush.send(device.place, message, topic=message["tag"])
    except webpush.Gone:
        return _forget(device)
    PushDevice.objects.filter(pk=device.pk).update(reached_at=now())
    return True


def _look(member_ids: Sequence[int], at: datetime) -> None:
    jobs.enqueue("notifications.push", at=at, member_ids=list(member_ids))


def _unpushed(member_id: int) -> list[Notice]:
    rows = Notice.objects.filter(
        member=member_id, read_at=None, withdrawn_at=None, pushed_at=None, quiet=False, last_at__gte=now() - FRESH
    )
    return list(rows.exclude(kind__in=no_push([member_id])[member_id]).order_by("last_at", "id"))


def _queue(device: PushDevice, notices: Sequence[Notice]) -> int:
    """A browser that was added yesterday is not told what happened before."""
    mine = [notice.pk for notice in notices if notice.last_at >= device.created_at]
    messages = [[pk] for pk in mine] if len(mine) <= ONE_BY_ONE else [mine]
    for notice_ids in messages:
        _enqueue(device, notice_ids)
    return len(messages)


def _waits_for_morning(device: PushDevice, notice_ids: Sequence[int]) -> bool:
    """A message that a busy service kept back until the quiet hours began comes after them."""
    box = Inbox.objects.select_related("member").filter(pk=device.member_id).first()
    later = quiet_until(box, now()) if box is not None else None
    if later is None:
        return False
    with open_unit():
        _enqueue(device, notice_ids, later)
    return True


def _enqueue(device: PushDevice, notice_ids: Sequence[int], at: datetime | None = None) -> None:
    ids = list(notice_ids)
    jobs.enqueue("notifications.deliver", queue="push", at=at, device_id=device.pk, notice_ids=ids)


def _forget(device: PushDevice) -> bool:
    PushDevice.objects.filter(pk=device.pk).delete()
    return False


def _message(member: Member, notice_ids: Sequence[int]) -> dict[str, Any] | None:
    """What the screen says, in the member's language: nothing that does not stand in the inbox as well."""
    rows = Notice.objects.filter(pk__in=notice_ids, member=member, read_at=None, withdrawn_at=None)
    notices = list(rows.exclude(kind__in=no_push([member.pk])[member.pk]).order_by("-last_at", "-id"))
    with translation.override(member.language), timezone.override(member.time_zone or settings.TIME_ZONE):
        lines = [line for line in lines_of(member, notices) if line.face is not None]
        if not lines:
            return None
        ids, face = [line.notice.pk for line in lines], lines[0].face
        assert face is not None
        message = {"tag": f"n{ids[0]}", "ids": ids, "lang": member.language}
        if len(lines) > 1:
            title = ngettext("%(n)d notice for you", "%(n)d notices for you", len(lines)) % {"n": len(lines)}
            url = reverse("notifications:inbox")
            return message | {"title": title, "text": _cut(lines[0].words, TEXT), "url": url, "tag": GATHERED}
        text = "\n".join(filter(None, (_cut(face.title, TITLE), _cut(face.excerpt, TEXT))))
        url = face.url if len(face.url) <= ADDRESS else reverse("notifications:inbox")
        return message | {"title": _cut(lines[0].words, TITLE), "text": text, "url": url}


def _cut(text: str, limit: int) -> str:
    return Truncator(" ".join(text.split())).chars(limit)

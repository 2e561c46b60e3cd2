"""Mail about what is still unread: one letter for all of it, at most once about each thing.

When something loud comes, the inbox notes when to look (`mail_at`: after a delay, or on the morning of a gathered
letter, never in quiet hours). A job looks each minute. It takes the inbox's row, so two workers never write the same
letter, and decides by what is unread *then*: what was read on the telephone meanwhile is not written about. The letter
itself is a job of the same transaction; a line that is in it is marked, and no later letter has it.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from community.core.clock import now
from community.core.work import unit
from community.members.models import Member
from community.members.queries import has_verified_address
from community.notifications.actions.due import after_quiet, no_mail
from community.notifications.actions.tokens import token
from community.notifications.models import Digest, Inbox, Notice
from community.notifications.queries import Line, lines_of

LINES = 12  # of a letter; the rest is a number
BOXES = 100


def write_due() -> int:
    """Write the letters that are due now, each in a transaction of its own; returns how many were written."""
    due = Inbox.objects.filter(mail_at__lte=now()).order_by("mail_at").values_list("pk", flat=True)
    return sum(write_to(member_id=member_id) for member_id in list(due[:BOXES]))


@unit
def write_to(*, member_id: int) -> bool:
    """Write this member's letter if it is due and there is something to say; returns whether one was written."""
    rows = Inbox.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("member")
    box = rows.filter(pk=member_id, mail_at__lte=now()).first()
    if box is None:
        return False
    here = now().astimezone(ZoneInfo(box.member.time_zone or settings.TIME_ZONE))
    later = after_quiet(box, here)
    if later > here:
        Inbox.objects.filter(pk=box.pk).update(mail_at=later)
        return False
    notices = _unread(box)
    written = bool(notices) and _may_write(box.member) and _send(box, notices)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now())
    Inbox.objects.filter(pk=box.pk).update(mail_at=None)
    return written


def _unread(box: Inbox) -> list[Notice]:
    rows = Notice.objects.filter(member=box.pk, read_at=None, withdrawn_at=None, mailed_at=None)
    loud = Q() if box.digest != Digest.NONE else Q(quiet=False)  # a gathered letter has the quiet ones as well
    rows = rows.filter(loud).exclude(kind__in=no_mail([box.pk])[box.pk])
    return list(rows.order_by("-last_at", "-id"))


def _may_write(member: Member) -> bool:
    return member.is_welcome and bool(member.email) and has_verified_address(member)


def _send(box: Inbox, notices: Sequence[Notice]) -> bool:
    member = box.member
    with translation.override(member.language), timezone.override(member.time_zone or settings.TIME_ZONE):
        lines = [line for line in lines_of(member, notices[:LINES]) if line.face is not None]
        if not lines:
            return False
        kinds = {line.kind.name for line in lines}
        way_out = token(member.pk, kinds.pop() if len(kinds) == 1 and box.digest == Digest.NONE else "")
        shown = {
            "member": member,
            "email": member.email,
            "lines": lines,
            "more": len(notices) - len(lines),
            "only": lines[0].face if len(notices) == 1 else None,  # where the one button leads, if not to the inbox
            "digest": box.digest != Digest.NONE,
            "origin": settings.SITE_ORIGIN,
            "site_name": settings.SITE_NAME,
            "way_out": f"{settings.SITE_ORIGIN}{reverse('notifications:unsubscribe', args=[way_out])}",
        }
        text = render_to_string("notifications/email/notices.txt", shown).strip() + "\n"
        html = render_to_string("notifications/email/notices.html", shown)
        message = EmailMultiAlternatives(
            _subject(lines, digest=box.digest), text, settings.DEFAULT_FROM_EMAIL, [str(member.email)],
            headers=_headers(member, notices, lines, shown["way_out"]),
        )  # fmt: skip
    message.attach_alternative(html, "text/html")
    message.send()
    return True


def _subject(lines: Sequence[Line], *, digest: str) -> str:
    first = lines[0]
    assert first.face is not None
    if digest != Digest.NONE:
        return ngettext("%(n)d notice for you", "%(n)d notices for you", len(lines)) % {"n": len(lines)}
    if len(lines) == 1:
        return " ".join(f"{first.words}: {first.face.title}".split())
    more = len(lines) - 1
    return ngettext("%(words)s, and %(n)d more", "%(words)s, and %(n)d more", more) % {
        "words": " ".join(first.words.split()),
        "n": more,
    }


def _headers(member: Member, notices: Sequence[Notice], lines: Sequence[Line], way_out: str) -> dict[str, str]:
    """Letters about one thread stand together in mail programs: they all answer a letter of its own, which nobody got.

    The id names the newest line, so that a letter that is sent again after a crash is known as the same one.
    """
    host = settings.SITE_ORIGIN.partition("://")[2].partition(":")[0]
    newest = notices[0]
    headers = {
        "Message-ID": f"<notice.{newest.pk}.{newest.count}.{member.pk}@{host}>",
        "List-Id": f"{settings.SITE_NAME} <notices.{host}>",
        "List-Unsubscribe": f"<{way_out}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    places = {(line.notice.target, line.notice.target_id) for line in lines}
    if len(places) == 1:
        target, target_id = places.pop()
        root = f"<{target}.{target_id}.{member.pk}@{host}>"
        headers |= {"In-Reply-To": root, "References": root}
    return headers

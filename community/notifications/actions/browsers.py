"""Which browsers show a member's notices: added by the member in that very browser, gone with its sign-in."""

from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from community.core import webpush
from community.core.clock import now
from community.core.devices import device_of
from community.core.errors import Conflict, NotVisible
from community.core.verdicts import ensure
from community.core.webpush import Browser
from community.core.work import unit
from community.members.actions import sign_in_of
from community.members.models import Member
from community.members.permissions import can_take_part
from community.notifications.models import PushDevice

MOST = 20  # browsers of one member; the oldest makes room


@unit
def add_browser(*, member: Member, browser: Browser, session_key: str, user_agent: str, address: str) -> PushDevice:
    """Have this browser show the member's notices. Saying it twice changes nothing; one that had another address, or
    listened for somebody else before, has this one now.

    Raises `Invalid` for what is no address of a browser, `NotAllowed`, `Conflict` if somebody else's is only guessed.
    """
    ensure(can_take_part(member))
    if not webpush.is_on():
        raise NotVisible(_("This site sends no notices to browsers."))
    webpush.checked(browser)
    sign_in = sign_in_of(member_id=member.pk, session_key=session_key, user_agent=user_agent, address=address)
    there = PushDevice.objects.select_for_update().filter(endpoint=browser.endpoint).first()
    if there is not None and there.member_id != member.pk and not constant_time_compare(there.auth, browser.auth):
        raise Conflict(_("This browser is known with other keys. Switch it off and on again."), code="push_keys_differ")
    PushDevice.objects.filter(sign_in=sign_in).exclude(endpoint=browser.endpoint).delete()
    given = {"member": member, "sign_in": sign_in, "p256dh": browser.p256dh, "auth": browser.auth}
    given |= dict(zip(("browser", "system"), device_of(user_agent), strict=True))
    if there is None or there.member_id != member.pk:
        given |= {"created_at": now(), "reached_at": None}
    device, _new = PushDevice.objects.update_or_create(endpoint=browser.endpoint, defaults=given)
    _make_room(member)
    return device


@unit
def remove_browser(*, member: Member, device_id: int) -> None:
    """Have it show nothing more. Raises `NotVisible` for one that is not the member's."""
    gone, _rows = PushDevice.objects.filter(pk=device_id, member=member).delete()
    if not gone:
        raise NotVisible(_("This browser shows no notices any more."))


@unit
def forget_browsers(*, member_id: int = 0, session_key: str = "") -> None:
    """Those of a member, or of a session that has ended, show nothing more."""
    which = Q(member_id=member_id) if member_id else Q(sign_in__session_key=session_key)
    PushDevice.objects.filter(which).delete()


def _make_room(member: Member) -> None:
    rows = PushDevice.objects.filter(member=member).order_by("-created_at", "-pk")
    too_many = list(rows.values_list("pk", flat=True)[MOST:])
    PushDevice.objects.filter(pk__in=too_many).delete()

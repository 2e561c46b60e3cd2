"""The browsers that show a member's notices while the site is closed."""

from community.members.models import Member
from community.members.queries import sign_ins_of
from community.notifications.models import PushDevice


def browsers_of(member: Member) -> list[PushDevice]:
    """Those in which the member is signed in still, the latest first. 3 queries."""
    good = [row.pk for row in sign_ins_of(member)]
    rows = PushDevice.objects.filter(member=member, sign_in__in=good).select_related("sign_in")
    return list(rows.order_by("-created_at", "-pk"))


def browser_of(member: Member, session_key: str) -> PushDevice | None:
    """The one that the member is signed in with by this session. 3 queries."""
    return next((device for device in browsers_of(member) if device.sign_in.session_key == session_key), None)


def is_listening(device: PushDevice) -> bool:
    """Whether the sign-in it belongs to would still open the door (S7): whoever signed out hears nothing more."""
    member = device.member
    return member.is_welcome and any(row.pk == device.sign_in_id for row in sign_ins_of(member))

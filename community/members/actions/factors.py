"""The second factor: codes that are used once, and what having one means for a member."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt, encrypt
from django.db.models import F
from django.utils.crypto import constant_time_compare

from community.core import facts
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.actions.accounts import _locked, note
from community.members.actions.sign_ins import end_other_sign_ins
from community.members.facts import SecondFactorChanged
from community.members.models import Member
from community.members.permissions import can_reset_factor

PRIMARY = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@unit
def spend_code(*, member_id: int, code: str) -> Authenticator | None:
    """The app or the recovery codes that `code` comes from, and it is spent; None for a wrong or used one.

    Both kinds are used up under the row's lock: of two processes that are given one code at once, one takes it.
    """
    rows = Authenticator.objects.select_for_update().filter(user_id=member_id).exclude(type=Authenticator.Type.WEBAUTHN)
    for row in rows.order_by("-type"):
        if row.type == Authenticator.Type.TOTP:
            if _spend_totp(row, code):
                return row
        elif row.wrap().validate_code(code):
            row.refresh_from_db()
            return row
    return None


def _spend_totp(row: Authenticator, code: str) -> bool:
    """RFC 6238 5.2: a code is good once. Its counter is kept, and neither it nor an older one counts again."""
    secret, typed = decrypt(row.data["secret"]), "".join(code.split())
    for counter in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, counter))
        if constant_time_compare(typed, expected) and counter > row.data.get("counter", 0):
            # Encrypted anew each time, so that a key that is being rotated out goes out of use.
            row.data = row.data | {"counter": counter, "secret": encrypt(secret)}
            row.save(update_fields=["data"])
            return True
    return False


@unit
def settle_second_factor(*, member_id: int, keep_key: str = "") -> Member:
    """Count a member's factors anew after one came or went.

    With the first one every other session ends: none of them has shown it.
    """
    member = _locked(member_id)
    present = Authenticator.objects.filter(user_id=member_id, type__in=PRIMARY).exists()
    if present == member.second_factor:
        return member
    member.second_factor = present
    member.save(update_fields=["second_factor"])
    facts.record(SecondFactorChanged(member_id=member_id, present=present))
    return end_other_sign_ins(member_id=member_id, keep_key=keep_key) if present else member


@unit
def reset_second_factor(*, by: Member, member_id: int, reason: str) -> Member:
    """Take away the factors of a member who has lost them; signing in is by password or mail again.

    Every session ends. Raises `NotAllowed`, `Invalid` (no reason).
    """
    member = _locked(member_id)
    ensure(can_reset_factor(by, member))
    Authenticator.objects.filter(user_id=member_id).delete()
    Member.objects.filter(pk=member_id).update(second_factor=False, session_epoch=F("session_epoch") + 1)
    note(by=by, verb="reset_second_factor", target="member", target_id=member_id, reason=reason)
    facts.record(SecondFactorChanged(member_id=member_id, present=False))
    member.refresh_from_db()
    return member

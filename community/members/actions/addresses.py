"""The way back to an old address: who has taken an account over changes its address first."""

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import Conflict
from community.core.work import unit
from community.members.actions.accounts import _locked
from community.members.facts import AddressTakenBack
from community.members.models import AddressChange, KnownDevice, Member, SignIn
from community.members.queries import WAY_BACK, digest_of, find_way_back


@unit
def keep_way_back(*, member_id: int, old_email: str) -> str:
    """Remember a change of address; returns the key for the mail to the old one. The key itself is kept nowhere."""
    key = secrets.token_urlsafe(32)
    AddressChange.objects.create(member_id=member_id, old_email=old_email.lower(), digest=digest_of(key), at=now())
    return key


@unit
def take_address_back(*, key: str) -> Member:
    """Give the account back to its old address: every session ends, and so does what was set up since.

    That is the password, and factors and changes of address that are younger than this one. Raises `NotVisible`,
    `Conflict` (email_taken).
    """
    row = find_way_back(key)
    member = _locked(row.member_id)
    _put_address(member, row.old_email)
    member.set_unusable_password()
    member.save(update_fields=["password"])
    Authenticator.objects.filter(user_id=member.pk, created_at__gte=row.at).delete()
    left = Authenticator.objects.filter(user_id=member.pk).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
    if not left:
        Authenticator.objects.filter(user_id=member.pk).delete()
    Member.objects.filter(pk=member.pk).update(second_factor=left, session_epoch=F("session_epoch") + 1)
    SignIn.objects.filter(member=member).delete()
    KnownDevice.objects.filter(member=member, seen_at__gte=row.at).delete()
    AddressChange.objects.filter(member=member, at__gte=row.at).delete()
    facts.record(AddressTakenBack(member_id=member.pk))
    member.refresh_from_db()
    return member


def _put_address(member: Member, email: str) -> None:
    try:
        with transaction.atomic():
            Member.objects.filter(pk=member.pk).update(email=email)
            EmailAddress.objects.filter(user=member).delete()
            EmailAddress.objects.create(user=member, email=email, primary=True, verified=True)
    except IntegrityError as error:
        message = _("The address belongs to another account by now. Please write to the team.")
        raise Conflict(message, code="email_taken") from error
    member.email = email


@unit
def forget_address_changes() -> int:
    """Delete old addresses whose days are over; returns how many."""
    return AddressChange.objects.filter(at__lte=now() - WAY_BACK).delete()[0]

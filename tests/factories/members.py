"""People for tests. Ordinary ones come in through the same action as everybody."""

import time
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.db import connection
from django.test import Client

from community.members import actions
from community.members.models import Member

PASSWORD = "seven quiet kettles"


def late_numbers() -> None:
    """Members who are made from now on have numbers of several digits, as on a site that has been there for a while."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('members_member', 'id')")
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT setval(%s, greatest(nextval(%s), 4710))", [sequence, sequence])


def make_member(
    name: str, *, role: str = Member.Role.MEMBER, trust_level: int = Member.Trust.NEIGHBOUR, **given: Any
) -> Member:
    """A member with a confirmed address <name>@example.com, the handle `name`, and no password unless given.

    They have been here for a while: `trust_level=0` makes a newcomer.

    Staff count as having a second factor, so that their office is open; `give_app` sets a real one up.
    """
    member = actions.sign_up(
        **{
            "email": f"{name}@example.com",
            "display_name": name.capitalize(),
            "handle": name,
            "language": "en",
            "verified": True,
        }
        | given
    )
    member.trust_level = trust_level
    if role != Member.Role.MEMBER:
        member.role, member.second_factor = role, True
    member.save(update_fields=["role", "second_factor", "trust_level"])
    return member


def make_imported(name: str, *, origin_id: str) -> Member:
    """An author who came with an import and cannot sign in."""
    member = Member(
        email=None,
        handle=f"import_{origin_id}",
        origin="se-quantum",
        origin_id=origin_id,
        joined_at="2020-01-01T00:00Z",
    )
    member.rename(name)
    member.set_unusable_password()
    member.save()
    return member


def give_app(member: Member) -> str:
    """Set up an authenticator app and recovery codes for a member, as the pages do; returns the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    RecoveryCodes.activate(member)
    Member.objects.filter(pk=member.pk).update(second_factor=True)
    member.refresh_from_db()
    return secret


def secret_of(member: Member) -> str:
    """The secret of the app that `give_app` has set up."""
    app = Authenticator.objects.get(user_id=member.pk, type=Authenticator.Type.TOTP)
    return str(get_adapter().decrypt(app.data["secret"]))


def code_of(secret: str, *, ahead: int = 0) -> str:
    """What the app shows now, or `ahead` half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def proven(client: Client, member: Member, *, method: str = "mfa") -> Client:
    """This browser, whose member has just shown who they are (`accounts.proof`)."""
    session = client.session
    session["account_authentication_methods_user"] = str(member.pk)
    session["account_authentication_methods"] = [{"method": method, "at": time.time(), "reauthenticated": True}]
    session.save()
    return client

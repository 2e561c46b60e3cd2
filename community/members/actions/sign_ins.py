"""Sessions in words: where one is signed in, since when, and how to end it."""

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.devices import device_of, network_of
from community.core.errors import NotVisible
from community.core.work import unit
from community.members.facts import SignedOut, SignedOutElsewhere
from community.members.models import KnownDevice, Member, SignIn

SEEN_EVERY = timedelta(minutes=10)
DEVICE_DAYS = 400  # as long as a browser keeps a cookie
REMEMBERED = 20_000
_seen: dict[str, float] = {}

# Says nothing where nothing is to be said: no row is written twice in ten minutes, by how many processes ever.
_SEE = """
INSERT INTO members_signin AS s (member_id, session_key, browser, system, network, began_at, seen_at)
SELECT %(member)s, session_key, %(browser)s, %(system)s, %(network)s, %(now)s, %(now)s
FROM django_session WHERE session_key = %(key)s
ON CONFLICT (session_key) DO UPDATE SET seen_at = EXCLUDED.seen_at, network = EXCLUDED.network
WHERE s.seen_at < %(before)s AND s.member_id = EXCLUDED.member_id
"""


@unit
def begin_sign_in(*, member_id: int, session_key: str, user_agent: str, address: str, device: str) -> bool:
    """Write down a sign-in; says whether this browser is new to the member. `device` is its own cookie's value."""
    digest = salted_hmac("community.members.device", f"{member_id}:{device}", algorithm="sha256").hexdigest()
    _row, is_new = KnownDevice.objects.update_or_create(member_id=member_id, digest=digest, defaults={"seen_at": now()})
    see(member_id=member_id, session_key=session_key, user_agent=user_agent, address=address)
    return is_new


def see(*, member_id: int, session_key: str, user_agent: str, address: str) -> None:
    """Remember that a session is in use. Costs a look into a table of the process; every ten minutes one statement."""
    instant = time.monotonic()
    last = _seen.get(session_key)
    if last is not None and instant - last < SEEN_EVERY.total_seconds():
        return
    if len(_seen) >= REMEMBERED:
        _seen.clear()
    _seen[session_key] = instant
    device = device_of(user_agent)
    values: dict[str, Any] = {
        "member": member_id,
        "key": session_key,
        "browser": device.browser,
        "system": device.system,
        "network": network_of(address),
        "now": now(),
        "before": now() - SEEN_EVERY,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEE, values)


def sign_in_of(*, member_id: int, session_key: str, user_agent: str, address: str) -> SignIn:
    """The sign-in of a session that is in use; it is written down if it was not yet. Raises `NotVisible`."""
    mine = SignIn.objects.filter(member_id=member_id, session_key=session_key)
    row = mine.first()
    if row is None:
        _seen.pop(session_key, None)
        see(member_id=member_id, session_key=session_key, user_agent=user_agent, address=address)
        row = mine.first()
    if row is None:
        raise NotVisible(_("This sign-in has ended already."))
    return row


@unit
def move_sign_in(*, member_id: int, old_key: str, new_key: str) -> None:
    """A session got a new key (Django does so when the password changes): it is still the same sign-in."""
    SignIn.objects.filter(member_id=member_id, session_key=new_key).delete()
    SignIn.objects.filter(member_id=member_id, session_key=old_key).update(session_key=new_key)


@unit
def end_sign_in(*, member_id: int, sign_in_id: int) -> None:
    """End one session of the member, its sockets with it. Raises `NotVisible` for one that is not theirs."""
    row = SignIn.objects.select_for_update().filter(pk=sign_in_id, member_id=member_id).first()
    if row is None:
        raise NotVisible(_("This sign-in has ended already."))
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()
    facts.record(SignedOut(member_id=member_id, session_key=row.session_key))


@unit
def end_other_sign_ins(*, member_id: int, keep_key: str = "") -> Member:
    """End every session, wherever it is kept: their hash holds the epoch. Who asked has to re-sign their own."""
    Member.objects.filter(pk=member_id).update(session_epoch=F("session_epoch") + 1)
    others = SignIn.objects.filter(member_id=member_id).exclude(session_key=keep_key)
    Session.objects.filter(session_key__in=others.values("session_key")).delete()
    others.delete()
    facts.record(SignedOutElsewhere(member_id=member_id))
    return Member.objects.get(pk=member_id)


@unit
def forget_ended_sign_ins() -> int:
    """Delete what is known of sessions and browsers that are gone; returns how many sign-ins."""
    KnownDevice.objects.filter(seen_at__lt=now() - timedelta(days=DEVICE_DAYS)).delete()
    stale = now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    gone = SignIn.objects.filter(~Exists(Session.objects.filter(session_key=OuterRef("session_key"))))
    return gone.delete()[0] + SignIn.objects.filter(began_at__lt=stale, seen_at__lt=stale).delete()[0]

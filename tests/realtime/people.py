"""Signed-in members for socket tests."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from community.members.models import Member


def make_member(handle: str, **fields: Any) -> Member:
    member = Member(handle=handle, display_name=handle, name_skeleton=handle, joined_at=timezone.now(), **fields)
    member.email = f"{handle}@example.test"
    member.set_password("a long enough password")
    member.save()
    return member


def sign_in(member: Member) -> str:
    """A session of the member; returns its key."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def cookie_of(session_key: str) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={session_key}"

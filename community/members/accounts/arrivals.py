"""When somebody has come in: the sign-in is written down, and a device we have not seen is told by mail."""

import secrets

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from community.core.devices import device_of, network_of
from community.members import actions
from community.members.actions.sign_ins import DEVICE_DAYS
from community.members.models import Member


def arrive(request: HttpRequest, response: HttpResponse, member: Member, *, is_new_member: bool) -> None:
    """Remember the sign-in and the browser; a mail goes out if the browser is a new one and the member is not."""
    agent, address = request.headers.get("User-Agent", ""), str(request.META.get("REMOTE_ADDR", ""))
    device = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")[:64] or secrets.token_urlsafe(24)
    is_new = actions.begin_sign_in(
        member_id=member.pk,
        session_key=str(request.session.session_key),
        user_agent=agent,
        address=address,
        device=device,
    )
    # Sent to the door only: no other page needs it, and visitors' pages stay the same for everybody.
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        device,
        max_age=DEVICE_DAYS * 24 * 3600,
        path=reverse("account_login").removesuffix("login/"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if is_new and not is_new_member:
        words = {"device": device_of(agent), "network": network_of(address)}
        get_adapter().send_notification_mail("account/email/new_device", member, words)

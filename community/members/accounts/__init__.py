"""How django-allauth does things here: who may come in, which mails go out, what happens at the door.

The flows are allauth's; this package is the one place where they are told about members.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as django_logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from community.core.clock import now
from community.core.prepared import Given, Prepared
from community.core.templatetags.ui import THEME_COOKIE
from community.members import actions
from community.members.accounts.arrivals import arrive
from community.members.accounts.proof import is_fresh
from community.members.models import Member
from community.members.queries import WAY_BACK, newest_asked, who_signs_in

SHOWN_IN_MAILS = (
    "code",
    "from_email",
    "to_email",
    "timestamp",
    "back",
    "days",
    "device",
    "network",
    "left",
    "told",
    "until",
)
THEME_AGE = 365 * 24 * 3600
_MEMBER: Prepared[Member] = Prepared(
    lambda: (
        Member.objects.select_related("avatar")
        .annotate(terms_asked=newest_asked(Given("now")))  # type: ignore[no-redef]
        .filter(pk=Given("member_id"))
    ),
)


class Backend(AuthenticationBackend):
    """Passwords by e-mail address; a banned member is nobody, on every request."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        return isinstance(user, Member) and user.is_welcome

    def _authenticate_by_email(self, email: str, password: str) -> AbstractBaseUser | None:
        # One query whether or not there is an account; allauth's own way asks a second table for unknown ones (S19).
        return self._check_password(Member.objects.filter(email=email.lower()).first(), password)

    def get_user(self, user_id: int) -> Member | None:
        # With the picture, which every page shows in its head, and the newest terms, which every page asks about.
        member = _MEMBER.first(member_id=user_id, now=now())
        return member if self.user_can_authenticate(member) else None


class Adapter(DefaultAccountAdapter):
    """allauth's questions, answered for members."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("The address or the password is not right. You can also sign in with a code."),
        "email_taken": _("This address belongs to another account."),
        "duplicate_email": _("This is your address already."),
        "enter_current_password": _("That is not your present password."),
        "incorrect_code": _("That is not the code we sent. Look for the newest mail."),
        "incorrect_password": _("That is not your password."),
        "too_many_login_attempts": _("Too many tries with this code. Please ask for a new one."),
        "rate_limited": _("That was a little fast. Please wait a moment."),
    }

    def is_safe_url(self, url: str) -> bool:
        """Only places of this site (S17)."""
        request = allauth_context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **hook: Any) -> HttpResponse | None:
        assert isinstance(user, Member)
        if not user.is_welcome:
            clear_login(request)
            return self.respond_user_inactive(request, user)
        if _proved_by_mail_first(request, user, signup=hook["signup"]):
            # Somebody else may have signed up with this address and a password of theirs before its owner came.
            actions.drop_password(member_id=user.pk)
            user.refresh_from_db()
        return super().pre_login(request, user, **hook)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **hook: Any) -> HttpResponse:
        assert isinstance(user, Member)
        response = super().post_login(request, user, **hook)
        arrive(request, response, user, is_new_member=hook["signup"])
        if user.erase_at is not None and actions.stay(member_id=user.pk):
            messages.success(request, _("Welcome back! Your account stays; nothing was erased."))
        if user.theme != Member.Theme.AUTO:  # else this browser keeps the choice it has
            keep_theme(response, user.theme)
        return response

    def logout(self, request: HttpRequest) -> None:
        member, session_key = request.user, request.session.session_key
        django_logout(request)
        if isinstance(member, Member) and session_key:
            actions.sign_out(member_id=member.pk, session_key=session_key)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not is_fresh(self.request)

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """As allauth does it, without the visitor's address and agent; an old address is shown the way back."""
        assert isinstance(user, Member)
        given: dict[str, Any] = {"user": user, "timestamp": now()} | (context or {})
        if template_prefix == "account/email/email_changed":
            key = actions.keep_way_back(member_id=user.pk, old_email=given["from_email"])
            given |= {"back": reverse("account_address_back", args=[key]), "days": WAY_BACK.days}
        to = email or user.email
        if to:
            self.send_mail(template_prefix, to, given)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        assert isinstance(user, Member)
        user.password = actions.change_password(member_id=user.pk, password=password).password

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Text and HTML in the language of the member, else of the page; links from the configured origin (S33)."""
        member = context.get("user") or who_signs_in(email)
        language = member.language if isinstance(member, Member) else get_language()
        shown: dict[str, Any] = {key: context[key] for key in SHOWN_IN_MAILS if key in context}
        shown |= {"member": member, "email": email, "origin": settings.SITE_ORIGIN, "site_name": settings.SITE_NAME}
        with translation.override(language):
            if template_prefix in SECURITY_EVENTS:
                shown["told"], template_prefix = SECURITY_EVENTS[template_prefix], "account/email/security"
            subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", shown).split())
            text = render_to_string(f"{template_prefix}_message.txt", shown).strip() + "\n"
            html = render_to_string(f"{template_prefix}_message.html", shown)
        message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [email])
        message.attach_alternative(html, "text/html")
        message.send()


# What allauth's second factors write mails about, each in one sentence.
SECURITY_EVENTS = {
    "mfa/email/totp_activated": _("An authenticator app was set up for your account."),
    "mfa/email/totp_deactivated": _("The authenticator app of your account was removed."),
    "mfa/email/webauthn_added": _("A passkey was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey of your account was removed."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account. The old ones have ended."),
    "mfa/email/recovery_code_used": _("Somebody signed in with one of your recovery codes."),
    "members/second_factor_reset": _("The team has taken the second factor off your account, as you asked."),
}


def keep_theme(response: HttpResponse, theme: str) -> None:
    """Give the browser the member's choice: pages read the cookie, so that the other theme never flashes."""
    if theme == Member.Theme.AUTO:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=THEME_AGE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )


def _proved_by_mail_first(request: HttpRequest, member: Member, *, signup: bool) -> bool:
    """Whether a code from the mailbox is what opens an account with a password that nobody has ever come in with."""
    if signup or member.last_login is not None or not member.has_usable_password():
        return False
    return any(record["method"] == "code" for record in get_authentication_records(request, member))

"""How allauth's second factors are kept and named here, and how codes are asked for."""

import base64
import hashlib
import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms as base
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from cryptography.fernet import Fernet, MultiFernet
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.members import actions
from community.members.forms import dress
from community.members.models import Member

NAME_LIMIT = 40


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted under a key that is made of SECRET_KEY; the site's name comes from the settings (S33)."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That is not the code, or it has been used. Look at the app again."),
        "unverified_email": _("Confirm your e-mail address first: it is the way back in if you lose your phone."),
        "cannot_generate_recovery_codes": _("Recovery codes go with an app or a passkey: set one up first."),
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return str(settings.SITE_NAME)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        assert isinstance(user, Member)
        return f"@{user.handle}"  # an app shows it on a telephone that others may look at: no address

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_ORIGIN).hostname or "", "name": str(settings.SITE_NAME)}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        assert isinstance(user, Member)
        # The browser hands this back at a sign-in, and allauth reads it as it writes such ids.
        return {"id": user_pk_to_url_str(user).encode(), "display_name": user.display_name, "name": f"@{user.handle}"}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey %(n)d") % {"n": count + 1}


def home_of_passkeys() -> str:
    """The name that passkeys of this site belong to; "" for a site that has but a number (WebAuthn 5.1.2)."""
    name = urlsplit(settings.SITE_ORIGIN).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    return ""


def passkeys_work_here(request: HttpRequest) -> bool:
    """Browsers make and use them only on a page under that name, not where the same site is reached otherwise."""
    name, here = home_of_passkeys(), urlsplit(f"//{request.get_host()}").hostname or ""
    return bool(name) and (here == name or here.endswith(f".{name}"))


def _box() -> MultiFernet:
    """The first key encrypts, the ones that are being rotated out still open."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(str(secret)))) for secret in secrets])


def _derived(secret: str) -> bytes:
    return hashlib.sha256(f"community.members.factors:{secret}".encode()).digest()


def dress_code_field(field: forms.Field, label: Any, *, help_text: Any = "") -> None:
    dress(field, label, help_text=help_text, inputmode="numeric", autocomplete="one-time-code", spellcheck="false")


class SecondStepForm(base.AuthenticateForm):
    """The code after password or mail: of the app, or one of the recovery codes. Each is good once."""

    reauthenticated = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code_field(self.fields["code"], _("Code"), help_text=_("From your app, or one of your recovery codes."))

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        found = actions.spend_code(member_id=self.user.pk, code=code)
        if found is None:
            raise FactorAdapter().validation_error("incorrect_code")
        found.user = self.user
        self.authenticator = found
        return code

    def save(self) -> None:
        request = allauth_context.request
        post_authentication(request, self.authenticator, reauthenticated=self.reauthenticated)
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            left = len(self.authenticator.wrap().get_unused_codes())
            account_adapter().send_notification_mail("mfa/email/recovery_code_used", self.user, {"left": left})


class ProofCodeForm(SecondStepForm):
    """The same code, asked for again before a delicate change."""

    reauthenticated = True


class ActivateTOTPForm(totp.ActivateTOTPForm):
    """The first code of a new app shows that it has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code_field(self.fields["code"], _("Code of the app"), help_text=_("The six digits it shows now."))


class Checked:
    """What a browser is said to have answered can be anything, and the library trusts its shape: refuse, never fail."""

    def clean_credential(self) -> Any:
        return _refuse_nonsense(super().clean_credential)  # type: ignore[misc]


class SecondStepPasskeyForm(Checked, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeySignInForm(Checked, webauthn.LoginWebAuthnForm):
    pass


class ProofPasskeyForm(Checked, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(webauthn._BaseAddWebAuthnForm):
    """A name for the new key; the key itself is made by the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = NAME_LIMIT
        dress(self.fields["name"], _("Name"), help_text=_("So that you know it again, like “my phone”."))
        self.fields["name"].widget.attrs["maxlength"] = str(NAME_LIMIT)

    def clean(self) -> Any:
        return _refuse_nonsense(super().clean)

    def clean_name(self) -> str:
        return super().clean_name().strip()[:NAME_LIMIT]


def _refuse_nonsense(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except forms.ValidationError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise FactorAdapter().validation_error("incorrect_code") from error

"""The shapes of what people send. What a name may be is asked of the rules; here are fields, words and hints."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from allauth.account import forms as account
from babel import Locale
from babel.dates import get_timezone_location
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from community.core.errors import RuleError
from community.core.text import check_handle
from community.core.text.names import NAME_LIMIT
from community.members import actions
from community.members.models import Member
from community.members.queries import checked_name, texts_in_force, who_signs_in

PASSWORD_HINT = _("At least 10 characters. A few words in a row are easy to remember and hard to guess.")
# Regions as the time zone database names them; the rest ("Etc", old aliases) help nobody to find their city.
_REGIONS = ("Asia", "Europe", "America", "Africa", "Australia", "Pacific", "Atlantic", "Indian")


def ask_rule(rule: Callable[..., str], *args: Any, **given: Any) -> str:
    """Run a rule of a field; its refusal becomes the field's error, with what was typed still there."""
    try:
        return rule(*args, **given)
    except RuleError as error:
        raise forms.ValidationError(str(error.message), code=error.code) from error


def dress(field: forms.Field, label: Any, *, help_text: Any = "", **attrs: str) -> None:
    """Our words on a field that allauth made; placeholders go: they vanish when they are needed."""
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update({name.replace("_", "-"): value for name, value in attrs.items()})


def dress_email(field: forms.Field, *, help_text: Any = "") -> None:
    dress(
        field,
        _("E-mail address"),
        help_text=help_text,
        inputmode="email",
        autocomplete="email",
        autocapitalize="none",
        spellcheck="false",
    )


class SignUpForm(account.SignupForm):
    """The one short form: address, name, and a password for those who want one."""

    display_name = forms.CharField(
        label=_("Display name"),
        max_length=200,
        help_text=_("Shown beside everything you write. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "maxlength": str(NAME_LIMIT)}),
    )
    time_zone = forms.CharField(
        required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": "", "autocomplete": "off"})
    )
    old_enough = forms.BooleanField()
    agrees = forms.BooleanField(label=_("I agree to the terms of use and have read the privacy policy"))
    field_order = ["email", "display_name", "password1", "old_enough", "agrees"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_email(self.fields["email"], help_text=_("We send a code there. Nobody else sees it."))
        dress(self.fields["password1"], _("Password"), help_text=PASSWORD_HINT, autocomplete="new-password")
        self._ask_age(settings.MINIMUM_AGE)
        self.texts = texts_in_force()
        if not self.texts:
            del self.fields["agrees"]

    def _ask_age(self, age: int) -> None:
        """A yes is all we want to know: no date of birth is asked for or kept."""
        if not age:
            del self.fields["old_enough"]
            return
        self.fields["old_enough"].label = _("I am at least %(age)d years old") % {"age": age}
        self.fields["old_enough"].help_text = _("If you are a minor, your parent or guardian has to agree as well.")

    def clean_display_name(self) -> str:
        return ask_rule(checked_name, self.cleaned_data["display_name"])

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else ""

    account_already_exists: bool

    def try_save(self, request: HttpRequest) -> Any:
        """As allauth does it, but an address that has an account costs the same time, even one a moment old."""
        if self.account_already_exists:
            actions.rehearse_sign_up(email=self.cleaned_data["email"], **self._given())
        try:
            return super().try_save(request)
        except RuleError as error:
            if error.code != "email_taken":
                raise
            self.account_already_exists = True
            return super().try_save(request)

    def save(self, request: HttpRequest) -> Member:
        return actions.sign_up(email=self.cleaned_data["email"], **self._given())

    def _given(self) -> dict[str, Any]:
        return {
            "display_name": self.cleaned_data["display_name"],
            "password": self.cleaned_data.get("password1") or "",
            "language": get_language() or "",
            "time_zone": self.cleaned_data["time_zone"],
            "agrees": bool(self.texts),
        }


class SignInForm(account.LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_email(self.fields["login"])
        dress(self.fields["password"], _("Password"))


class CodeRequestForm(account.RequestLoginCodeForm):
    """An address to send a sign-in code to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_email(self.fields["email"])

    def clean_email(self) -> str:
        # One query whether or not there is an account, and nothing in the answer tells which (S19).
        self._user = who_signs_in(self.cleaned_data["email"])
        return str(self.cleaned_data["email"])


class PasswordResetForm(account.ResetPasswordForm):
    """An address to send a reset code to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_email(self.fields["email"])

    def clean_email(self) -> str:
        found = who_signs_in(self.cleaned_data["email"])
        self.users = [found] if found else []
        return str(self.cleaned_data["email"])


class AddEmailForm(account.AddEmailForm):
    """A new address of a member."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_email(self.fields["email"], help_text=_("We send a code there; the change counts once you enter it."))
        self.fields["email"].label = _("New e-mail address")


class PasswordForm(account.SetPasswordForm):
    """A first password, typed once: who mistypes it has a code by mail as the other way in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2")
        dress(self.fields["password1"], _("New password"), help_text=PASSWORD_HINT)


class PasswordChangeForm(account.ChangePasswordForm):
    """A new password for the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2")
        dress(self.fields["oldpassword"], _("Present password"))
        dress(self.fields["password1"], _("New password"), help_text=PASSWORD_HINT)


class NewPasswordForm(account.ResetPasswordKeyForm):
    """A new password after a reset code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2")
        dress(self.fields["password1"], _("New password"), help_text=PASSWORD_HINT)


def dress_code(form: forms.Form) -> None:
    dress(
        form.fields["code"],
        _("Code"),
        help_text=_("Eight digits, like 1234-5678. The hyphen may be left out."),
        inputmode="numeric",
        autocomplete="one-time-code",
        autocapitalize="none",
        autofocus="autofocus",
        spellcheck="false",
    )


class LoginCodeForm(account.ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self)


class EmailCodeForm(account.ConfirmEmailVerificationCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self)


class ResetCodeForm(account.ConfirmPasswordResetCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self)


class ProofPasswordForm(account.ReauthenticateForm):
    """The password, asked for again before a delicate change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["password"], _("Password"))


class MailedCodeForm(forms.Form):
    """The code by mail that those enter who have no password."""

    code = forms.CharField(label=_("Code"), max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self)


class ProfileForm(forms.Form):
    """What others see of a member. `picture` is an upload; `avatar_id` names the picture that was uploaded before."""

    display_name = forms.CharField(
        label=_("Display name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "maxlength": str(NAME_LIMIT)}),
    )
    handle = forms.CharField(
        label=_("Handle"),
        max_length=40,
        help_text=_("The name in links and mentions: 3 to 30 of a–z, 0–9 and _. It can be changed once."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    bio = forms.CharField(
        label=_("About me"),
        required=False,
        max_length=4_000,
        help_text=_("What you make or love, where you are from. Markdown works."),
        widget=forms.Textarea(attrs={"rows": "6"}),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_(
            "JPEG, PNG, WebP or GIF up to 10 MB. Place and camera data are removed. Everybody sees it: no faces or"
            " addresses of others without their consent, and only a picture you may show."
        ),
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,image/gif", "data-picture-input": "avatar-preview"}
        ),
    )
    avatar_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    remove_picture = forms.BooleanField(label=_("Use no picture"), required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        if member.handle_changed_at is not None:
            self.fields["handle"].disabled = True
            self.fields["handle"].help_text = _("You have changed it once; now links and mentions rely on it.")

    def clean_display_name(self) -> str:
        typed = str(self.cleaned_data["display_name"])
        return typed if typed == self.member.display_name else ask_rule(checked_name, typed, member=self.member)

    def clean_handle(self) -> str:
        return ask_rule(check_handle, self.cleaned_data["handle"])


class PreferencesForm(forms.Form):
    """How the site speaks to a member."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("ja", "日本語"), ("en", "English")],
        help_text=_("Of the pages and of our mails to you."),
        widget=forms.RadioSelect,
    )
    theme = forms.ChoiceField(label=_("Appearance"), choices=Member.Theme.choices, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Times on the pages are shown in it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(time_zones(get_language() or "en"))


@lru_cache(maxsize=4)
def time_zones(language: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Time zones by region, each under the name of its country and city in `language`."""
    locale = Locale.parse(language, sep="-")
    groups = []
    for region in _REGIONS:
        names = sorted(name for name in available_timezones() if name.startswith(f"{region}/"))
        rows = [(name, f"{get_timezone_location(name, locale=locale)} – {name}") for name in names]
        groups.append((region, tuple(sorted(rows, key=lambda row: row[1]))))
    return (("UTC", (("UTC", "UTC"),)), *groups)

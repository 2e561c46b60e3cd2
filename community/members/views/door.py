"""The pages of the door and of one's own settings. allauth's views do the flows; these add limits and our rules."""

import hashlib
from typing import Any, cast

from allauth.account import views as account
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.utils import passthrough_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from django.views.generic.edit import FormView
from django.views.i18n import set_language as django_set_language

from community.core.errors import RuleError, TooSoon
from community.core.ids import given_id
from community.core.limits import take
from community.core.models import Picture
from community.core.pictures import Upload, store_picture
from community.members import actions, queries
from community.members.accounts import keep_theme
from community.members.accounts.factors import passkeys_work_here
from community.members.accounts.proof import fresh_proof
from community.members.forms import PreferencesForm, ProfileForm
from community.members.models import Member
from community.members.permissions import can_change_handle
from community.members.queries import has_verified_address


class Limited:
    """Counts a form that is sent before anything looks at it (S20); what was typed stays when it was too much."""

    limit_action = "sign_in"
    limit_field = "email"
    request: HttpRequest

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            take(self.limit_action, address=address_of(request), target=self.limit_target())
        except TooSoon as refusal:
            return self.too_soon(refusal)
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def limit_target(self) -> str | None:
        """The address somebody typed, as a digest: limits keep no addresses."""
        typed = self.request.POST.get(self.limit_field, "").strip().lower()
        return hashlib.sha256(typed.encode()).hexdigest()[:32] if typed else None

    def too_soon(self, refusal: TooSoon) -> HttpResponse:
        given = self.get_form_kwargs()  # type: ignore[attr-defined]
        data = given.pop("data", None) or {}
        given.pop("files", None)
        kept = {name: value for name, value in data.items() if "password" not in name}
        # Not bound: a bound form would check the password, which is what the limit is there to prevent.
        form = self.get_form_class()(**given | {"initial": kept})  # type: ignore[attr-defined]
        context = self.get_context_data(form=form, refusal=refusal)  # type: ignore[attr-defined]
        response: HttpResponse = self.render_to_response(context, status=refusal.status)  # type: ignore[attr-defined]
        response["Retry-After"] = str(refusal.retry_after)
        return response


class RulesInForm:
    """A rule's refusal that comes while saving (somebody was faster) is shown at its field."""

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except TooSoon:
            raise
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
            return self.form_invalid(form)  # type: ignore[attr-defined]


class SignUp(Limited, RulesInForm, account.SignupView):
    limit_action = "sign_up"


class SignIn(Limited, account.LoginView):
    limit_action = "sign_in"
    limit_field = "login"

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        return super().get_context_data(**given) | {"passkeys_work": passkeys_work_here(self.request)}


class CodeRequest(Limited, account.RequestLoginCodeView):
    limit_action = "send_code"


class PasswordReset(Limited, account.PasswordResetView):
    limit_action = "send_code"


class ConfirmLoginCode(Limited, account.ConfirmLoginCodeView):
    limit_action = "enter_code"


class ConfirmEmailCode(Limited, account.ConfirmEmailVerificationCodeView):
    limit_action = "enter_code"


class ConfirmResetCode(Limited, account.ConfirmPasswordResetCodeView):
    limit_action = "enter_code"


@method_decorator(fresh_proof, name="dispatch")
class Email(Limited, account.EmailView):
    """One address a member; a new one counts when its code was entered."""

    limit_action = "send_code"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "action_cancel" in request.POST:
            pending = EmailVerificationProcess.resume(request)
            if pending is not None:
                pending.abort()
                messages.info(request, _("The change is cancelled; your address stays as it is."))
            return redirect("account_email")
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """`pending`: the address whose code is still waited for, say of a change that was left midway."""
        return super().get_context_data(**given) | {"pending": EmailVerificationProcess.resume(self.request)}


class StaysSignedIn:
    """The session gets a new key and the others end: the list of sign-ins goes along."""

    request: HttpRequest

    def form_valid(self, form: Form) -> HttpResponse:
        old = self.request.session.session_key or ""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        new = self.request.session.session_key or ""
        actions.move_sign_in(member_id=cast(int, self.request.user.pk), old_key=old, new_key=new)
        return response


@method_decorator(fresh_proof, name="dispatch")
class PasswordSet(StaysSignedIn, account.PasswordSetView):
    """A first password, by whoever has shown lately whose account it is."""


class PasswordChange(StaysSignedIn, Limited, account.PasswordChangeView):
    """Guessing the present password is counted like guessing it at the door."""

    limit_action = "sign_in"

    def limit_target(self) -> str | None:
        return f"member:{self.request.user.pk}"


class AddressBack(TemplateView):
    """The way back that the old address was sent: a page that asks once, and a button that does it."""

    template_name = "members/address_back.html"

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        context = super().get_context_data(**given)
        return context | {"change": queries.find_way_back(self.kwargs["key"])}

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        take("enter_code", address=address_of(request))
        actions.take_address_back(key=key)
        logout(request)
        messages.success(request, _("Your old address is back. Sign in with a code that we send there."))
        return redirect("account_request_login_code")


@require_POST
def sign_up_again(request: HttpRequest) -> HttpResponse:
    """Start the sign-up over, say with an address typed right: the name must be free again for the same person.

    Whether the pending sign-up was a real one shows in nothing (S19).
    """
    pending = EmailVerificationProcess.resume(request)
    if pending is not None and not request.user.is_authenticated:
        if pending.user is not None:
            actions.abandon_sign_up(member_id=pending.user.pk)
        pending.abort()
    target = passthrough_next_redirect_url(request, reverse("account_signup"), "next")
    return redirect(target)


class SettingsPage(LoginRequiredMixin, FormView):
    """A page of one's own settings."""

    request: HttpRequest

    @property
    def member(self) -> Member:
        assert isinstance(self.request.user, Member)  # LoginRequiredMixin has seen to it
        return self.request.user

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        take("change_profile", user_id=self.member.pk)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Profile(SettingsPage):
    template_name = "members/profile_edit.html"
    form_class = ProfileForm

    def get_initial(self) -> dict[str, Any]:
        member = self.member
        return {
            "display_name": member.display_name,
            "handle": member.handle,
            "bio": member.bio,
            "avatar_id": member.avatar_id,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"member": self.member}

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        context = super().get_context_data(**given)
        chosen = context["form"]["avatar_id"].value()
        context["picture"] = self._own_picture(chosen)
        context["handle_verdict"] = can_change_handle(self.member, self.member)
        context["unverified"] = not has_verified_address(self.member)
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A good picture is kept although another field is refused: nobody likes to choose a file twice."""
        take("change_profile", user_id=self.member.pk)
        form = self.get_form()
        assert isinstance(form, ProfileForm)
        upload = request.FILES.get("picture")
        if upload is not None:
            take("upload_picture", user_id=self.member.pk, address=address_of(request))
            try:
                stored = store_picture(cast(Upload, upload), owner_id=self.member.pk, field="picture")
                form.data = QueryDict(mutable=True)
                form.data.update(request.POST)
                form.data["avatar_id"] = str(stored.pk)
            except RuleError as error:
                form.is_valid()
                form.add_error("picture", str(error.message))
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def form_valid(self, form: Form) -> HttpResponse:
        typed = form.cleaned_data
        keeps_none = typed["remove_picture"] and not self.request.FILES
        try:
            actions.update_profile(
                by=self.member,
                member_id=self.member.pk,
                display_name=typed["display_name"],
                handle=typed["handle"],
                bio=typed["bio"],
                avatar_id=None if keeps_none else typed["avatar_id"],
            )
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("Your profile is saved."))
        return redirect("members:profile_edit")

    def _own_picture(self, chosen: Any) -> Picture | None:
        pk = given_id(chosen)
        return Picture.objects.filter(pk=pk, owner_id=self.member.pk).first() if pk is not None else None


class Preferences(SettingsPage):
    template_name = "members/preferences.html"
    form_class = PreferencesForm

    def get_initial(self) -> dict[str, Any]:
        member = self.member
        return {"language": member.language, "time_zone": member.time_zone, "theme": member.theme}

    def form_valid(self, form: Form) -> HttpResponse:
        member = actions.set_preferences(member_id=self.member.pk, **form.cleaned_data)
        with translation.override(member.language):
            messages.success(self.request, _("Your preferences are saved."))
        response = redirect("members:preferences")
        keep_theme(response, member.theme)
        return response


@csrf_exempt
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's switch, which also remembers a member's choice: it wins over the cookie from then on.

    The pages of visitors are the same for everybody, so their switch carries no token. A browser says by itself which
    page a form was sent from, and no other page can say otherwise: where that is one of ours, it is enough. Without
    `Origin` (or with `null`) Django's own check is asked, which wants the token (S10).
    """
    if request.headers.get("Origin") in settings.LIVE_ORIGINS:
        return _switch_language(request)
    return csrf_protect(_switch_language)(request)


def _switch_language(request: HttpRequest) -> HttpResponseBase:
    response = django_set_language(request)
    code, member = request.POST.get("language", ""), request.user
    if request.method == "POST" and isinstance(member, Member) and code in {"ja", "en"}:
        actions.set_preferences(member_id=member.pk, language=code, time_zone=member.time_zone, theme=member.theme)
    return response


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; the door has put the trusted hop's word there (S6)."""
    return str(request.META.get("REMOTE_ADDR", ""))

"""The second factor: setting it up, taking it off, being asked for it. allauth's views, our rules around them."""

from typing import Any, cast

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth as webauthn_auth
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from community.core.errors import TooSoon
from community.core.limits import take
from community.core.work import open_unit
from community.members import actions
from community.members.accounts import proof
from community.members.accounts.factors import (
    FactorAdapter,
    ProofCodeForm,
    ProofPasskeyForm,
    home_of_passkeys,
    passkeys_work_here,
)
from community.members.accounts.proof import fresh_proof
from community.members.forms import MailedCodeForm, ProofPasswordForm
from community.members.models import Member
from community.members.views.door import Limited, address_of
from community.members.views.sign_ins import stay_signed_in


def settle(request: HttpRequest) -> None:
    """Count the factors anew; with the first one this session stays and every other ends."""
    member, key = cast(Member, request.user), str(request.session.session_key)
    epoch = member.session_epoch
    member = actions.settle_second_factor(member_id=member.pk, keep_key=key)
    if member.session_epoch != epoch:
        stay_signed_in(request, member, old_key=key)
        proof.remember(request, "mfa")  # the new factor has just been used


def to_set_up_first(request: HttpRequest) -> HttpResponse:
    """Recovery codes go with a factor; without one, the way leads to where it is set up."""
    messages.info(request, FactorAdapter.error_messages["cannot_generate_recovery_codes"])
    return redirect("mfa_index")


class Settles:
    """Whatever allauth does to the factors and what we count of them come true together."""

    request: HttpRequest

    def form_valid(self, form: Form) -> HttpResponse:
        with open_unit():
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            settle(self.request)
        return response


class Counted(Limited):
    """Codes are few digits: six tries a quarter of an hour, whoever asks."""

    limit_action = "second_factor"

    def limit_target(self) -> str | None:
        return f"member:{self.request.user.pk}"


@method_decorator(login_required, name="dispatch")
class Factors(base.IndexView):
    """What there is, and what can be set up."""

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        context = super().get_context_data(**given)
        passkeys = {"passkeys_work": passkeys_work_here(self.request), "passkeys_have_a_home": bool(home_of_passkeys())}
        return context | passkeys | {"types": list(context["authenticators"])}


@method_decorator(fresh_proof, name="dispatch")
class ActivateApp(Settles, Counted, totp.ActivateTOTPView):
    pass


@method_decorator(fresh_proof, name="dispatch")
class RemoveApp(Settles, totp.DeactivateTOTPView):
    pass


@method_decorator(fresh_proof, name="dispatch")
class AddPasskey(Settles, webauthn.AddWebAuthnView):
    """Where none can be made, the list says why."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not passkeys_work_here(request):
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)


@method_decorator(fresh_proof, name="dispatch")
class RemovePasskey(Settles, webauthn.RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")


@method_decorator(fresh_proof, name="dispatch")
class RecoveryCodes(recovery.ViewRecoveryCodesView):
    """Shown once, right after they were made."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            return to_set_up_first(request)

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        context = super().get_context_data(**given)
        if context["can_view_codes"]:
            context["unused_codes"] = [" ".join((c[:4], c[4:8], c[8:])) for c in context["unused_codes"]]
        return context


@method_decorator(fresh_proof, name="dispatch")
class NewRecoveryCodes(recovery.GenerateRecoveryCodesView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cast(Member, request.user).second_factor:
            return to_set_up_first(request)
        return super().dispatch(request, *args, **kwargs)


class SecondStep(base.AuthenticateView):
    """After password or mail: the code of the app, a recovery code, or a passkey."""

    refusal: TooSoon | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            take("second_factor", address=address_of(request), target=f"member:{self.stage.login.user.pk}")
        except TooSoon as refusal:
            self.refusal = refusal
            self.auth_form = self.get_form_class()(user=self.stage.login.user)
            response = self.render_to_response(self.get_context_data(), status=refusal.status)
            response["Retry-After"] = str(refusal.retry_after)
            return response
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        context = super().get_context_data(**given)
        has_passkey = Authenticator.objects.filter(
            user_id=self.stage.login.user.pk, type=Authenticator.Type.WEBAUTHN
        ).exists()
        return context | {"refusal": self.refusal, "has_passkey": has_passkey and passkeys_work_here(self.request)}


class PasskeySignIn(Limited, webauthn.LoginWebAuthnView):
    """A passkey alone: it is something one has, and it asks for a finger, a face or a PIN."""

    limit_action = "sign_in"

    def too_soon(self, refusal: TooSoon) -> HttpResponse:
        get_adapter().add_message(self.request, 30, message=str(refusal.message))
        return redirect("account_login")


@method_decorator(login_required, name="dispatch")
class Proof(account.BaseReauthenticateView):
    """ "Is it you?": the second factor of those who have one, else the password, else a code by mail."""

    template_name = "account/reauthenticate.html"
    refusal: TooSoon | None = None

    @property
    def member(self) -> Member:
        return cast(Member, self.request.user)

    @property
    def way(self) -> str:
        if self.member.second_factor:
            return "passkey" if "credential" in self.request.POST else "factor"
        by_mail = "mail" in self.request.GET or not self.member.has_usable_password()
        return "mail" if by_mail else "password"

    def get_form_class(self) -> type[Form]:
        forms: dict[str, type[Form]] = {"factor": ProofCodeForm, "passkey": ProofPasskeyForm, "mail": MailedCodeForm}
        return forms.get(self.way, ProofPasswordForm)

    def get_form_kwargs(self) -> dict[str, Any]:
        given = super().get_form_kwargs()
        return given if self.way == "mail" else given | {"user": self.member}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sends = self.way == "mail" and request.POST.get("action") == "send"
        action = "send_code" if sends else "second_factor"
        try:
            take(action, address=address_of(request), target=f"member:{self.member.pk}")
        except TooSoon as refusal:
            self.refusal = refusal
            form = self.get_form_class()(**{k: v for k, v in self.get_form_kwargs().items() if k == "user"})
            response = self.render_to_response(self.get_context_data(form=form), status=refusal.status)
            response["Retry-After"] = str(refusal.retry_after)
            return response
        if sends:
            code = proof.make_code(request)
            get_adapter().send_notification_mail("account/email/proof_code", self.member, {"code": code})
            return redirect(request.get_full_path())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        if self.way == "mail":
            if not proof.code_is_right(self.request, form.cleaned_data["code"]):
                form.add_error("code", _("That is not the code we sent. Look for the newest mail."))
                return self.form_invalid(form)
            proof.remember(self.request, "code")
        elif self.way == "password":
            proof.remember(self.request, "password")
        elif self.way == "passkey":
            webauthn.flows.reauthenticate(self.request, form.cleaned_data["credential"])
        else:
            form.save()
        return super().form_valid(form)

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        context = super().get_context_data(**given) | {"way": self.way, "refusal": self.refusal}
        context["waited_for"] = proof.code_is_waited_for(self.request)
        passkeys = Authenticator.objects.filter(user_id=self.member.pk, type=Authenticator.Type.WEBAUTHN)
        if self.member.second_factor and passkeys_work_here(self.request) and passkeys.exists():
            context["js_data"] = {"request_options": webauthn_auth.begin_authentication(self.member)}
        return context

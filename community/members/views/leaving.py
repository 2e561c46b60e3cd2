"""The way out."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from django.contrib.auth import logout
from django.forms import BooleanField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic.edit import FormView

from community.core.errors import RuleError
from community.core.limits import take
from community.members import actions
from community.members.accounts.proof import fresh_proof
from community.members.actions.leaving import GRACE
from community.members.models import Member


class LeavingForm(Form):
    with_posts = BooleanField(
        label=_("Delete what I wrote as well"),
        required=False,
        help_text=_("Your threads and replies become empty places. Answers that others rely on go with them."),
    )


@method_decorator(fresh_proof, name="dispatch")
class Leave(FormView):
    template_name = "members/leave.html"
    form_class = LeavingForm

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        return super().get_context_data(**given) | {"days": GRACE.days}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        take("account", user_id=request.user.pk)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        member = cast(Member, self.request.user)
        try:
            gone = actions.ask_to_leave(by=member, with_posts=form.cleaned_data["with_posts"])
        except RuleError as error:
            form.add_error(None, str(error.message))
            return self.form_invalid(form)
        get_adapter().send_notification_mail("account/email/leaving", gone, {"until": gone.erase_at})
        logout(self.request)
        return render(self.request, "members/left.html", {"until": gone.erase_at, "email": gone.email})

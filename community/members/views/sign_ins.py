"""Where one is signed in, and the buttons that end it."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from community.core.limits import take
from community.members import actions, queries
from community.members.models import Member


class SignIns(LoginRequiredMixin, TemplateView):
    template_name = "members/sign_ins.html"

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        rows = queries.sign_ins_of(cast(Member, self.request.user))
        current = self.request.session.session_key
        rows.sort(key=lambda row: row.session_key != current)
        return super().get_context_data(**given) | {"sign_ins": rows, "current": current}

    def post(self, request: HttpRequest) -> HttpResponse:
        """`do`: the id of one sign-in, `others` or `all`."""
        member, do = cast(Member, request.user), request.POST.get("do", "")
        take("account", user_id=member.pk)
        if do == "others":
            end_others(request, member)
            messages.success(request, _("Everywhere else you are signed out now."))
        elif do == "all":
            actions.end_other_sign_ins(member_id=member.pk)
            logout(request)
            messages.success(request, _("You are signed out everywhere."))
            return redirect("account_login")
        elif do.isdecimal():
            self._end_one(request, member, int(do))
        return redirect("members:sign_ins")

    def _end_one(self, request: HttpRequest, member: Member, sign_in_id: int) -> None:
        actions.end_sign_in(member_id=member.pk, sign_in_id=sign_in_id % 2**63)
        messages.success(request, _("That device is signed out now."))


def end_others(request: HttpRequest, member: Member) -> None:
    """End every session but this one, which is signed anew under the new epoch."""
    key = str(request.session.session_key)
    stay_signed_in(request, actions.end_other_sign_ins(member_id=member.pk, keep_key=key), old_key=key)


def stay_signed_in(request: HttpRequest, member: Member, *, old_key: str) -> None:
    """Sign this session anew after the member's epoch moved; its row in the list goes along."""
    update_session_auth_hash(request, member)
    actions.move_sign_in(member_id=member.pk, old_key=old_key, new_key=str(request.session.session_key))

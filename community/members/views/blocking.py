"""Whom one wants nothing to do with: the page that asks once, the list of them, and the way back."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from community.core.limits import take
from community.core.verdicts import ensure
from community.members import actions, queries
from community.members.models import Member
from community.members.permissions import can_block, viewer_of


class Blocked(LoginRequiredMixin, TemplateView):
    template_name = "members/blocked.html"

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        member = cast(Member, self.request.user)
        found = queries.blocked_members(member=member, cursor=self.request.GET.get("cursor", ""))
        return super().get_context_data(**given) | {"found": found}


class BlockMember(LoginRequiredMixin, View):
    """GET says what a block does, and asks; POST does it."""

    def get(self, request: HttpRequest, handle: str) -> HttpResponse:
        me = viewer_of(request.user)
        member = queries.get_member(handle=handle, viewer=me)
        ensure(can_block(me, member))
        return render(request, "members/block.html", {"member": member})

    def post(self, request: HttpRequest, handle: str) -> HttpResponse:
        me = counted(request)
        member = queries.get_member(handle=handle, viewer=me)
        actions.block(by=me, member_id=member.pk)
        told = _("%(name)s is blocked. You do not meet each other here any more.") % {"name": member.display_name}
        messages.success(request, told)
        return redirect("home:member", handle=member.handle)


class UnblockMember(LoginRequiredMixin, View):
    def post(self, request: HttpRequest, handle: str) -> HttpResponse:
        """Found among those whom one has blocked: who has blocked one back is not to be seen anywhere else."""
        me = counted(request)
        member = queries.get_blocked(member=me, handle=handle)
        actions.unblock(by=me, member_id=member.pk)
        messages.success(request, _("%(name)s is not blocked any more.") % {"name": member.display_name})
        return redirect("members:blocked")


def counted(request: HttpRequest) -> Member:
    """The member who asks, with one block more, or less, counted (S20)."""
    me = cast(Member, viewer_of(request.user))
    take("block", user_id=me.pk, address=request.META.get("REMOTE_ADDR"))
    return me

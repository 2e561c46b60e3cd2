"""One's own data: ask for all of it, see how far it is, take it home."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from community.core.clock import now
from community.core.errors import RuleError
from community.core.limits import take
from community.members import actions, queries
from community.members.accounts.proof import fresh_proof
from community.members.actions.archives import EVERY, KEPT
from community.members.models import Consent, Member


class Data(LoginRequiredMixin, TemplateView):
    template_name = "members/data.html"

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        member = cast(Member, self.request.user)
        archive = queries.latest_archive(member)
        if archive is not None and archive.expires_at is not None and archive.expires_at <= now():
            archive.state = archive.State.EXPIRED  # the job that deletes it comes within the hour
        context: dict[str, Any] = {"archive": archive, "days": KEPT.days, "may_ask": _may_ask(archive)}
        context |= {"consents": queries.consents_of(member), "news": queries.agrees_to(member.pk, Consent.Purpose.NEWS)}
        return super().get_context_data(**given) | context

    def post(self, request: HttpRequest) -> HttpResponse:
        """`do=news` says yes or no to mails with news; anything else asks for an archive."""
        member = cast(Member, request.user)
        take("account", user_id=member.pk)
        if request.POST.get("do") != "news":
            return self.ask(request)
        actions.set_consent(member_id=member.pk, purpose=Consent.Purpose.NEWS, given="news" in request.POST)
        messages.success(request, _("Your choice is saved."))
        return redirect("members:data")

    @method_decorator(fresh_proof)
    def ask(self, request: HttpRequest) -> HttpResponse:
        try:
            actions.ask_for_archive(by=cast(Member, request.user))
        except RuleError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("We are putting your archive together. You can close this page."))
        return redirect("members:data")


def _may_ask(archive: Any) -> bool:
    if archive is None or archive.state == archive.State.FAILED:
        return True
    return bool(archive.state != archive.State.WAITING and archive.asked_at <= now() - EVERY)


@require_safe
@fresh_proof
def download(request: HttpRequest, archive_id: int) -> FileResponse:
    """The file, for its owner, who has just shown who they are; kept by no cache on the way."""
    member = cast(Member, request.user)
    take("archive", user_id=member.pk)
    row, file = actions.open_archive(by=member, archive_id=archive_id)
    day = timezone.localtime(row.ready_at).date().isoformat()
    response = FileResponse(
        file, as_attachment=True, filename=f"hiroba-{member.handle}-{day}.zip", content_type="application/zip"
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response

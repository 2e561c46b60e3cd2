"""Terms of use and privacy policy: to read, in every version, and to agree to."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from community.core.clock import now
from community.core.errors import Conflict, NotVisible
from community.core.ids import given_id
from community.members import actions, queries
from community.members.models import Consent, LegalText, Member


@require_safe
def text(request: HttpRequest, kind: str, version: int | None = None) -> HttpResponse:
    """The version in force, or the one that is asked for; beside it all others."""
    shown = queries.legal_text(kind, version)
    if shown is None and version is not None:
        raise NotVisible(_("There is no such version."))
    versions = [(row, f"legal:{kind}_version") for row in queries.versions_of(kind)]
    title = LegalText.Kind(kind).label
    in_force = shown if version is None else queries.legal_text(kind)
    context = {"text": shown, "versions": versions, "title": title, "in_force": in_force, "now": now()}
    return render(request, "members/legal.html", context)


class Terms(LoginRequiredMixin, TemplateView):
    """What is new, and the button. Whoever does not want to goes to their data or leaves."""

    template_name = "members/terms.html"

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        member = cast(Member, self.request.user)
        texts = list(queries.texts_in_force().values())
        new = [row for row in texts if row.pk > member.terms_accepted]
        shown = max((row.pk for row in texts), default=0)
        asked = {"texts": [(row, f"legal:{row.kind}") for row in new or texts], "new": bool(new), "shown": shown}
        return super().get_context_data(**given) | asked | {"next": _safe(self.request, self.request.GET.get("next"))}

    def post(self, request: HttpRequest) -> HttpResponse:
        member, target = cast(Member, request.user), _safe(request, request.POST.get("next"))
        shown = given_id(request.POST.get("shown", "")) or 0
        try:
            actions.agree_to_texts(member_id=member.pk, how=Consent.How.ASKED, shown=shown)
        except Conflict as error:
            messages.info(request, str(error.message))
            return redirect("members:terms")
        return redirect(target)


def _safe(request: HttpRequest, target: str | None) -> str:
    """Only places of this site (S17)."""
    here = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=here, require_https=request.is_secure())
    return target if target and is_ours else "/"

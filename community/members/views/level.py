"""One's own community level: what it lets one do, and what comes next."""

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView

from community.members import trust
from community.members.models import Member


class Level(LoginRequiredMixin, TemplateView):
    template_name = "members/level.html"
    http_method_names = ("get", "head", "options")

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        return super().get_context_data(**given) | {"level": trust.overview(cast(Member, self.request.user))}

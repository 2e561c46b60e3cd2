from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "community.members"
    label = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from community.members import measures, personal, topics  # noqa: F401  the plugs

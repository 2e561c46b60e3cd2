from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "community.notifications"
    label = "notifications"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from community.notifications import notices, personal, topics  # noqa: F401  registers kinds, places and handlers

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThreadsConfig(AppConfig):
    name = "community.threads"
    label = "threads"
    verbose_name = _("Threads")

    def ready(self) -> None:
        from community.threads import documents, topics  # noqa: F401 (registers what is found, and the live streams)

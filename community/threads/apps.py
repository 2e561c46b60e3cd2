from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThreadsConfig(AppConfig):
    name = "community.threads"
    label = "threads"
    verbose_name = _("Threads")

    def ready(self) -> None:
        from community.core import pictures
        from community.threads import documents, measures, notices, personal, topics  # noqa: F401 (the plugs)
        from community.threads.queries import pictures_of_drafts

        pictures.keep_what(pictures_of_drafts)

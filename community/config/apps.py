"""The one app that knows every other: settings, doors, commands. It has no tables."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "community.config"
    label = "config"

    def ready(self) -> None:
        from community.config import checks  # noqa: F401  registers the system checks
        from community.core.work import use_sink
        from realtime.log import append_many

        # Facts of `core` go into the log of `realtime`; neither knows the other.
        use_sink(append_many)

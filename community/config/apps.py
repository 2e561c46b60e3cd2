"""The one app that knows every other: settings, doors, commands. It has no tables."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "community.config"
    label = "config"

    def ready(self) -> None:
        from community.config import checks, freshness, personal  # noqa: F401  register system checks and handlers of facts
        from community.config.labels import name_fields
        from community.core.live import use_source
        from community.core.work import use_sink
        from realtime.log import LATEST, append_many, latest

        # Facts of `core` go into the log of `realtime`, and pages ask where it stands; neither knows the other.
        use_sink(append_many)
        use_source(latest, LATEST)
        name_fields()

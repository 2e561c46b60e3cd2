"""The one app that knows every other: settings, doors, commands. It has no tables."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "community.config"
    label = "config"

    def ready(self) -> None:
        from community.config import checks  # noqa: F401  registers the system checks

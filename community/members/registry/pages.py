"""Pages of settings of other apps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A page of settings of another app: its tab stands on the pages of those members for whom `shown` is true."""

    view_name: str
    label: Promise
    shown: Callable[[Any], bool]  # of a `Member`; the registry stands below the models


_settings_pages: dict[str, SettingsPage] = {}


def settings_page(page: SettingsPage) -> None:
    """Add a tab after "Profile"; adding it twice counts once."""
    _settings_pages[page.view_name] = page


def settings_pages(member: Any) -> list[SettingsPage]:
    """Those that this member has, in the order of their addresses' names."""
    return [page for _name, page in sorted(_settings_pages.items()) if page.shown(member)]

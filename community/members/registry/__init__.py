"""What other apps plug in here: names that belong to somebody, how a leaver goes, what an archive holds, what levels
rest on, and pages of settings.
"""

from community.members.registry.archives import Area, Section, archive, areas
from community.members.registry.leaving import Leaver, eraser, erasers
from community.members.registry.levels import Measure, Span, measure, measure_of
from community.members.registry.names import NameGuard, belongs_to_another, guard_names
from community.members.registry.pages import SettingsPage, settings_page, settings_pages

__all__ = [
    "Area",
    "Leaver",
    "Measure",
    "NameGuard",
    "Section",
    "SettingsPage",
    "Span",
    "archive",
    "areas",
    "belongs_to_another",
    "eraser",
    "erasers",
    "guard_names",
    "measure",
    "measure_of",
    "settings_page",
    "settings_pages",
]

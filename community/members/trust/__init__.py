"""Community levels: what they ask for (`levels`) and who has it (`weighing`); `actions.trust` keeps what follows."""

from community.members.trust.levels import GRACE_DAYS, KEEP_PERCENT, LEVELS, MAINSTAY, Level, Requirement
from community.members.trust.overview import Overview, overview
from community.members.trust.weighing import Standing, Weighed, explain, explain_all, orders_of, today, weigh

__all__ = [
    "GRACE_DAYS",
    "KEEP_PERCENT",
    "LEVELS",
    "MAINSTAY",
    "Level",
    "Overview",
    "Requirement",
    "Standing",
    "Weighed",
    "explain",
    "explain_all",
    "orders_of",
    "overview",
    "today",
    "weigh",
]

"""What each community level asks for. All of it, and nothing else, decides; the figures are explained in ADR 0022."""

from dataclasses import dataclass

from community.members.models import Member

ORDERS = "delivered_orders"
"""The measure of a shop that is connected. It is asked for nowhere: orders only make the way shorter."""
EASE_PERCENT = 10  # of a requirement, for each delivered order …
EASE_MOST = 50  # … and no more than this

KEEP_PERCENT = 90  # of the bar: who stays above that keeps level 3
GRACE_DAYS = 14  # below it, before level 3 goes


@dataclass(frozen=True, slots=True)
class Requirement:
    """`need` of a measure. What is `eased` shows that somebody is at home here, which delivered orders show as well."""

    measure: str
    need: int
    eased: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A level, and what a member must have of each measure within the last `days`. What is cheap to count comes first:
    only who has enough of it is asked for the rest.
    """

    number: int
    days: int
    requirements: tuple[Requirement, ...]


# forum.md 1.6 has the figures of Discourse; ours are fewer, and ask for other people rather than for many clicks.
NEIGHBOUR = Level(
    Member.Trust.NEIGHBOUR,
    365,
    (
        Requirement("member_days", 1),
        Requirement("reading_minutes", 10, eased=True),
        Requirement("threads_read", 5, eased=True),
    ),
)
REGULAR = Level(
    Member.Trust.REGULAR,
    365,
    (
        Requirement("member_days", 15),
        Requirement("calm_days", 30),
        Requirement("reading_days", 10, eased=True),
        Requirement("reading_minutes", 60, eased=True),
        Requirement("threads_read", 20, eased=True),
        Requirement("conversations", 3),
        Requirement("thanked", 3),
        Requirement("voices", 5),
        Requirement("voice_days", 3),
    ),
)
MAINSTAY = Level(
    Member.Trust.MAINSTAY,
    100,
    (
        Requirement("member_days", 100),
        Requirement("calm_days", 100),
        Requirement("reading_days", 40, eased=True),
        Requirement("reading_minutes", 300, eased=True),
        Requirement("threads_read", 60, eased=True),
        Requirement("conversations", 10),
        Requirement("thanked", 10),
        Requirement("voices", 10),
        Requirement("voice_days", 10),
        Requirement("reactions", 20),
    ),
)
LEVELS = (NEIGHBOUR, REGULAR, MAINSTAY)

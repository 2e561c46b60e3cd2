"""What happens to inboxes. Numbers only: a page that hears of it fetches what it may show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InboxChanged:
    """A member has this many unread notices now."""

    member_id: int
    unread: int

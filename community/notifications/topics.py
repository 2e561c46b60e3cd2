"""What inboxes tell the live streams: the number on the bell, on every page and device of the member."""

from collections.abc import Iterator

from community.core import facts
from community.core.facts import Live
from community.notifications.facts import InboxChanged


@facts.last(InboxChanged)
def bell(fact: InboxChanged) -> Iterator[Live]:
    yield Live(f"member.{fact.member_id}", "inbox", {"unread": fact.unread})

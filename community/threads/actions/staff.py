"""What staff do to other people's words is written down for good (`members.StaffAction`, append-only)."""

from typing import Any

from community.members import actions as members
from community.members.models import Member
from community.threads.models import Post, Thread

UNSAID = "—"  # the form did not ask for a reason; the record needs one


def note_on_post(by: Member, verb: str, post: Post, *, reason: str = "", **detail: Any) -> None:
    """Keep that `by` did this to the post; what authors do to their own is not noted."""
    if by.pk != post.author_id:
        _note(by, verb, "post", post.pk, reason, detail)


def note_on_thread(by: Member, verb: str, thread: Thread, **detail: Any) -> None:
    """Keep that `by` did this to the thread: managing is staff's alone, so it is always noted."""
    _note(by, verb, "thread", thread.pk, "", detail)


def _note(by: Member, verb: str, target: str, target_id: int, reason: str, detail: dict[str, Any]) -> None:
    why = reason.strip() or UNSAID
    members.note(by=by, verb=verb, target=target, target_id=target_id, reason=why, detail=detail)

"""Take an entry of a post's history out of sight: somebody's address was in it."""

from community.core import facts
from community.core.clock import now
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.staff import note_on_post
from community.threads.facts import RevisionHidden
from community.threads.models import PostRevision
from community.threads.permissions import can_hide_revision
from community.threads.queries import get_revision


@unit
def hide_revision(*, by: Viewer, revision_id: int, hidden: bool = True) -> PostRevision:
    """Hide what the post said then (or show it again); that there was an edit stays on record.

    Raises `NotVisible`, `NotAllowed`.
    """
    revision = get_revision(revision_id=revision_id, viewer=by, lock=True)
    ensure(can_hide_revision(by, revision.post))
    assert isinstance(by, Member)
    if (revision.hidden_at is not None) == hidden:
        return revision
    revision.hidden_at, revision.hidden_by = (now(), by) if hidden else (None, None)
    revision.save(update_fields=["hidden_at", "hidden_by"])
    verb = "hide_revision" if hidden else "show_revision"
    note_on_post(by, verb, revision.post, version=revision.version)
    facts.record(RevisionHidden(revision.post.thread_id, revision.post_id, revision.pk, by.pk, hidden))
    return revision

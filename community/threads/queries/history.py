"""What a post said before, edit by edit."""

from dataclasses import dataclass
from datetime import datetime

from community.core.verdicts import ensure
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.models import Post, PostRevision
from community.threads.permissions import can_hide_revision, can_see_history
from community.threads.queries.differences import Change, difference


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One edit. `version` is the version that the edit replaced; `editor` made the edit at `created_at`.

    `diff` leads from that version to the next one; it is empty when one of both is hidden from the viewer. `titles`
    are the title before and after, when the edit changed it.
    """

    revision_id: int
    version: int
    editor: Member | None
    created_at: datetime
    reason: str
    hidden: bool
    diff: list[Change]
    titles: tuple[str, str] | None


def revisions(*, post: Post, viewer: Viewer) -> list[RevisionView]:
    """The edits of a post, newest first; raises `NotVisible`. 1 query."""
    ensure(can_see_history(viewer, post))
    rows = list(post.revisions.select_related("editor__avatar").order_by("version"))
    sees_all = bool(can_hide_revision(viewer, post))
    views = []
    for row, after in zip(rows, [*rows, None][1:], strict=True):
        # The edit after a hidden text shows that text as well: both are withheld.
        veiled = not sees_all and (row.hidden_at is not None or (after is not None and after.hidden_at is not None))
        views.append(_view(row, after, post, veiled=veiled))
    return views[::-1]


def _view(row: PostRevision, after: PostRevision | None, post: Post, *, veiled: bool) -> RevisionView:
    body = after.body if after is not None else post.body
    title = after.title if after is not None else (post.thread.title if post.is_opening else "")
    return RevisionView(
        revision_id=row.pk,
        version=row.version,
        editor=row.editor,
        created_at=row.created_at,
        reason="" if veiled else row.reason,
        hidden=row.hidden_at is not None,
        diff=[] if veiled else difference(row.body, body),
        titles=(row.title, title) if row.title != title and not veiled else None,
    )

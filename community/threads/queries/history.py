"""What a post said before, edit by edit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.core.paging import cut
from community.core.verdicts import ensure
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.models import Post, PostRevision
from community.threads.permissions import can_hide_revision, can_see_history
from community.threads.queries.differences import Change, difference

PAGE_SIZE = 20  # edits


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


@dataclass(frozen=True, slots=True)
class Revisions:
    """Some edits of a post, newest first, and the cursors of the newer and the older ones (None at an end)."""

    edits: list[RevisionView]
    next: str | None
    previous: str | None


def revisions(*, post: Post, viewer: Viewer, cursor: str = "") -> Revisions:
    """One page of a post's edits: each is compared anew, and somebody may edit a thousand times.

    Raises `NotVisible`, and `Invalid` for a foreign cursor. 2 queries at most.
    """
    ensure(can_see_history(viewer, post))
    found = cut(post.revisions.select_related("editor__avatar"), by=("-version",), size=PAGE_SIZE, cursor=cursor)
    return Revisions(edits=_views(found.rows, post, viewer), next=found.next, previous=found.previous)


def _views(rows: Sequence[PostRevision], post: Post, viewer: Viewer) -> list[RevisionView]:
    sees_all = bool(can_hide_revision(viewer, post))
    newer = post.revisions.filter(version__gt=rows[0].version).order_by("version").first() if rows else None
    views = []
    for row, after in zip(rows, [newer, *rows[:-1]], strict=False):
        # The edit after a hidden text shows that text as well: both are withheld.
        veiled = not sees_all and (row.hidden_at is not None or (after is not None and after.hidden_at is not None))
        views.append(_view(row, after, post, veiled=veiled))
    return views


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

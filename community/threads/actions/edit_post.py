"""Change what a post says, and keep what it said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import Conflict, Invalid
from community.core.text import clean_line
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.counters import change_thread
from community.threads.actions.open_thread import slug_of
from community.threads.actions.room import check_room
from community.threads.actions.staff import note_on_post
from community.threads.actions.tagging import check_tags, set_tags
from community.threads.actions.writing import (
    NewPicture,
    Written,
    check_pictures,
    check_title,
    compose,
    save_mentions,
    set_pictures,
)
from community.threads.facts import PostEdited, ThreadChanged
from community.threads.models import Post, PostRevision
from community.threads.permissions import can_edit_post
from community.threads.queries import get_post, streamed_post
from community.threads.queries.differences import changed_characters

# A slip of the pen, put right at once, leaves no scar (forum.md 1.2 has the figures).
GRACE = timedelta(seconds=300)
SMALL = 100  # characters taken out or put in


@dataclass(frozen=True, slots=True)
class Edit:
    """What was sent, checked. None leaves a part as it is."""

    text: Written
    title: str | None
    tags: dict[str, str] | None
    pictures: list[NewPicture] | None
    reason: str


@unit
def edit_post(
    *,
    editor: Viewer,
    post_id: int,
    body: str,
    seen_version: int,
    reason: str = "",
    title: str | None = None,
    tags: Sequence[str] | None = None,
    pictures: Sequence[NewPicture] | None = None,
) -> Post:
    """Replace a post's text; `title` and `tags` belong to number 1. Saying the same again changes nothing.

    A small change by the author within the grace period leaves no revision; any other does. Raises `NotVisible`,
    `NotAllowed`, `Invalid`, and `Conflict` ("edited_meanwhile") when the post is not at `seen_version` any more.
    """
    ensure(can_edit_post(editor, get_post(post_id=post_id, viewer=editor)))
    assert isinstance(editor, Member)
    edit = Edit(
        text=compose(body, author=editor),
        title=check_title(title) if title is not None else None,
        tags=check_tags(tags) if tags is not None else None,
        pictures=check_pictures(pictures) if pictures is not None else None,
        reason=clean_line(reason, field="reason", limit=200) if reason.strip() else "",
    )
    post = get_post(post_id=post_id, viewer=editor, lock=True)
    ensure(can_edit_post(editor, post))
    _check(post, edit, seen_version)
    check_room(editor, edit.text, edit.pictures, before=post)
    at = now()
    text_changed = _change_text(post, edit, editor, at)
    head_changed = _change_head(post, edit)
    if text_changed or head_changed:
        note_on_post(editor, "edit", post, reason=edit.reason, version=post.version)
    edited = streamed_post(post_id)
    assert edited is not None  # its row is locked
    if head_changed:
        facts.record(ThreadChanged(post.thread_id, editor.pk))
    if text_changed:
        facts.record(PostEdited(post.thread_id, post.pk, editor.pk), wrote=edited)
    return edited


def leaves_revision(*, post: Post, edit: Edit, editor: Member, at: datetime) -> bool:
    """Whether the text before this edit is kept."""
    if editor.pk != post.author_id or at - post.created_at > GRACE:
        return True
    if edit.title is not None and edit.title != post.thread.title:
        return True
    return changed_characters(post.body, edit.text.body) > SMALL


def _check(post: Post, edit: Edit, seen_version: int) -> None:
    if post.version != seen_version:
        raise Conflict(
            _("This post was changed while you were writing. Your text is kept: compare both and send it again."),
            code="edited_meanwhile",
        )
    if not post.is_opening and (edit.title is not None or edit.tags is not None):
        raise Invalid(_("Only the first post of a thread has a title and tags."), code="not_the_opening", field="title")


def _change_text(post: Post, edit: Edit, editor: Member, at: datetime) -> bool:
    new_title = edit.title is not None and edit.title != post.thread.title
    words = post.body != edit.text.body or new_title
    pictures = edit.pictures is not None and _pictures_of(post) != edit.pictures
    if not words and not pictures:
        return False
    changes: dict[str, Any] = {
        "body": edit.text.body,
        "body_html": edit.text.html,
        "item_ids": list(edit.text.item_ids),
        "version": F("version") + 1,
    }
    if edit.pictures is not None and pictures:
        set_pictures(post, edit.pictures, owner=editor)
        changes["picture_count"] = len(edit.pictures)
    if words and leaves_revision(post=post, edit=edit, editor=editor, at=at):
        _keep(post, edit, editor, at)
        changes |= {"edited_at": at, "edit_count": F("edit_count") + 1}
    Post.objects.filter(pk=post.pk).update(**changes)
    save_mentions(post, edit.text.mentioned)
    return True


def _keep(post: Post, edit: Edit, editor: Member, at: datetime) -> None:
    PostRevision.objects.create(
        post=post,
        version=post.version,
        title=post.thread.title if post.is_opening else "",
        body=post.body,
        editor=editor,
        reason=edit.reason,
        created_at=at,
    )


def _change_head(post: Post, edit: Edit) -> bool:
    """Title and tags of the thread; returns whether they changed."""
    changed = False
    if edit.title is not None and edit.title != post.thread.title:
        change_thread(post.thread, title=edit.title, slug=slug_of(edit.title))
        changed = True
    if edit.tags is not None:
        changed = set_tags(post.thread, edit.tags) or changed
    return changed


def _pictures_of(post: Post) -> list[NewPicture]:
    return [NewPicture(row.picture_id, row.alt) for row in post.pictures.all()]

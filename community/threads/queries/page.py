"""The posts of one page of a thread, as narrow rows: what is drawn already is known again by its row.

`thread_posts` gives whole models to whoever works with them; making fifty of them for a page whose posts all lie ready
takes longer than to ask for them. The columns and the joins are written out here, and a test holds them to the models.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

from community.core.models import Picture
from community.core.paging import NumberPage
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.models import WITHHELD, Post, Thread


class PostRow(NamedTuple):
    """A post with all that its face shows but pictures and cards, and with what the rules look at."""

    pk: int
    number: int
    state: str
    version: int
    author_id: int
    created_at: datetime
    edited_at: datetime | None
    edit_count: int
    deleted_at: datetime | None
    deleted_by_id: int | None
    delete_reason: str
    body_html: str
    reactions: str  # JSON
    item_ids: str  # JSON
    picture_count: int
    origin_url: str
    origin_licence: str
    handle: str
    display_name: str
    role: str
    avatar_id: int | None
    avatar: str | None  # the file
    answered_id: int | None
    answered_number: int | None
    answered_name: str | None
    answered_author_id: int | None
    mine: str  # the kinds of reaction that the viewer gave, with commas between them

    @property
    def is_plain(self) -> bool:
        """Whether nothing hangs on it that other tables know: pictures, cards."""
        return self.picture_count == 0 and self.item_ids == "[]"

    def emptied(self, viewer: Viewer) -> "PostRow":
        """What is left for somebody who may not read it: as `thread_posts` leaves it."""
        reason = self.delete_reason if viewer.pk == self.author_id else ""
        return self._replace(
            body_html="", reactions="{}", item_ids="[]", picture_count=0, answered_id=None, delete_reason=reason
        )

    def withheld(self) -> "PostRow":
        """What is left for somebody who is kept apart from the author: that there is a post of this number. As
        `thread_posts` leaves it.
        """
        return _NOTHING._replace(pk=self.pk, number=self.number, created_at=self.created_at)

    def unaddressed(self) -> "PostRow":
        """Without the name of whom it speaks to."""
        return self._replace(answered_id=None, answered_number=None, answered_name=None, answered_author_id=None)

    def post(self, thread: Thread) -> Post:
        """The model, without the text as it was typed."""
        picture = Picture(pk=self.avatar_id, file=self.avatar) if self.avatar else None
        author = Member(pk=self.author_id, handle=self.handle, display_name=self.display_name, role=self.role)
        author.avatar = picture
        answered = None
        if self.answered_id is not None and self.answered_number is not None:
            answered = Post(pk=self.answered_id, number=self.answered_number)
            answered.author = Member(display_name=self.answered_name or "")
        own = {name: getattr(self, name) for name in _OWN}
        return Post(**own, thread=thread, author=author, reply_to=answered, **_decoded(self))


_OWN = (
    *("pk", "number", "state", "version", "created_at", "edited_at", "edit_count", "deleted_at", "deleted_by_id"),
    *("delete_reason", "body_html", "picture_count", "origin_url", "origin_licence"),
)

_SELECT = """
SELECT post.id, post.number, post.state, post.version, post.author_id, post.created_at, post.edited_at, post.edit_count,
  post.deleted_at, post.deleted_by_id, post.delete_reason, post.body_html, post.reactions, post.item_ids,
  post.picture_count, post.origin_url, post.origin_licence,
  author.handle, author.display_name, author.role, author.avatar_id, avatar.file,
  answered.id, answered.number, answered_author.display_name, answered.author_id,
  coalesce((SELECT string_agg(reaction.kind, ',' ORDER BY reaction.kind) FROM threads_reaction reaction
    WHERE reaction.post_id = post.id AND reaction.member_id = %(viewer)s), '')
FROM threads_post post
  JOIN members_member author ON author.id = post.author_id
  LEFT JOIN core_picture avatar ON avatar.id = author.avatar_id
  LEFT JOIN threads_post answered ON answered.id = post.reply_to_id
  LEFT JOIN members_member answered_author ON answered_author.id = answered.author_id
WHERE post.thread_id = %(thread)s AND """
_ROWS = _SELECT + "post.number BETWEEN %(first)s AND %(last)s ORDER BY post.number"
_NUMBERED = _SELECT + "post.number = ANY(%(numbers)s)"


def rows_numbered(*, thread: Thread, viewer: Viewer, numbers: Sequence[int]) -> list[PostRow]:
    """The posts with these numbers, in any order, for no viewer's eyes yet. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERED, {"thread": thread.pk, "numbers": list(numbers), "viewer": viewer.pk})
        return list(map(PostRow._make, cursor.fetchall()))


def page_rows(*, thread: Thread, viewer: Viewer, page: NumberPage) -> list[PostRow]:
    """The posts numbered `page.first` to `page.last`, for no viewer's eyes yet: the caller asks the rules. 1 query."""
    given = {"thread": thread.pk, "first": page.first, "last": page.last, "viewer": viewer.pk}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, given)
        return list(map(PostRow._make, cursor.fetchall()))


_NOTHING = PostRow(
    pk=0,
    number=0,
    state=WITHHELD,
    version=0,
    author_id=0,
    created_at=datetime(2000, 1, 1, tzinfo=UTC),
    edited_at=None,
    edit_count=0,
    deleted_at=None,
    deleted_by_id=None,
    delete_reason="",
    body_html="",
    reactions="{}",
    item_ids="[]",
    picture_count=0,
    origin_url="",
    origin_licence="",
    handle="",
    display_name="",
    role=Member.Role.MEMBER.value,
    avatar_id=None,
    avatar=None,
    answered_id=None,
    answered_number=None,
    answered_name=None,
    answered_author_id=None,
    mine="",
)


def _decoded(row: PostRow) -> dict[str, object]:
    return {"reactions": json.loads(row.reactions), "item_ids": json.loads(row.item_ids)}

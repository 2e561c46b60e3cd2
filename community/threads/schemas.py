"""Threads as the API shows and takes them. Fields that are not named here are refused."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from community.core.paging import Slice
from community.members.models import Member
from community.threads.models import Bookmark, Category, Post, State, Thread
from community.threads.queries import BookmarkRow, FeedRow, Reply, Revisions, RevisionView

# What a bigint column holds; more is no id of ours and must not reach the database.
Id = Annotated[int, Field(ge=1, lt=2**63)]


class In(Schema):
    """A body: what we do not know is refused, not ignored (S30)."""

    model_config = ConfigDict(extra="forbid")


class PictureIn(In):
    id: Id = Field(description="an upload of yours that no post shows yet")
    alt: str = Field("", max_length=400, description="what it shows")


class ThreadIn(In):
    category_id: Id
    kind: str = Field(description="talk, question, idea or announcement")
    title: str = Field(max_length=1000)
    body: str = Field(description="Markdown, at most 32 KB")
    item_id: Id | None = None
    creator_id: Id | None = None
    tags: list[str] = Field([], max_length=20)
    pictures: list[PictureIn] = Field([], max_length=20)


class ReplyIn(In):
    body: str = Field(description="Markdown, at most 32 KB")
    reply_to_id: Id | None = None
    pictures: list[PictureIn] = Field([], max_length=20)


class EditIn(In):
    """`title` and `tags` belong to post number 1; what is left out stays as it is."""

    body: str
    seen_version: int = Field(description="the version you started from; 409 when there is a newer one")
    reason: str = Field("", max_length=1000)
    title: str | None = Field(None, max_length=1000)
    tags: list[str] | None = Field(None, max_length=20)
    pictures: list[PictureIn] | None = Field(None, max_length=20)


class BookmarkIn(In):
    """All that is said of it: what is left out is taken away. `remind_at` has its time zone."""

    note: str = Field("", max_length=1000, description="at most 280 characters, on one line")
    remind_at: datetime | None = None


class PreviewIn(In):
    body: str


class PreviewOut(Schema):
    html: str


class CategoryOut(Schema):
    id: int
    slug: str
    name_ja: str
    name_en: str
    kinds: list[str]
    opened_by: str
    thread_count: int
    post_count: int


class AuthorOut(Schema):
    handle: str
    display_name: str
    picture: str | None

    @staticmethod
    def of(member: Member) -> "AuthorOut":
        picture = member.avatar.thumb_url if member.avatar else None
        return AuthorOut(handle=member.handle, display_name=member.display_name, picture=picture)


class PictureOut(Schema):
    url: str
    thumb_url: str
    width: int
    height: int
    alt: str


class SourceOut(Schema):
    """Where an imported post comes from; show it beside the text."""

    name: str
    url: str
    licence: str


class PostOut(Schema):
    """`body` and `body_html` are empty when the viewer may not read a deleted or hidden post."""

    id: int
    thread_id: int
    number: int
    url: str
    author: AuthorOut
    reply_to_id: int | None
    reply_to_number: int | None
    body: str
    body_html: str
    state: str
    version: int
    created_at: datetime
    edited_at: datetime | None
    edit_count: int
    accepted: bool
    reactions: dict[str, int]
    my_reactions: list[str]
    item_ids: list[int]
    pictures: list[PictureOut]
    source: SourceOut | None

    @staticmethod
    def of(post: Post, mine: set[str] | frozenset[str] = frozenset()) -> "PostOut":
        answered = post.reply_to
        return PostOut(
            reply_to_id=answered.pk if answered is not None else None,
            reply_to_number=answered.number if answered is not None else None,
            author=AuthorOut.of(post.author),
            url=post.get_absolute_url(),
            accepted=post.thread.accepted_post_id == post.pk,
            my_reactions=sorted(mine),
            pictures=_pictures(post) if post.picture_count else [],
            source=_source(post),
            **_plain(post, PLAIN_OF_POST),
        )


class ThreadOut(Schema):
    id: int
    url: str
    kind: str
    title: str
    state: str
    category: str
    author: AuthorOut
    item_id: int | None
    creator_id: int | None
    created_at: datetime
    last_post_at: datetime
    last_number: int
    reply_count: int
    reaction_count: int
    accepted_post_id: int | None
    pinned: bool
    locked: bool
    slow_mode_seconds: int
    tags: list[str]

    @staticmethod
    def of(thread: Thread) -> "ThreadOut":
        return ThreadOut(
            url=thread.get_absolute_url(),
            category=thread.category.slug,
            author=AuthorOut.of(thread.author),
            pinned=thread.pinned_at is not None,
            locked=thread.locked_at is not None,
            tags=[tag.name for tag in thread.tags.all()],
            **_plain(thread, PLAIN_OF_THREAD),
        )


class ThreadPage(Schema):
    """`next` and `previous` go into `cursor`; null at an end."""

    threads: list[ThreadOut]
    next: str | None
    previous: str | None

    @staticmethod
    def of(found: Slice[Thread]) -> "ThreadPage":
        rows = [ThreadOut.of(thread) for thread in found.rows]
        return ThreadPage(threads=rows, next=found.next, previous=found.previous)


class PostRange(Schema):
    """The posts numbered `first` to `last` of `last_number`; numbers are dense and never change."""

    first: int
    last: int
    last_number: int
    posts: list[PostOut]


class Counts(Schema):
    """How many reactions of each kind the post has now."""

    reactions: dict[str, int]


class Step(Schema):
    op: str
    text: str


class RevisionOut(Schema):
    """An edit. `diff` leads from version `version` to the next; empty when staff hid the text."""

    id: int
    version: int
    editor: AuthorOut | None
    created_at: datetime
    reason: str
    hidden: bool
    diff: list[Step]

    @staticmethod
    def of(view: RevisionView) -> "RevisionOut":
        return RevisionOut(
            id=view.revision_id,
            version=view.version,
            editor=AuthorOut.of(view.editor) if view.editor is not None else None,
            created_at=view.created_at,
            reason=view.reason,
            hidden=view.hidden,
            diff=[Step(op=op, text=text) for op, text in view.diff],
        )


class RevisionPage(Schema):
    """`next` and `previous` go into `cursor`; null at an end."""

    edits: list[RevisionOut]
    next: str | None
    previous: str | None

    @staticmethod
    def of(found: Revisions) -> "RevisionPage":
        edits = [RevisionOut.of(view) for view in found.edits]
        return RevisionPage(edits=edits, next=found.next, previous=found.previous)


PLAIN_OF_POST = [
    "id",
    "thread_id",
    "number",
    "body",
    "body_html",
    "state",
    "version",
    "created_at",
    "edited_at",
    "edit_count",
    "reactions",
    "item_ids",
]
PLAIN_OF_THREAD = [
    "id",
    "kind",
    "title",
    "state",
    "item_id",
    "creator_id",
    "created_at",
    "last_post_at",
    "last_number",
    "reply_count",
    "reaction_count",
    "accepted_post_id",
    "slow_mode_seconds",
]


def category_out(category: Category) -> CategoryOut:
    return CategoryOut.from_orm(category)


def _plain(row: Any, names: list[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _pictures(post: Post) -> list[PictureOut]:
    return [
        PictureOut(
            url=row.picture.url,
            thumb_url=row.picture.thumb_url,
            width=row.picture.width,
            height=row.picture.height,
            alt=row.alt,
        )
        for row in post.pictures.all()
    ]


def _source(post: Post) -> SourceOut | None:
    if not post.origin or post.state != State.VISIBLE:
        return None
    return SourceOut(name=post.origin, url=post.origin_url, licence=post.origin_licence)


class BookmarkOut(Schema):
    """Something the caller keeps for later. `url` is null where it is gone, or not for them any more."""

    kind: str
    target_id: int
    title: str
    excerpt: str
    url: str | None
    note: str
    remind_at: datetime | None
    reminded_at: datetime | None
    created_at: datetime

    @staticmethod
    def of(row: BookmarkRow) -> "BookmarkOut":
        mark: Bookmark = row.bookmark
        return BookmarkOut(
            kind=mark.kind,
            target_id=mark.target_id,
            title=row.kept.title if row.kept else "",
            excerpt=row.kept.excerpt if row.kept else "",
            url=row.kept.url if row.kept else None,
            note=mark.note,
            remind_at=mark.remind_at,
            reminded_at=mark.reminded_at,
            created_at=mark.created_at,
        )


class BookmarkPage(Schema):
    """`next` and `previous` go into `cursor`; null at an end."""

    bookmarks: list[BookmarkOut]
    next: str | None
    previous: str | None

    @staticmethod
    def of(rows: list[BookmarkRow], found: Slice[Bookmark]) -> "BookmarkPage":
        return BookmarkPage(bookmarks=[BookmarkOut.of(row) for row in rows], next=found.next, previous=found.previous)


class ReasonOut(Schema):
    """A place that the caller follows."""

    kind: str
    name: str
    url: str


class NewOut(Schema):
    """Something new: `kind` is thread, reply or item, `id` its own; an excerpt of replies alone."""

    kind: str
    id: int
    title: str
    url: str
    excerpt: str
    at: datetime
    reasons: list[ReasonOut]

    @staticmethod
    def of(row: FeedRow) -> "NewOut":
        thing = row.thing
        target = thing.post if isinstance(thing, Reply) else thing
        return NewOut(
            kind=row.kind,
            id=target.pk,
            title=target.thread.title if isinstance(target, Post) else target.title,
            url=target.get_absolute_url(),
            excerpt=thing.excerpt if isinstance(thing, Reply) else "",
            at=row.at,
            reasons=[ReasonOut(kind=kind, name=place.name, url=place.url) for kind, place in row.reasons],
        )


class FeedPage(Schema):
    """`next` goes into `cursor`; null at the end."""

    news: list[NewOut]
    next: str | None

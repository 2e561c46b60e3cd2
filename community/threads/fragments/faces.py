"""What a post or a row of a list shows: plain values, nothing behind them. The template of a piece gets its face and
nothing else, so a face, with language, time zone and the age of its times, is a complete key for what was drawn.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from community.catalog.models import Item, ItemPicture
from community.core.models import Picture
from community.members.models import Member
from community.threads.models import WITHHELD, Post, Reaction, State, Thread

REACTIONS = tuple(kind.value for kind in Reaction.Kind)


@dataclass(frozen=True, slots=True)
class May:
    """What the viewer may do with one post; the buttons that are shown."""

    reply: bool
    react: bool
    edit: bool
    delete: bool
    restore: bool
    accept: bool
    history: bool
    save: bool = False

    def __bool__(self) -> bool:
        return any((self.reply, self.edit, self.delete, self.restore, self.accept))


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as one viewer sees it."""

    post: Post
    mine: frozenset[str]
    may: May
    reason: str = ""  # why a moderator took it down, for its author and moderators


class Person(NamedTuple):
    """What a byline shows of a member."""

    pk: int
    handle: str
    display_name: str
    role: str
    avatar: str  # an address, or "" where the initial is drawn

    @classmethod
    def of(cls, member: Member) -> "Person":
        picture: Picture | None = member.avatar if member.avatar_id else None
        return cls(member.pk, member.handle, member.display_name, member.role, picture.url if picture else "")


class PictureFace(NamedTuple):
    url: str
    thumb_url: str
    width: int
    height: int
    alt: str


class CardFace(NamedTuple):
    """What the item cards of the design system show."""

    item_id: int
    slug: str
    title: str
    creator_name: str
    picture: str  # an address, or "" where a pattern is drawn
    amount: int | None
    currency: str
    state: str

    @classmethod
    def of(cls, item: Item) -> "CardFace":
        """The item comes with its creator and pictures loaded."""
        first = next(iter(item.pictures.all()), None)
        maker = item.creator.name if item.creator else ""
        picture = _thumb(first) if first else ""
        return cls(item.pk, item.slug, item.title, maker, picture, item.price_minor, item.currency, item.state)


def _thumb(row: ItemPicture) -> str:
    face = row.face()
    return str(face["thumb_url"] or face["url"])


class Answered(NamedTuple):
    """The post that a reply speaks to."""

    post_id: int
    number: int
    name: str


class PostFace(NamedTuple):
    """All that a post shows. `may` is None where it is shown to everybody alike (the live push)."""

    thread_id: int
    post_id: int
    number: int
    version: int
    state: str
    author: Person
    body_html: str
    at: datetime | None  # of the deletion, where a tombstone stands
    edited: bool
    has_history: bool
    answered: Answered | None
    accepted: bool
    creator: bool
    craft_since: int | None
    asker: bool
    pictures: tuple[PictureFace, ...]
    cards: tuple[CardFace, ...]
    source: tuple[str, str]  # address and licence of an imported post
    counts: tuple[int, ...]  # as REACTIONS
    mine: AbstractSet[str]
    may: May | None
    taken_by: str  # who took the text away: "author", "moderator", "" (it stands), or WITHHELD
    reason: str


def face_of(post: Post, thread: Thread, row: Shown | None = None) -> PostFace:
    """The post and its thread come as the queries give them; `row` adds what one viewer may do."""
    owner = thread.item.creator if thread.item else thread.creator
    creator = owner is not None and owner.member_id == post.author_id
    stands = post.is_visible
    return PostFace(
        thread_id=thread.pk,
        post_id=post.pk,
        number=post.number,
        version=post.version,
        state=post.state,
        author=Person.of(post.author),
        body_html=post.body_html if stands else "",
        at=post.created_at if stands else post.deleted_at,
        edited=post.edited_at is not None,
        has_history=post.edit_count > 0,
        answered=_answered(post.reply_to) if post.reply_to_id else None,
        accepted=thread.accepted_post_id == post.pk,
        creator=creator,
        craft_since=owner.craft_started_year if creator and owner else None,
        asker=thread.is_question and not post.is_opening and post.author_id == thread.author_id,
        pictures=_pictures(post) if post.picture_count else (),
        cards=tuple(map(CardFace.of, getattr(post, "cards", ()))),
        source=(post.origin_url, post.origin_licence),
        counts=tuple([post.reactions.get(kind, 0) for kind in REACTIONS]),
        mine=row.mine if row else frozenset(),
        may=row.may if row else None,
        taken_by="" if stands else _taken_by(post),
        reason=row.reason if row else "",
    )


def _answered(post: Post | None) -> Answered | None:
    return Answered(post.pk, post.number, post.author.display_name) if post is not None else None


def _pictures(post: Post) -> tuple[PictureFace, ...]:
    rows = post.pictures.all()
    return tuple(
        PictureFace(row.picture.url, row.picture.thumb_url, row.picture.width, row.picture.height, row.alt)
        for row in rows
    )


def _taken_by(post: Post) -> str:
    if post.state == WITHHELD:
        return WITHHELD
    return "author" if post.deleted_by_id is not None and post.deleted_by_id == post.author_id else "moderator"


class RowFace(NamedTuple):
    """All that one thread shows in a list."""

    thread_id: int
    path: str
    title: str
    kind: str
    author: Person
    category_name: str
    category_slug: str
    item: CardFace | None
    replies: int
    reactions: int
    last_at: datetime
    last_number: int
    pinned: bool
    locked: bool
    answered: bool
    tags: tuple[tuple[str, str], ...]  # (name, slug)


def row_face(thread: Thread, *, at_item: bool = False) -> RowFace:
    """`at_item`: on the item's own page, where it is not named again."""
    # A shop that closed takes its items out of sight, not the talk about them.
    named = thread.item if thread.item and not at_item and thread.item.shop.is_open else None
    return RowFace(
        thread_id=thread.pk,
        path=thread.get_absolute_url(),
        title=thread.title,
        kind=thread.kind,
        author=Person.of(thread.author),
        category_name=thread.category.name,
        category_slug=thread.category.slug,
        item=CardFace.of(named) if named else None,
        replies=thread.reply_count,
        reactions=thread.reaction_count,
        last_at=thread.last_post_at,
        last_number=thread.last_number,
        pinned=thread.pinned_at is not None,
        locked=thread.locked_at is not None,
        answered=thread.is_answered,
        tags=tuple((tag.name, tag.slug) for tag in thread.tags.all()),
    )


class HeadFace(NamedTuple):
    """All that stands above the posts of a thread."""

    thread_id: int
    title: str
    kind: str
    answered: bool
    visible: bool
    pinned: bool
    locked: bool
    slow: bool
    category_name: str
    category_slug: str
    tags: tuple[tuple[str, str], ...]  # (name, slug)
    item: CardFace | None

    @property
    def stream(self) -> str:
        return f"thread.{self.thread_id}"


def head_face(thread: Thread, item: Item | None) -> HeadFace:
    """`item` is the thread's, if everybody may see it."""
    return HeadFace(
        thread_id=thread.pk,
        title=thread.title,
        kind=thread.kind,
        answered=thread.is_answered,
        visible=thread.state == State.VISIBLE,
        pinned=thread.pinned_at is not None,
        locked=thread.locked_at is not None,
        slow=thread.slow_mode_seconds > 0,
        category_name=thread.category.name,
        category_slug=thread.category.slug,
        tags=tuple((tag.name, tag.slug) for tag in thread.tags.all()),
        item=CardFace.of(item) if item else None,
    )


class AsideFace(NamedTuple):
    """All that stands beside the posts of a thread."""

    thread_id: int
    created_at: datetime
    replies: int
    last_post_at: datetime
    about: str  # the category, in words
    newest: str  # the address of the last post, where another page holds it
    may_manage: bool

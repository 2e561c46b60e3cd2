"""What happens in threads. Ids only: whoever listens asks for the rows it may see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThreadOpened:
    thread_id: int
    post_id: int
    author_id: int
    item_id: int | None = None
    creator_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyPosted:
    thread_id: int
    post_id: int
    number: int
    author_id: int
    reply_to_id: int | None = None


@dataclass(frozen=True, slots=True)
class PostEdited:
    thread_id: int
    post_id: int
    editor_id: int


@dataclass(frozen=True, slots=True)
class PostDeleted:
    thread_id: int
    post_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class PostRestored:
    thread_id: int
    post_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class ReactionChanged:
    thread_id: int
    post_id: int
    member_id: int
    kind: str
    added: bool


@dataclass(frozen=True, slots=True)
class AnswerAccepted:
    thread_id: int
    post_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class AnswerUnaccepted:
    thread_id: int
    post_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class ThreadChanged:
    """Title, tags, pin, lock, slow mode or place changed."""

    thread_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class ThreadVisibilityChanged:
    """Hidden, deleted, restored or moved to a category that others may read."""

    thread_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class RevisionHidden:
    """An entry of a post's history was hidden (or, with `hidden` False, shown again)."""

    thread_id: int
    post_id: int
    revision_id: int
    by_id: int
    hidden: bool = True


@dataclass(frozen=True, slots=True)
class CategoryChanged:
    """A category was made, or is called, described or placed otherwise."""

    category_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class ThreadsImported:
    """Talk was brought in from elsewhere, or changed there."""

    category_id: int
    thread_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HeatSettled:
    """The order of lively threads was made anew."""


@dataclass(frozen=True, slots=True)
class CategoryReadersChanged:
    """A category is read by others than before, and with it every thread in it."""

    category_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class ThreadsRead:
    """A member has read on: thread ids, each with the number they came to."""

    member_id: int
    reached: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class AllRead:
    """A member marked everything as read (of a category, or everywhere), or took that back."""

    member_id: int


@dataclass(frozen=True, slots=True)
class DraftChanged:
    """A draft was saved, discarded, restored or sent."""

    member_id: int
    context: str
    sequence: int


@dataclass(frozen=True, slots=True)
class BookmarkChanged:
    """A member saved something, changed a note or reminder, was reminded, or let go of it (`saved` False)."""

    member_id: int
    kind: str
    target_id: int
    saved: bool


@dataclass(frozen=True, slots=True)
class FeedGrew:
    """Something new stands in feeds, at these places ("tag:7"), by this member. No places: there is much, or it is not
    for everybody, and where it lies is nobody's business.
    """

    places: tuple[str, ...] = ()
    author_id: int | None = None

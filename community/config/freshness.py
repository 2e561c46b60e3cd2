"""What makes the kept pages of visitors new: which fact moves which of the streams that pages are compared with.

A page says which streams it shows (`core.pages`). Most of what happens is told aloud on `thread.<id>`, `item.<id>` and
`home.1`, for readers who are watching; here stands the rest. The streams of this module carry nothing and can be
watched by nobody, so they may move with what is said out of sight as well: only their numbers matter.
"""

from collections.abc import Iterator

from community.catalog.facts import (
    CreatorLinked,
    CreatorProfileChanged,
    CreatorsImported,
    ItemsImported,
    ShopChanged,
)
from community.core import facts
from community.core.facts import Live
from community.core.pages import ABOUT, ITEMS, SITE, TALK, WORK
from community.members.facts import (
    MemberBanned,
    MemberErased,
    MemberForgotten,
    MemberUnbanned,
    ProfileChanged,
    RoleChanged,
    TrustChanged,
)
from community.members.models import Member
from community.threads.facts import (
    AnswerAccepted,
    AnswerUnaccepted,
    CategoryChanged,
    CategoryReadersChanged,
    HeatSettled,
    PostDeleted,
    PostEdited,
    PostRestored,
    ReactionChanged,
    ThreadChanged,
    ThreadOpened,
    ThreadsImported,
    ThreadVisibilityChanged,
)
from community.threads.models import Post, Thread

CHANGED = "changed"
FEW = 20
"""Items; more in one commit, and every page is made anew instead: one entry in the log, however large the import."""


@facts.last(
    *(MemberBanned, MemberErased, MemberForgotten, MemberUnbanned, ProfileChanged, RoleChanged),
    *(CreatorLinked, CreatorProfileChanged, CreatorsImported, ShopChanged),
    *(CategoryChanged, CategoryReadersChanged, ThreadsImported),
)
def any_page(fact: object) -> Iterator[Live]:
    """A name, a face, a role, a place: it may stand anywhere."""
    yield Live(SITE, CHANGED)


@facts.last(TrustChanged)
def levels(fact: TrustChanged) -> Iterator[Live]:
    """Only the badge on a member's page shows a level, from level 2."""
    if any(max(move.before, move.after) >= Member.Trust.REGULAR for move in fact.moves):
        yield Live(SITE, CHANGED)


@facts.last(ItemsImported)
def items(fact: ItemsImported) -> Iterator[Live]:
    if len(fact.item_ids) > FEW:
        yield Live(SITE, CHANGED)
        return
    yield Live(ITEMS, CHANGED)
    for pk in fact.item_ids:
        yield Live(WORK.format(item_id=pk), CHANGED)


ThreadMoved = (
    *(AnswerAccepted, AnswerUnaccepted, PostDeleted, PostEdited, PostRestored),
    *(ReactionChanged, ThreadChanged, ThreadOpened, ThreadVisibilityChanged),
)


@facts.last(*ThreadMoved)
def rows_of_a_thread(fact: "AnswerAccepted | PostEdited | ThreadChanged | ThreadOpened") -> Iterator[Live]:
    """What rows in lists show of a thread, and what its authors' pages count. A reply is told on `home.1`."""
    yield Live(TALK, CHANGED)
    item_id = _item_of(fact)
    if item_id is not None:
        yield Live(ABOUT.format(item_id=item_id), CHANGED)


def _item_of(fact: "AnswerAccepted | PostEdited | ThreadChanged | ThreadOpened") -> int | None:
    """The item that the thread is about. Asked for only where nobody has it: people wait for the thread meanwhile."""
    if isinstance(fact, ThreadOpened):
        return fact.item_id
    post = facts.written(Post, getattr(fact, "post_id", 0))
    if post is not None:
        return post.thread.item_id
    return Thread.objects.filter(pk=fact.thread_id).values_list("item_id", flat=True).first()


@facts.last(HeatSettled)
def order_of_lively_threads(fact: HeatSettled) -> Iterator[Live]:
    yield Live(TALK, CHANGED)

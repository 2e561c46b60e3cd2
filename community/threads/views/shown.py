"""A post as one viewer sees it: the row, what they already gave it, and what they may do with it."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from community.core.paging import NumberPage
from community.members.models import Member
from community.members.permissions import Viewer, apart_from, can_take_part
from community.threads import fragments, permissions, queries
from community.threads.fragments import May, Shown
from community.threads.models import Post, Thread
from community.threads.queries import PostRow
from community.threads.queries.posts import add_cards, add_pictures

# Stand for the real ones in the sample rows of buttons, which thread.js fills in for posts that arrive live.
SAMPLE_ID, SAMPLE_NUMBER = 777_000_000_001, 777_000_002


def shown(viewer: Viewer, thread: Thread, posts: Iterable[Post]) -> list[Shown]:
    """Posts of one thread for one viewer; one query for all of them."""
    posts = list(posts)
    mine = queries.my_reactions(viewer=viewer, posts=posts)
    reply = bool(permissions.can_reply(viewer, thread))
    return [
        Shown(
            post=post,
            mine=frozenset(mine.get(post.pk, ())),
            may=may(viewer, thread, post, reply=reply),
            reason=post.delete_reason if viewer.is_moderator or viewer.pk == post.author_id else "",
        )
        for post in posts
    ]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The posts of a page as one viewer sees them."""

    posts: list[SafeString]
    rich: list[Post]  # those that show pictures or cards
    first_html: str  # the text of the first one, "" where a tombstone stands


def drawn(viewer: Viewer, thread: Thread, rows: Sequence[PostRow]) -> Drawn:
    """The posts of a page, ready. At most 3 queries, none where no post has a picture or a card."""
    reply = bool(permissions.can_reply(viewer, thread))
    page, allowed = fragments.Page(thread), Allowed(viewer, thread, reply=reply)
    pieces: list[SafeString | Shown] = []
    rows = [_as_seen(viewer, row, readable=allowed.to_read(row)) for row in rows]
    for row in rows:
        may = allowed.with_post(row)
        reason = row.delete_reason if viewer.is_moderator or viewer.pk == row.author_id else ""
        if row.is_plain:
            pieces.append(page.plain(row, may, reason))
        else:
            pieces.append(fragments.shown_of(row, row.post(thread), may, reason))
    rich = [piece.post for piece in pieces if isinstance(piece, Shown)]
    add_pictures(rich)
    add_cards(rich)
    posts = [page.whole(piece) if isinstance(piece, Shown) else piece for piece in pieces]
    return Drawn(posts, rich, rows[0].body_html if rows else "")


def _as_seen(viewer: Viewer, row: PostRow, *, readable: bool) -> PostRow:
    """The row with no more than this viewer may read of it."""
    if not viewer.block_count:
        return row if readable else row.emptied(viewer)
    if apart_from(viewer, row.author_id):
        return row.withheld()
    row = row if readable else row.emptied(viewer)
    answered = row.answered_author_id
    return row.unaddressed() if answered is not None and apart_from(viewer, answered) else row


class Allowed:
    """What a viewer may do with posts of one thread; the rules are asked once for each standing."""

    def __init__(self, viewer: Viewer, thread: Thread, *, reply: bool) -> None:
        self._viewer, self._thread, self._reply = viewer, thread, reply
        self._known: dict[Hashable, tuple[May, bool]] = {}

    def with_post(self, row: PostRow) -> May:
        return self._asked(row)[0]

    def to_read(self, row: PostRow) -> bool:
        return self._asked(row)[1]

    def _asked(self, row: PostRow) -> tuple[May, bool]:
        alike = permissions.standing(self._viewer, row), row.edit_count > 0
        if alike not in self._known:
            post = row.post(self._thread)
            what = may(self._viewer, self._thread, post, reply=self._reply)
            self._known[alike] = what, bool(permissions.can_see_post(self._viewer, post))
        return self._known[alike]


def one(viewer: Viewer, post: Post) -> Shown:
    """One post, read as a page reads it."""
    page = NumberPage(page=1, pages=1, size=1, first=post.number, last=post.number, total=post.number)
    return shown(viewer, post.thread, queries.thread_posts(thread=post.thread, viewer=viewer, page=page))[0]


def just_written(viewer: Viewer, post: Post) -> Shown:
    """A post as its action gives it back: nobody can have reacted to it yet, so there is nothing to ask. No query."""
    reply = bool(permissions.can_reply(viewer, post.thread))
    return Shown(post=post, mine=frozenset(), may=may(viewer, post.thread, post, reply=reply))


def may(viewer: Viewer, thread: Thread, post: Post, *, reply: bool) -> May:
    return May(
        reply=reply and post.is_visible,
        react=bool(permissions.can_react(viewer, post)),
        edit=bool(permissions.can_edit_post(viewer, post)),
        delete=bool(permissions.can_delete_post(viewer, post)),
        restore=bool(permissions.can_restore_post(viewer, post)),
        accept=bool(permissions.can_accept(viewer, thread, post)),
        history=bool(post.edit_count and permissions.can_see_history(viewer, post)),
        save=post.is_visible and bool(can_take_part(viewer)),
    )


def sample_of_other(viewer: Viewer, thread: Thread) -> SafeString:
    """A new post of somebody else, as the rules see it now."""
    return _sample(viewer, thread, Member(pk=0, handle="somebody", role=Member.Role.MEMBER))


def sample_of_own(viewer: Viewer, thread: Thread) -> SafeString:
    """A new post of one's own; nothing for a visitor."""
    return _sample(viewer, thread, viewer) if isinstance(viewer, Member) else SafeString("")


def _sample(viewer: Viewer, thread: Thread, author: Member) -> SafeString:
    post = Post(pk=SAMPLE_ID, number=SAMPLE_NUMBER, thread=thread, author=author, created_at=thread.created_at)
    reply = bool(permissions.can_reply(viewer, thread))
    return fragments.post(post, thread, Shown(post, frozenset(), may(viewer, thread, post, reply=reply)))

"""A post as one viewer sees it: the row, what they already gave it, and what they may do with it."""

from collections.abc import Hashable, Iterable

from community.core.paging import NumberPage
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads import permissions, queries
from community.threads.fragments import May, Shown
from community.threads.models import Post, Thread

NOTHING: frozenset[str] = frozenset()
# Stand for the real ones in the sample rows of buttons, which thread.js fills in for posts that arrive live.
SAMPLE_ID, SAMPLE_NUMBER = 777_000_000_001, 777_000_002


def shown(viewer: Viewer, thread: Thread, posts: Iterable[Post]) -> list[Shown]:
    """Posts of one thread for one viewer; one query for all of them."""
    posts = list(posts)
    mine = queries.my_reactions(viewer=viewer, posts=posts)
    reply = bool(permissions.can_reply(viewer, thread))
    allowed: dict[Hashable, May] = {}
    rows = []
    for post in posts:
        alike = permissions.standing(viewer, post), post.edit_count > 0
        if alike not in allowed:
            allowed[alike] = may(viewer, thread, post, reply=reply)
        rows.append(
            Shown(
                post=post,
                mine=frozenset(mine[post.pk]) if post.pk in mine else NOTHING,
                may=allowed[alike],
                reason=post.delete_reason if viewer.is_moderator or viewer.pk == post.author_id else "",
            )
        )
    return rows


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
    )


def samples(viewer: Viewer, thread: Thread) -> dict[str, Shown]:
    """A new post of one's own and one of somebody else, as the rules see them now."""
    authors = {"other": Member(pk=0, handle="somebody", role=Member.Role.MEMBER)}
    if isinstance(viewer, Member):
        authors["own"] = viewer
    reply = bool(permissions.can_reply(viewer, thread))
    rows = {who: _sample(thread, author) for who, author in authors.items()}
    return {who: Shown(row, frozenset(), may(viewer, thread, row, reply=reply)) for who, row in rows.items()}


def _sample(thread: Thread, author: Member) -> Post:
    return Post(pk=SAMPLE_ID, number=SAMPLE_NUMBER, thread=thread, author=author, created_at=thread.created_at)

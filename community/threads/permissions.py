"""Who may do what in threads.

Rules take rows whose thread, category, item, creator and author are loaded and ask the database nothing, but for one
look at "is this member a maker?", kept on the member, and only where a category is for makers. Every rule about
seeing has a list twin, so that a list never shows what the page would refuse; tests hold each pair together.
"""

from collections.abc import Hashable
from typing import Protocol

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.catalog.models import Creator, Item
from community.catalog.permissions import visible_creators, visible_items
from community.core.verdicts import NOT_FOUND, YES, Verdict, no
from community.members.models import Member
from community.members.permissions import READER, VISITOR, Viewer, apart_from, can_take_part, not_apart, trust_of
from community.threads.models import Category, Post, State, Thread

# What everybody may see of the catalogue may have threads, and items of it cards in posts.
SHOWN_ITEMS = visible_items(VISITOR)
SHOWN_CREATORS = visible_creators(VISITOR)


class Standing(Protocol):
    """What the rules about posts look at in a post itself: a model, or a row that was read for a page."""

    @property
    def state(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def author_id(self) -> int: ...
    @property
    def deleted_by_id(self) -> int | None: ...


_GONE = no(NOT_FOUND, _("There is no such thread."))
_NO_POST = no(NOT_FOUND, _("There is no such post."))
_NO_CATEGORY = no(NOT_FOUND, _("There is no such category."))


def is_maker(viewer: Viewer) -> bool:
    """Whether a creator of the catalogue speaks through this account; asked once per member object."""
    if not isinstance(viewer, Member) or viewer is READER:
        return False
    known = viewer.__dict__.get("_is_maker")
    if known is None:
        known = viewer.__dict__["_is_maker"] = Creator.objects.filter(member_id=viewer.pk).exists()
    return bool(known)


def owns(viewer: Viewer, *, item: Item | None, creator: Creator | None) -> bool:
    """Whether the viewer is the maker of the item, or of the page where there is no item."""
    owner = item.creator if item is not None else creator
    return viewer.pk is not None and owner is not None and owner.member_id == viewer.pk


# --- Categories ----------------------------------------------------------------------------------------------


def can_see_category(viewer: Viewer, category: Category) -> Verdict:
    return YES if _belongs(viewer, category.read_by) else _NO_CATEGORY


def visible_categories(viewer: Viewer, prefix: str = "") -> Q:
    """The twin of `can_see_category`; `prefix` leads from the listed row to its category ("category__")."""
    return Q(**{f"{prefix}read_by__in": [circle for circle in Category.OpenedBy if _belongs(viewer, circle)]})


def _belongs(viewer: Viewer, circle: str) -> bool:
    """Whether the viewer is one of `circle`. Moderators are let in where makers are, to look after the place."""
    if circle == Category.OpenedBy.EVERYBODY or viewer.is_manager:
        return True
    return circle == Category.OpenedBy.CREATORS and (viewer.is_moderator or is_maker(viewer))


def can_set_up_categories(viewer: Viewer) -> Verdict:
    """Make places for threads and say who reads and opens what."""
    if not (verdict := can_take_part(viewer)):
        return verdict
    return YES if viewer.is_manager else no("rank", _("You need a higher role for this."))


# --- Threads -------------------------------------------------------------------------------------------------


def can_see_thread(viewer: Viewer, thread: Thread) -> Verdict:
    """A deleted or hidden thread is there for its author and for staff only."""
    if not can_see_category(viewer, thread.category):
        return _GONE
    if thread.state == State.VISIBLE or viewer.is_moderator or _is_author(viewer, thread.author_id):
        return YES
    return _GONE


def visible_threads(viewer: Viewer, prefix: str = "") -> Q:
    """The twin of `can_see_thread`; `prefix` leads from the listed row to its thread ("thread__")."""
    readable = visible_categories(viewer, f"{prefix}category__")
    if viewer.is_moderator:
        return readable
    return readable & _open_or_own(viewer, prefix)


def listed_threads(viewer: Viewer, prefix: str = "") -> Q:
    """`visible_threads` without those opened by somebody who is kept apart from the viewer: lists offer no way into
    them. Who has the address may read what the others say there.
    """
    return visible_threads(viewer, prefix) & not_apart(viewer, f"{prefix}author_id")


def can_open_thread(
    viewer: Viewer, category: Category, kind: str, *, item: Item | None = None, creator: Creator | None = None
) -> Verdict:
    """News come from the maker of the item or page, or from managers; the rest is the category's to say."""
    if not can_see_category(viewer, category):
        return _NO_CATEGORY
    if not (verdict := can_take_part(viewer)):
        return verdict
    if kind not in category.kinds:
        return no("kind_not_here", _("This kind of thread is not opened here. Choose another place for it."))
    if not _belongs(viewer, category.opened_by):
        return no("category_closed", _("New threads here are opened by others. You are welcome to reply to them."))
    if kind == Thread.Kind.ANNOUNCEMENT and not (viewer.is_manager or owns(viewer, item=item, creator=creator)):
        return no("not_the_maker", _("News come from the maker. Open a talk or a question instead."))
    return YES


def can_reply(viewer: Viewer, thread: Thread) -> Verdict:
    if not (verdict := can_see_thread(viewer, thread)):
        return verdict
    if not (verdict := can_take_part(viewer)):
        return verdict
    if thread.state != State.VISIBLE:
        return no("thread_deleted", _("This thread was taken down, so it takes no replies."))
    if thread.locked_at is not None and not viewer.is_moderator:
        return no("thread_locked", _("This thread is locked. You can read it, but not reply."))
    return YES


def can_manage_thread(viewer: Viewer, thread: Thread) -> Verdict:
    """Pin, lock, slow down, move."""
    if not (verdict := can_see_thread(viewer, thread)):
        return verdict
    if not (verdict := can_take_part(viewer)):
        return verdict
    return YES if viewer.is_moderator else no("staff_only", _("Only moderators can do this."))


def can_move_thread(viewer: Viewer, thread: Thread) -> Verdict:
    """Moderators any thread; those of community level 3 what is plain talk, in the open."""
    if viewer.is_moderator or trust_of(viewer) < Member.Trust.MAINSTAY:
        return can_manage_thread(viewer, thread)
    if not (verdict := can_see_thread(viewer, thread)):
        return verdict
    if not (verdict := can_take_part(viewer)):
        return verdict
    plain = thread.locked_at is None and thread.kind != Thread.Kind.ANNOUNCEMENT and thread.state == State.VISIBLE
    return YES if plain and _is_open(thread.category) else no("staff_only", _("Only moderators can do this."))


def can_move_into(viewer: Viewer, category: Category) -> Verdict:
    """The other half of `can_move_thread`: where to."""
    if viewer.is_moderator or _is_open(category):
        return YES
    return no("staff_only", _("Only moderators can do this."))


def _is_open(category: Category) -> bool:
    return category.read_by == category.opened_by == Category.OpenedBy.EVERYBODY


def can_choose_answer(viewer: Viewer, thread: Thread) -> Verdict:
    """Whether this person may say which reply answers the question, or take that back."""
    if not (verdict := can_see_thread(viewer, thread)):
        return verdict
    if not (verdict := can_take_part(viewer)):
        return verdict
    if not thread.is_question:
        return no("not_a_question", _("Only a question has an accepted answer."))
    if thread.state != State.VISIBLE:
        return no("thread_deleted", _("This thread was taken down."))
    if _is_author(viewer, thread.author_id) or viewer.is_manager:
        return YES
    if owns(viewer, item=thread.item, creator=thread.creator):
        return YES
    return no("not_the_asker", _("The person who asked, or the maker, chooses the answer."))


def can_accept(viewer: Viewer, thread: Thread, post: Post) -> Verdict:
    """Whether this person may accept this reply as the answer."""
    if not (verdict := can_choose_answer(viewer, thread)):
        return verdict
    if not can_see_post(viewer, post):
        return _NO_POST
    if post.is_opening:
        return no("not_an_answer", _("The question cannot be its own answer. Choose one of the replies."))
    if not post.is_visible:
        return no("post_deleted", _("This reply was taken down, so it cannot be the answer."))
    return YES


# --- Posts ---------------------------------------------------------------------------------------------------


def can_see_post(viewer: Viewer, post: Post) -> Verdict:
    """Whether the text may be read. Of a deleted or hidden post others see a tombstone without it; those between whom
    there is a block see a line in the place of each other's posts, which names nobody (ADR 0021).
    """
    if not can_see_thread(viewer, post.thread) or apart_from(viewer, post.author_id):
        return _NO_POST
    if post.is_visible or viewer.is_moderator or _is_author(viewer, post.author_id):
        return YES
    return _NO_POST


def standing(viewer: Viewer, post: Standing) -> Hashable:
    """All that the rules below look at in a post itself: of two posts of one thread with equal standing, this viewer
    may do the same with both. So a page asks the rules once for each standing, not once for each post.
    """
    me = viewer.pk
    return (
        post.state,
        post.number == 1,
        me is not None and post.author_id == me,
        me is not None and post.deleted_by_id == me,
        apart_from(viewer, post.author_id),
    )


def visible_posts(viewer: Viewer) -> Q:
    """The twin of `can_see_post`."""
    readable = visible_threads(viewer, "thread__") & not_apart(viewer)
    return readable if viewer.is_moderator else readable & _open_or_own(viewer)


def can_edit_post(viewer: Viewer, post: Post) -> Verdict:
    """Authors and moderators; a deleted post is restored first, a locked thread stays as it is."""
    if not (verdict := _can_touch(viewer, post)):
        return verdict
    if not (viewer.is_moderator or _is_author(viewer, post.author_id)):
        return no("not_yours", _("Only the author can change this post."))
    return _while_open(viewer, post)


def can_delete_post(viewer: Viewer, post: Post) -> Verdict:
    """Authors and moderators. Number 1 takes the thread with it."""
    if not (verdict := _can_touch(viewer, post)):
        return verdict
    if not (viewer.is_moderator or _is_author(viewer, post.author_id)):
        return no("not_yours", _("Only the author can delete this post."))
    return _while_open(viewer, post)


def can_restore_post(viewer: Viewer, post: Post) -> Verdict:
    """Who deleted it, and staff. An author cannot bring back what staff took down."""
    if not (verdict := can_see_post(viewer, post)):
        return verdict
    if not (verdict := can_take_part(viewer)):
        return verdict
    if post.state != State.DELETED:
        return no("not_deleted", _("This post is not deleted."))
    if post.thread.state != State.VISIBLE and not post.is_opening:
        return no("thread_deleted", _("The thread was taken down. Restore its first post before this one."))
    if viewer.is_moderator or post.deleted_by_id == viewer.pk:
        return YES
    return no("deleted_by_staff", _("A moderator took this post down, so only they can restore it."))


def can_react(viewer: Viewer, post: Post) -> Verdict:
    if not (verdict := _can_touch(viewer, post)):
        return verdict
    if _is_author(viewer, post.author_id):
        return no("own_post", _("Reactions are for the posts of others."))
    return YES


def can_speak_to(viewer: Viewer, post: Post) -> Verdict:
    """Whether a reply may be addressed to this post, once it may stand in the thread."""
    return _NO_POST if apart_from(viewer, post.author_id) else YES


def can_see_history(viewer: Viewer, post: Post) -> Verdict:
    """Whoever may read the post may read what it said before."""
    return can_see_post(viewer, post)


def can_hide_revision(viewer: Viewer, post: Post) -> Verdict:
    """Staff may take personal data out of the history; that there was an edit stays on record."""
    if not (verdict := can_see_post(viewer, post)):
        return verdict
    if not (verdict := can_take_part(viewer)):
        return verdict
    return YES if viewer.is_moderator else no("staff_only", _("Only moderators can do this."))


def _can_touch(viewer: Viewer, post: Post) -> Verdict:
    if not (verdict := can_see_post(viewer, post)):
        return verdict
    if not (verdict := can_take_part(viewer)):
        return verdict
    if post.state == State.HIDDEN:
        return no("post_hidden", _("This post is hidden while moderators look at it."))
    if not post.is_visible or post.thread.state != State.VISIBLE:
        return no("post_deleted", _("This post was deleted. It can be changed once it is restored."))
    return YES


def _while_open(viewer: Viewer, post: Post) -> Verdict:
    if post.thread.locked_at is not None and not viewer.is_moderator:
        return no("thread_locked", _("This thread is locked, so its posts stay as they are."))
    return YES


def _is_author(viewer: Viewer, author_id: int) -> bool:
    return viewer.pk is not None and viewer.pk == author_id


def _open_or_own(viewer: Viewer, prefix: str = "") -> Q:
    opened = Q(**{f"{prefix}state": State.VISIBLE})
    return opened if viewer.pk is None else opened | Q(**{f"{prefix}author_id": viewer.pk})

"""Open a thread with its first post."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.text import slugify
from django.utils.translation import gettext as _

from community.catalog.models import Creator, Item
from community.core import facts
from community.core.clock import now
from community.core.errors import Invalid, NotVisible
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.counters import change_category, change_item, change_members
from community.threads.actions.heat import POST, share
from community.threads.actions.reading import has_written
from community.threads.actions.room import check_room
from community.threads.actions.tagging import check_tags, set_tags
from community.threads.actions.writing import (
    NewPicture,
    Written,
    add_mentions,
    add_pictures,
    check_pictures,
    check_title,
    compose,
    take_pictures,
)
from community.threads.facts import ThreadOpened
from community.threads.models import Category, Post, Thread
from community.threads.permissions import SHOWN_CREATORS, SHOWN_ITEMS, can_open_thread, visible_categories


@unit
def open_thread(
    *,
    author: Viewer,
    category_id: int,
    kind: str,
    title: str,
    body: str,
    item_id: int | None = None,
    creator_id: int | None = None,
    tags: Sequence[str] = (),
    pictures: Sequence[NewPicture] = (),
) -> Thread:
    """Open a thread about an item, on a creator's page, or about neither.

    Raises `NotVisible` (category, item or creator), `NotAllowed` (see `can_open_thread`), `Invalid` (title, text,
    kind, tags or pictures).
    """
    category = _category(category_id, author)
    item, creator = _item(item_id), _creator(creator_id)
    ensure(can_open_thread(author, category, _kind(kind), item=item, creator=creator))
    assert isinstance(author, Member)
    heading, names, shown = check_title(title), check_tags(tags), check_pictures(pictures)
    written = compose(body, author=author)
    check_room(author, written, shown)
    at = now()
    thread = Thread.objects.create(
        category=category,
        kind=kind,
        title=heading,
        slug=slug_of(heading),
        author=author,
        item=item,
        # The maker's page lists the talk about their works, too.
        creator=item.creator if item is not None else creator,
        created_at=at,
        last_post_at=at,
        last_poster=author,
        last_number=1,
        hot_score=share(at, POST),
    )
    post = _opening(thread, author, written, shown, at)
    set_tags(thread, names)
    _count(thread, at)
    has_written(member_id=author.pk, thread_id=thread.pk, number=post.number, at=at)
    facts.record(ThreadOpened(thread.pk, post.pk, author.pk, thread.item_id, thread.creator_id))
    return thread


def slug_of(title: str) -> str:
    """The title as part of an address; empty for a title of signs alone."""
    return slugify(title, allow_unicode=True)[:120].strip("-")


def _opening(thread: Thread, author: Member, written: Written, pictures: Sequence[NewPicture], at: datetime) -> Post:
    post = Post.objects.create(
        thread=thread,
        number=1,
        author=author,
        body=written.body,
        body_html=written.html,
        item_ids=list(written.item_ids),
        picture_count=len(pictures),
        created_at=at,
    )
    take_pictures(pictures, owner=author)
    add_pictures(post, pictures)
    add_mentions(post, written.mentioned)
    return post


def _count(thread: Thread, at: datetime) -> None:
    change_members(post_count={thread.author_id: 1}, thread_count={thread.author_id: 1})
    change_category(thread.category_id, threads=1, posts=1)
    change_item(thread.item_id, thread_count=1, question_count=int(thread.is_question), talked_at=at)


def _kind(kind: str) -> str:
    if kind not in Thread.Kind.values:
        raise Invalid(_("There is no such kind of thread."), code="kind_unknown", field="kind")
    return kind


def _category(category_id: int, viewer: Viewer) -> Category:
    found = Category.objects.filter(visible_categories(viewer), pk=category_id).first()
    if found is None:
        raise NotVisible(_("There is no such category."))
    return found


def _item(item_id: int | None) -> Item | None:
    if item_id is None:
        return None
    found = Item.objects.filter(SHOWN_ITEMS, pk=item_id).select_related("creator").first()
    if found is None:
        raise NotVisible(_("There is no such item."))
    return found


def _creator(creator_id: int | None) -> Creator | None:
    if creator_id is None:
        return None
    found = Creator.objects.filter(SHOWN_CREATORS, pk=creator_id).first()
    if found is None:
        raise NotVisible(_("There is no such creator."))
    return found

"""What threads tell the live streams, and who may listen.

`thread.<id>` hears everything about one thread, `item.<id>` and `home.1` hear which threads move. Those two are open to
everybody, so only what everybody may read is told there. `feed.1` hears at which places something new lies, for members
who have their feed open: one event for all of them, however many follow; what is new for whom each page asks for.
Fragments are made once per language, in the transaction of the write; they hold nothing that differs from reader to
reader. `author_id` says whose doing an event is, `names` whom else its fragment names: the hub keeps it from those who
are kept apart from them (`realtime.events`).
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation

from community.catalog.models import Item
from community.core import facts
from community.core.facts import Live
from community.core.pages import TALK
from community.members.permissions import VISITOR, viewer_of
from community.threads import fragments
from community.threads.facts import (
    AllRead,
    AnswerAccepted,
    AnswerUnaccepted,
    BookmarkChanged,
    CategoryReadersChanged,
    DraftChanged,
    FeedGrew,
    PostDeleted,
    PostEdited,
    PostRestored,
    ReactionChanged,
    ReplyPosted,
    RevisionHidden,
    ThreadChanged,
    ThreadOpened,
    ThreadsRead,
    ThreadVisibilityChanged,
)
from community.threads.models import Post, Thread
from community.threads.permissions import SHOWN_ITEMS, can_see_thread, visible_threads
from community.threads.queries import streamed_post, streamed_thread
from realtime import log as live_log
from realtime import registry
from realtime.revoke import revoke_stream

log = logging.getLogger(__name__)

HOME = "home.1"
FEED = "feed.1"
LIKELY_OPEN = 200  # threads of one category
CLOCKS_APART = timedelta(hours=1)  # at most: ours and the database's


# --- Who may listen ------------------------------------------------------------------------------------------


def may_watch_thread(user: Any, pk: int) -> bool:
    return Thread.objects.filter(visible_threads(viewer_of(user)), pk=pk).exists()


def may_watch_item(user: Any, pk: int) -> bool:
    return Item.objects.filter(SHOWN_ITEMS, pk=pk).exists()


def may_watch_home(user: Any, pk: int) -> bool:
    return pk == 1


def may_watch_feed(user: Any, pk: int) -> bool:
    return pk == 1 and viewer_of(user).is_authenticated


registry.register("thread", may_subscribe=may_watch_thread, presence=True)
registry.register("item", may_subscribe=may_watch_item)
registry.register("home", may_subscribe=may_watch_home)
registry.register("feed", may_subscribe=may_watch_feed)


# --- What is told --------------------------------------------------------------------------------------------


@facts.last(ThreadOpened)
def thread_opened(fact: ThreadOpened) -> Iterator[Live]:
    yield from _opened(fact.thread_id)


@facts.last(ReplyPosted)
def post_created(fact: ReplyPosted) -> Iterator[Live]:
    # People wait for the thread's row while this is made: the post that was just written is not read again.
    post = facts.written(Post, fact.post_id) or streamed_post(fact.post_id)
    if post is None:
        return
    thread = post.thread
    payload = _post_payload(post) | {"reply_count": thread.reply_count}
    yield Live(thread.stream, "post_created", payload)
    counts = {"thread_id": thread.pk, "reply_count": thread.reply_count, "last_number": thread.last_number}
    counts |= {"author_id": post.author_id}
    public = _public_streams(thread)
    for stream in public:
        yield Live(stream, "reply", counts)
    if not public:
        yield Live(TALK, "changed")  # its author's page counts it all the same


@facts.last(PostEdited, PostRestored)
def post_changed(fact: PostEdited | PostRestored) -> Iterator[Live]:
    post = facts.written(Post, fact.post_id) or streamed_post(fact.post_id)
    if post is not None:
        payload = _post_payload(post) | {"version": post.version, "reply_count": post.thread.reply_count}
        yield Live(post.thread.stream, "post_changed", payload)


@facts.last(PostDeleted)
def post_removed(fact: PostDeleted) -> Iterator[Live]:
    post = streamed_post(fact.post_id)
    if post is not None:
        payload = _post_payload(post) | {"version": post.version, "reply_count": post.thread.reply_count}
        yield Live(post.thread.stream, "post_removed", payload)


@facts.last(ReactionChanged)
def reactions(fact: ReactionChanged) -> Iterator[Live]:
    post = facts.written(Post, fact.post_id) or Post.objects.only("number", "reactions", "author").get(pk=fact.post_id)
    told = {"post_id": post.pk, "number": post.number, "counts": post.reactions, "author_id": post.author_id}
    yield Live(f"thread.{fact.thread_id}", "reactions", told)


@facts.last(AnswerAccepted, AnswerUnaccepted)
def accepted(fact: AnswerAccepted | AnswerUnaccepted) -> Iterator[Live]:
    thread = streamed_thread(fact.thread_id)
    if thread is None:
        return
    told: dict[str, Any] = {"post_id": None, "number": None}
    if isinstance(fact, AnswerAccepted):
        post = Post.objects.only("number", "author").get(pk=fact.post_id)
        told = {"post_id": post.pk, "number": post.number, "author_id": post.author_id}
    yield Live(thread.stream, "accepted", told)
    answered = {"thread_id": thread.pk, "answered": told["post_id"] is not None, "author_id": thread.author_id}
    for stream in _public_streams(thread):
        yield Live(stream, "answered", answered)


@facts.last(ThreadChanged)
def thread_changed(fact: ThreadChanged) -> Iterator[Live]:
    thread = streamed_thread(fact.thread_id)
    if thread is not None:
        fields = {
            "thread_id": thread.pk,
            "title": thread.title,
            "url": thread.get_absolute_url(),
            "pinned": thread.pinned_at is not None,
            "locked": thread.locked_at is not None,
            "slow_mode_seconds": thread.slow_mode_seconds,
            "category_id": thread.category_id,
            "author_id": thread.author_id,
        }
        yield Live(thread.stream, "thread_changed", fields)


@facts.last(ThreadVisibilityChanged)
def visibility_changed(fact: ThreadVisibilityChanged) -> Iterator[Live]:
    """Every reader of the thread is asked again before anything after this reaches them."""
    yield Live(f"thread.{fact.thread_id}", live_log.ACCESS)
    thread = streamed_thread(fact.thread_id)
    if thread is None:
        return
    if can_see_thread(VISITOR, thread):
        yield from _opened(thread.pk)
        return
    for stream in _streams(thread):
        yield Live(stream, "thread_removed", {"thread_id": thread.pk, "author_id": thread.author_id})


@facts.last(FeedGrew)
def feed_grew(fact: FeedGrew) -> Iterator[Live]:
    told: dict[str, Any] = {"places": list(fact.places)}
    yield Live(FEED, "news", told if fact.author_id is None else told | {"author_id": fact.author_id})


# --- What is told to one member's own devices -----------------------------------------------------------------


@facts.last(ThreadsRead)
def read_on(fact: ThreadsRead) -> Iterator[Live]:
    for thread_id, number in fact.reached:
        yield Live(f"member.{fact.member_id}", "read", {"thread": thread_id, "number": number})


@facts.last(AllRead)
def all_read(fact: AllRead) -> Iterator[Live]:
    yield Live(f"member.{fact.member_id}", "read_all")


@facts.last(DraftChanged)
def draft_changed(fact: DraftChanged) -> Iterator[Live]:
    yield Live(f"member.{fact.member_id}", "draft", {"context": fact.context, "sequence": fact.sequence})


@facts.last(BookmarkChanged)
def bookmark_changed(fact: BookmarkChanged) -> Iterator[Live]:
    told = {"kind": fact.kind, "id": fact.target_id, "saved": fact.saved}
    yield Live(f"member.{fact.member_id}", "bookmark", told)


# --- What is taken back --------------------------------------------------------------------------------------


@facts.within(PostDeleted, PostEdited, RevisionHidden)
def forget_text(fact: PostDeleted | PostEdited | RevisionHidden) -> None:
    """A late reader of the log does not get a text that was taken down, nor one that its author put right: a slip of
    the pen that leaves no revision is not to be read here for a week.
    """
    number, at = Post.objects.values_list("number", "created_at").get(pk=fact.post_id)
    stream = f"thread.{fact.thread_id}"
    live_log.redact([stream], key="post_id", values=[fact.post_id], since=at - CLOCKS_APART)
    if number == 1:
        _forget_rows(Thread.objects.filter(pk=fact.thread_id))  # the title, as lists show it


@facts.within(ThreadVisibilityChanged)
def forget_thread(fact: ThreadVisibilityChanged) -> None:
    """Sockets are asked at once where Valkey runs; the `access` entry above needs no Valkey."""
    revoke_stream(f"thread.{fact.thread_id}")
    _forget_rows(Thread.objects.filter(pk=fact.thread_id))


@facts.within(CategoryReadersChanged)
def ask_readers_again(fact: CategoryReadersChanged) -> None:
    """The threads that people are likely to have open; of the rest the sockets' own look every half minute tells. What
    the streams that are open to everybody keep of its threads goes, of all of them.
    """
    threads = Thread.objects.filter(category_id=fact.category_id)
    for pk in threads.order_by("-last_post_at", "-id").values_list("pk", flat=True)[:LIKELY_OPEN]:
        revoke_stream(f"thread.{pk}")
    _forget_rows(threads)


def _forget_rows(threads: QuerySet[Thread]) -> None:
    rows = list(threads.values_list("pk", "item_id"))
    streams = {HOME} | {f"item.{item_id}" for _pk, item_id in rows if item_id}
    live_log.redact(sorted(streams), key="thread_id", values=[pk for pk, _item_id in rows])


# --- How it looks --------------------------------------------------------------------------------------------


def _opened(thread_id: int) -> Iterator[Live]:
    thread = streamed_thread(thread_id)
    if thread is None:
        return
    streams = _public_streams(thread)
    if not streams:
        return
    html = _told(lambda: fragments.thread_row(thread))
    payload: dict[str, Any] = {"thread_id": thread.pk, "kind": thread.kind, "author_id": thread.author_id, **html}
    for stream in streams:
        yield Live(stream, "thread_opened", payload)


def _post_payload(post: Post) -> dict[str, Any]:
    html = _told(lambda: fragments.post(post, post.thread))
    told: dict[str, Any] = {"post_id": post.pk, "number": post.number, "author_id": post.author_id, **html}
    return told if post.reply_to is None else told | {"names": [post.reply_to.author_id]}


def _told(draw: Callable[[], str]) -> dict[str, Any]:
    """`{"html": {"ja": …, "en": …}}`; empty when it cannot be made: pages then ask for the fragment themselves, and a
    slip in a template never refuses anybody's post.
    """
    html = {}
    try:
        # Times stand in the site's zone; the page puts them into the reader's.
        with timezone.override(None):
            for language, _name in settings.LANGUAGES:
                with translation.override(language):
                    html[language] = draw()
    except Exception:
        log.exception("live_fragment_failed")
        return {}
    return {"html": html}


def _streams(thread: Thread) -> list[str]:
    return [f"item.{thread.item_id}", HOME] if thread.item_id else [HOME]


def _public_streams(thread: Thread) -> list[str]:
    return _streams(thread) if can_see_thread(VISITOR, thread) else []

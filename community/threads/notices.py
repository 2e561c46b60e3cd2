"""What threads tell members of: who spoke to them, what goes on in what they follow, what staff did with their words.

The sources look at rows as they are now (see `notifications.registry`), so each of them is a question about a state:
whom does this post concern while it can be read? Is this reply the accepted one?
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.catalog.facts import CreatorLinked, ItemsImported
from community.catalog.models import Creator
from community.core import facts, jobs
from community.core.clock import now
from community.core.text import plain_text
from community.members.models import Member
from community.members.permissions import Viewer
from community.notifications import actions as notices
from community.notifications import registry
from community.notifications.models import Notice
from community.notifications.registry import Face, Happening, Kind, Place, Spot, Told
from community.threads.facts import (
    AnswerAccepted,
    AnswerUnaccepted,
    CategoryReadersChanged,
    PostDeleted,
    PostEdited,
    PostRestored,
    ReactionChanged,
    ReplyPosted,
    ThreadChanged,
    ThreadOpened,
    ThreadsImported,
    ThreadVisibilityChanged,
)
from community.threads.models import Bookmark, Category, Mention, Post, Reaction, State, Thread
from community.threads.permissions import can_see_thread, visible_categories, visible_posts, visible_threads
from community.threads.queries import kept_of
from community.threads.queries.gates import load_post

EXCERPT = 140
NOTE = 200  # characters of a line in the inbox
_QUOTED = re.compile(r"^ {0,3}>.*$", re.MULTILINE)

# --- Kinds, in the order of the preferences page ---------------------------------------------------------------

DECISIONS = {
    "delete": _("The team took your post down"),
    "hide": _("The team has hidden your post while they look at it"),
    "lock": _("The team locked your thread"),
}


def decision_words(who: str, notice: Any) -> str:
    return str(DECISIONS.get(notice.subject.partition(":")[0], DECISIONS["hide"]))


def kind(name: str, label: Any, sentence: Any, *, icon: str, **ways: bool) -> Kind:
    """A kind whose sentence needs nothing but the people behind it."""
    return Kind(name, label, icon, lambda who, notice: str(sentence) % {"who": who}, **ways)


SILENT = {"mail": False, "push": False}
# fmt: off
registry.add_kinds(
    kind("reply", _("Replies to me and in threads I opened"), _("%(who)s replied to you"), icon="reply"),
    kind("mention", _("Posts that mention me"), _("%(who)s mentioned you"), icon="user"),
    kind("quote", _("Posts that quote me"), _("%(who)s quoted you"), icon="quote"),
    kind("reaction", _("Reactions to my posts"), _("%(who)s reacted to your post"), icon="heart", **SILENT),
    kind("accepted", _("My reply is the accepted answer"), _("Your reply is the accepted answer"), icon="accept"),
    kind("my_work", _("Threads about my works"), _("%(who)s opened a thread about your work"), icon="item"),
    kind("new_thread", _("New threads in what I follow"), _("%(who)s opened a thread"), icon="thread"),
    kind("new_reply", _("New replies in what I watch"), _("%(who)s wrote in a thread you watch"), icon="chat"),
    kind("reminder", _("Reminders of what I saved"), _("You wanted to come back to this"), icon="bookmark", stays=True),
    Kind("decision", _("Decisions of the team about my posts"), "info", decision_words, stays=True),
)
# fmt: on

# --- What happened: one statement that travels with the write ----------------------------------------------------


@facts.within(ThreadOpened, ReplyPosted, PostEdited)
def spoken(fact: ThreadOpened | ReplyPosted | PostEdited) -> None:
    """One job for all that follows, feeds included: a reply waits for no second one. It shares the lock of notices."""
    jobs.enqueue("threads.spoken", lock=f"notices.post.{fact.post_id}", post_id=fact.post_id)


@facts.within(PostDeleted, PostRestored)
def taken_down_or_back(fact: PostDeleted | PostRestored) -> None:
    for source in ("post", "reaction", "answer", "decision"):
        notices.look_again(source, fact.post_id)
    _publish(fact.thread_id, post_id=fact.post_id)


@facts.within(ReactionChanged)
def reacted(fact: ReactionChanged) -> None:
    notices.look_again("reaction", fact.post_id, fact.member_id)


@facts.within(AnswerAccepted, AnswerUnaccepted)
def answered(fact: AnswerAccepted | AnswerUnaccepted) -> None:
    notices.look_again("answer", fact.post_id)
    accepted = now().isoformat() if isinstance(fact, AnswerAccepted) else ""
    _publish(fact.thread_id, post_id=fact.post_id, accepted=accepted)


@facts.within(ThreadChanged)
def managed(fact: ThreadChanged) -> None:
    notices.look_again("lock", fact.thread_id)
    _publish(fact.thread_id)


@facts.within(ThreadVisibilityChanged)
def shown_to_others(fact: ThreadVisibilityChanged) -> None:
    jobs.enqueue("threads.tell_again", thread_id=fact.thread_id)
    _publish(fact.thread_id)


@facts.within(CategoryReadersChanged)
def category_shown_to_others(fact: CategoryReadersChanged) -> None:
    jobs.enqueue("threads.tell_category_again", category_id=fact.category_id)


@facts.within(ItemsImported)
def items_came(fact: ItemsImported) -> None:
    jobs.enqueue("threads.publish_items", item_ids=fact.item_ids)


@facts.within(ThreadsImported)
def threads_came(fact: ThreadsImported) -> None:
    if fact.thread_ids:
        jobs.enqueue("threads.publish", thread_ids=fact.thread_ids)


@facts.within(CreatorLinked)
def maker_known(fact: CreatorLinked) -> None:
    """What they wrote anywhere is a maker's word now, or is none any more."""
    jobs.enqueue("threads.publish_all", lock="threads.publish_all")


def _publish(thread_id: int, **of: Any) -> None:
    """Have feeds look at it again, in the order of what happened."""
    jobs.enqueue("threads.publish", lock=f"threads.feed.{thread_id}", thread_ids=[thread_id], **of)


# --- Whom a post concerns ------------------------------------------------------------------------------------------


@registry.source("post")
def post_tells(post_id: int, actor_id: int | None) -> Iterator[Happening]:
    post = load_post(post_id)
    if post is None or not post.is_visible or post.thread.state != State.VISIBLE:
        return
    thread = post.thread
    name, subject = ("new_thread", f"post:{post.pk}") if post.is_opening else ("new_reply", f"thread:{thread.pk}")
    yield Happening(
        source="post",
        source_id=post.pk,
        actor_id=post.author_id,
        at=max(post.created_at, post.edited_at or post.created_at),
        readers=lambda members: readers_of(thread, members),
        persons=_spoken_to(post),
        followers=_told(post, name, subject),
        places=_places(thread, post.author_id),
        own=("thread", thread.pk),
        opens=post.is_opening,
    )


def readers_of(thread: Thread, members: Sequence[Member]) -> Collection[int]:
    """Those of the members who may see the thread; whether they are makers is asked once for all."""
    makers = set(Creator.objects.filter(member__in=members).values_list("member_id", flat=True))
    for member in members:
        member.__dict__["_is_maker"] = member.pk in makers
    return {member.pk for member in members if can_see_thread(member, thread)}


def _spoken_to(post: Post) -> dict[int, Told]:
    """The last word counts: who is quoted is not told of a reply as well."""
    thread = post.thread
    told: dict[int, Told] = {}
    mentioned = Mention.objects.filter(post=post).values_list("member_id", flat=True)
    told |= {pk: _told(post, "mention", f"thread:{thread.pk}") for pk in mentioned}
    if post.is_opening:
        maker = thread.item.creator if thread.item is not None else thread.creator
        if maker is not None and maker.member_id is not None:
            told[maker.member_id] = _told(post, "my_work", f"post:{post.pk}")
        return told
    if thread.author_id not in told:
        told[thread.author_id] = _told(post, "reply", f"thread:{thread.pk}")
    if post.reply_to is not None:
        name = "quote" if _QUOTED.search(post.body) else "reply"
        told[post.reply_to.author_id] = _told(post, name, f"thread:{thread.pk}")
    return told


def _told(post: Post, kind: str, subject: str) -> Told:
    return Told(kind, subject, "thread", post.thread_id, post.number)


def _places(thread: Thread, author_id: int) -> tuple[Spot, ...]:
    places: list[Spot] = [("category", thread.category_id), ("member", author_id)]
    if thread.item is not None:
        places += [("item", thread.item.pk), ("shop", thread.item.shop_id)]
    if thread.creator_id is not None:
        places.append(("creator", thread.creator_id))
    return (*places, *(("tag", pk) for pk in thread.tags.values_list("pk", flat=True)))


# --- Reactions, answers, decisions -----------------------------------------------------------------------------


@registry.source("reaction")
def reaction_tells(post_id: int, actor_id: int | None) -> Iterator[Happening]:
    post = load_post(post_id)
    if post is None or not post.is_visible or post.thread.state != State.VISIBLE:
        return
    rows = Reaction.objects.filter(post=post).order_by("member_id", "-created_at")
    if actor_id is not None:
        rows = rows.filter(member_id=actor_id)
    for member_id, at in rows.distinct("member_id").values_list("member_id", "created_at"):
        told = _told(post, "reaction", f"post:{post.pk}")
        yield _to_author(post, "reaction", post.pk, member_id, at, told)


@registry.source("answer")
def answer_tells(post_id: int, actor_id: int | None) -> Iterator[Happening]:
    post = load_post(post_id)
    if post is None or not post.is_visible or post.thread.state != State.VISIBLE:
        return
    if post.thread.accepted_post_id == post.pk:
        told = _told(post, "accepted", f"post:{post.pk}")
        # Who accepted, and when, is not kept; the asker stands for it, and hears nothing of an answer of their own.
        yield _to_author(post, "answer", post.pk, post.thread.author_id, now(), told)


@registry.source("decision")
def decision_tells(post_id: int, actor_id: int | None) -> Iterator[Happening]:
    post = load_post(post_id)
    if post is None or post.is_visible or (post.state == State.DELETED and post.deleted_by_id == post.author_id):
        return
    verb = "hide" if post.state == State.HIDDEN else "delete"
    told = Told("decision", f"{verb}:{post.pk}", "thread", post.thread_id, post.number, post.delete_reason)
    yield _to_author(post, "decision", post.pk, 0, post.deleted_at or post.created_at, told)


@registry.source("lock")
def lock_tells(thread_id: int, actor_id: int | None) -> Iterator[Happening]:
    post = Post.objects.filter(thread=thread_id, number=1).values_list("pk", flat=True).first()
    opening = load_post(post) if post is not None else None
    if opening is None or opening.thread.locked_at is None:
        return
    told = Told("decision", f"lock:{thread_id}", "thread", thread_id, 1)
    yield _to_author(opening, "lock", thread_id, 0, opening.thread.locked_at, told)


# --- What somebody wanted to come back to ------------------------------------------------------------------------


@registry.source("reminder")
def reminder_tells(job_id: int, actor_id: int | None) -> Iterator[Happening]:
    """The key is the job that reminded: each reminder has one of its own, and stands while what it is about is kept."""
    rows = Bookmark.objects.filter(job_id=job_id, gone_at=None).exclude(reminded_at=None)
    row = rows.select_related("thread", "post").first()
    if row is None or row.reminded_at is None:
        return
    target, target_id, number = "item", row.target_id, 0
    if row.item_id is None:
        target, target_id = "thread", row.post.thread_id if row.post else row.target_id
        number = row.post.number if row.post else 1
    told = Told("reminder", f"reminder:{job_id}", target, target_id, number, row.note[:NOTE])
    yield Happening(
        source="reminder",
        source_id=job_id,
        actor_id=0,
        at=row.reminded_at,
        readers=lambda members: [one.pk for one in members if kept_of(one, [(row.kind, row.target_id)])],
        persons={row.member_id: told},
    )


def _to_author(post: Post, source: str, source_id: int, actor_id: int, at: Any, told: Told) -> Happening:
    return Happening(
        source=source,
        source_id=source_id,
        actor_id=actor_id,
        at=at,
        readers=lambda members: readers_of(post.thread, members),
        persons={post.author_id: told},
        own=("thread", post.thread_id) if actor_id else None,
    )


# --- How lines that lead to a thread look ------------------------------------------------------------------------


@registry.target("thread")
def thread_faces(viewer: Viewer, lines: Sequence[Notice]) -> Mapping[int, Face]:
    wanted = {notice.target_id for notice in lines}
    threads = {row.pk: row for row in Thread.objects.filter(visible_threads(viewer), pk__in=wanted)}
    numbers = {notice.number for notice in lines}
    posts = {
        (row.thread_id, row.number): row
        for row in Post.objects.filter(visible_posts(viewer), thread__in=threads, number__in=numbers).only(
            "thread", "number", "body"
        )
    }
    return {
        notice.pk: _face(threads[notice.target_id], posts.get((notice.target_id, notice.number)), notice)
        for notice in lines
        if notice.target_id in threads
    }


def _face(thread: Thread, post: Post | None, notice: Notice) -> Face:
    at = f"?at={notice.number}#p{notice.number}" if notice.number else ""
    if notice.kind == "decision":
        reason = notice.note and gettext("Reason: %(reason)s") % {"reason": notice.note}
        return Face(thread.title, f"{thread.get_absolute_url()}{at}", reason)
    excerpt = plain_text(_QUOTED.sub("", post.body), limit=EXCERPT) if post is not None else ""
    if notice.kind == "reminder":
        excerpt = notice.note or excerpt
    return Face(thread.title, f"{thread.get_absolute_url()}{at}", excerpt)


# --- What can be followed here ---------------------------------------------------------------------------------


@registry.place("thread")
def threads(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Place]:
    rows = Thread.objects.filter(visible_threads(viewer), pk__in=ids)
    return {row.pk: Place(row.title, row.get_absolute_url()) for row in rows}


@registry.place("category")
def categories(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Place]:
    rows = Category.objects.filter(visible_categories(viewer), pk__in=ids)
    return {row.pk: Place(row.name, reverse("threads:category", args=[row.slug])) for row in rows}

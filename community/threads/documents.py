"""What of threads can be found: a thread by its title, tags and first post, and each reply.

What was taken down is no document at all. A document's place is its category; who may read a category is asked of the
rules when somebody searches, so a category that gets other readers needs no change of the index.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.catalog.facts import ItemsImported
from community.core import facts
from community.core.templatetags.ui import kind_label
from community.core.text import canonical_name, plain_text
from community.core.text.fold import fold
from community.members.models import Member
from community.members.permissions import VISITOR, Viewer
from community.search import actions
from community.search.registry import Card, Entry, Source, names, register, resolves, shows
from community.threads.facts import (
    AnswerAccepted,
    AnswerUnaccepted,
    PostDeleted,
    PostEdited,
    PostRestored,
    ReplyPosted,
    ThreadChanged,
    ThreadOpened,
    ThreadsImported,
    ThreadVisibilityChanged,
)
from community.threads.models import Category, Post, State, TaggedThread, Thread
from community.threads.permissions import visible_categories, visible_posts, visible_threads

THREAD, REPLY = "thread", "reply"
TEXT = 40_000  # characters of a post; all of any
SHOWN = 3_000  # characters in which an excerpt is looked for
_THREAD_PAGE = re.compile(r"/threads/([1-9][0-9]{0,17})(?:/.*)?", re.ASCII)
_POST_PAGE = re.compile(r"/posts/([1-9][0-9]{0,17})/?", re.ASCII)


# --- Documents -----------------------------------------------------------------------------------------------


def threads(ids: Sequence[int]) -> Iterable[Entry]:
    rows = Thread.objects.filter(pk__in=ids, state=State.VISIBLE).select_related("item")
    first = Prefetch("posts", Post.objects.filter(number=1).only("thread_id", "body", "picture_count"), "opening")
    tagged = Prefetch("tagged", TaggedThread.objects.select_related("tag").order_by("tag_id"))
    for thread in rows.prefetch_related(first, tagged):
        yield _thread(thread, [row.tag for row in thread.tagged.all()])


def replies(ids: Sequence[int]) -> Iterable[Entry]:
    rows = Post.objects.filter(pk__in=ids, number__gt=1, state=State.VISIBLE, thread__state=State.VISIBLE)
    yield from map(_reply, rows.select_related("thread"))


def _thread(thread: Thread, tags: Sequence[object]) -> Entry:
    [post] = thread.opening  # type: ignore[attr-defined]
    marks = [f"by:m{thread.author_id}", f"in:c{thread.category_id}"]
    marks += [f"tag:{tag.key}" for tag in tags]  # type: ignore[attr-defined]
    if thread.is_question:
        marks += ["is:question", "is:answered" if thread.is_answered else "is:unanswered"]
    called = [tag.name for tag in tags]  # type: ignore[attr-defined]
    return Entry(
        kind=THREAD,
        object_id=thread.pk,
        thread_id=thread.pk,
        author_id=thread.author_id,
        place=_place(thread.category_id),
        created_at=thread.created_at,
        title=thread.title,
        aside="\n".join([*called, *([thread.item.title] if thread.item is not None else [])]),
        body=plain_text(post.body, limit=TEXT),
        marks=(*marks, *_pictured(post)),
    )


def _reply(post: Post) -> Entry:
    thread = post.thread
    answer = ["is:answer"] if thread.accepted_post_id == post.pk else []
    return Entry(
        kind=REPLY,
        object_id=post.pk,
        thread_id=thread.pk,
        author_id=post.author_id,
        place=_place(thread.category_id),
        created_at=post.created_at,
        body=plain_text(post.body, limit=TEXT),
        marks=(f"by:m{post.author_id}", f"in:c{thread.category_id}", *answer, *_pictured(post)),
    )


def _pictured(post: Post) -> list[str]:
    return ["has:picture"] if post.picture_count else []


def _place(category_id: int) -> str:
    return f"category.{category_id}"


# --- When what can be found changes --------------------------------------------------------------------------


@facts.within(ReplyPosted)
def reply_posted(fact: ReplyPosted) -> None:
    post = facts.written(Post, fact.post_id)
    if post is None:
        actions.index(REPLY, [fact.post_id])
    else:
        actions.put_at_the_end(_reply(post))


@facts.within(ThreadOpened, ThreadChanged)
def thread_changed(fact: ThreadOpened | ThreadChanged) -> None:
    """A move puts all that was said there into another place, where other marks hold, too."""
    actions.index(THREAD, [fact.thread_id])
    if isinstance(fact, ThreadChanged):
        category_id = Thread.objects.filter(pk=fact.thread_id).values_list("category_id", flat=True).get()
        if actions.place_thread(fact.thread_id, _place(category_id)):
            actions.index_later(REPLY, _reply_ids(fact.thread_id))


@facts.within(PostEdited, PostDeleted, PostRestored, AnswerAccepted, AnswerUnaccepted)
def post_changed(fact: PostEdited | AnswerAccepted) -> None:
    actions.index(REPLY, [fact.post_id])
    actions.index(THREAD, [fact.thread_id])


@facts.within(ThreadVisibilityChanged)
def thread_shown_or_not(fact: ThreadVisibilityChanged) -> None:
    """Hidden at once, whatever its length; what comes back may take the worker a moment."""
    if not Thread.objects.filter(pk=fact.thread_id, state=State.VISIBLE).exists():
        actions.remove_thread(fact.thread_id)
        return
    actions.index(THREAD, [fact.thread_id])
    actions.index_later(REPLY, _reply_ids(fact.thread_id))


@facts.within(ThreadsImported)
def threads_imported(fact: ThreadsImported) -> None:
    actions.index_later(THREAD, fact.thread_ids)
    actions.index_later(REPLY, _reply_ids(*fact.thread_ids))


@facts.within(ItemsImported)
def items_changed(fact: ItemsImported) -> None:
    """Threads are found by the name of the item they are about."""
    about = Thread.objects.filter(item_id__in=fact.item_ids).order_by("pk").values_list("pk", flat=True)
    actions.index_later(THREAD, list(about))


def _reply_ids(*thread_ids: int) -> list[int]:
    rows = Post.objects.filter(thread_id__in=thread_ids, number__gt=1)
    return list(rows.order_by("pk").values_list("pk", flat=True))


# --- How they look -------------------------------------------------------------------------------------------


def thread_cards(ids: Sequence[int], viewer: Viewer) -> Mapping[int, Card]:
    rows = Thread.objects.filter(visible_threads(viewer), pk__in=ids).select_related("category", "author")
    first = Prefetch("posts", Post.objects.filter(number=1).only("thread_id", "body"), "opening")
    return {row.pk: _thread_card(row) for row in rows.prefetch_related(first)}


def reply_cards(ids: Sequence[int], viewer: Viewer) -> Mapping[int, Card]:
    rows = Post.objects.filter(visible_posts(viewer), pk__in=ids).select_related("thread__category", "author")
    return {row.pk: _reply_card(row) for row in rows}


def _thread_card(thread: Thread) -> Card:
    [post] = thread.opening  # type: ignore[attr-defined]
    return Card(
        url=thread.get_absolute_url(),
        title=thread.title,
        text=plain_text(post.body, limit=SHOWN),
        label=_("Answered question") if thread.is_answered else str(kind_label(thread.kind)),
        facts=(thread.author.display_name, thread.category.name, _replies(thread.reply_count)),
        at=thread.created_at,
        icon="question" if thread.is_question else "chat",
    )


def _reply_card(post: Post) -> Card:
    accepted = post.thread.accepted_post_id == post.pk
    return Card(
        url=post.get_absolute_url(),
        title=post.thread.title,
        text=plain_text(post.body, limit=SHOWN),
        label=_("Accepted answer") if accepted else _("Reply"),
        facts=(post.author.display_name, post.thread.category.name),
        at=post.created_at,
        icon="check" if accepted else "reply",
    )


def _replies(count: int) -> str:
    return ngettext("%(count)s reply", "%(count)s replies", count) % {"count": count}


# --- What is asked for ---------------------------------------------------------------------------------------


def readable(viewer: Viewer) -> Iterable[str]:
    ids = Category.objects.filter(visible_categories(viewer)).values_list("pk", flat=True)
    return [_place(pk) for pk in ids]


def people(value: str) -> list[str]:
    """by:@kobo, by:kobo or by the name that is shown; by a part of it (花子 of 山本花子) where nobody has it whole."""
    known = Member.objects.filter(is_active=True)
    name = fold(value)
    ways = [Q(handle=canonical_name(value)) | Q(name_key=name), Q(name_key__startswith=name)]
    # Nobody who never wrote can be found, and a single letter is in every name.
    ways += [Q(name_key__contains=name, post_count__gt=0)] if len(name) > 1 else []
    for way in ways:
        if found := list(known.filter(way).values_list("pk", flat=True)[:20]):
            return [f"by:m{pk}" for pk in sorted(found)]
    return []


def example_of_a_category() -> str:
    """The liveliest of those that everybody reads."""
    row = Category.objects.filter(visible_categories(VISITOR)).order_by("-thread_count", "position").first()
    return row.name if row is not None and row.thread_count else ""


def categories(value: str) -> list[str]:
    wanted = fold(value)
    rows = Category.objects.all()
    return [f"in:c{row.pk}" for row in rows if wanted in {row.slug, fold(row.name_ja), fold(row.name_en)}]


def category_names(ids: Sequence[str]) -> Mapping[str, str]:
    return {str(row.pk): row.name for row in Category.objects.filter(pk__in=[int(pk) for pk in ids])}


def pasted_thread(path: str) -> int | None:
    if found := _THREAD_PAGE.fullmatch(path):
        return int(found[1])
    if found := _POST_PAGE.fullmatch(path):
        return Post.objects.filter(pk=int(found[1]), number=1).values_list("thread_id", flat=True).first()
    return None


def pasted_reply(path: str) -> int | None:
    found = _POST_PAGE.fullmatch(path)
    return int(found[1]) if found else None


def thread_ids(after: int, size: int) -> list[int]:
    return list(Thread.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size])


def reply_ids(after: int, size: int) -> list[int]:
    return list(Post.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size])


register(Source(
    kind=THREAD, name=gettext_lazy("Threads"), entries=threads, ids=thread_ids, cards=thread_cards, places=readable,
    pasted=pasted_thread, position=20,
))  # fmt: skip
register(Source(
    kind=REPLY, name=gettext_lazy("Replies"), entries=replies, ids=reply_ids, cards=reply_cards, places=readable,
    pasted=pasted_reply, position=30,
))  # fmt: skip
resolves("by", people)
resolves("in", categories)
shows("in", example_of_a_category)
names("in:c", category_names)

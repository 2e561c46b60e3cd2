"""How somebody who has left goes out of the talk: out of what others wrote about them, and, if they wish, their own.

And what the talk holds of a member, for their archive: their own words and marks, not those of others.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core.work import open_unit
from community.members.actions.leaving import FORMER
from community.members.models import Member
from community.members.registry import Leaver, Section, archive, eraser
from community.search import actions as search
from community.threads.actions import delete_post, forget_bookmarks
from community.threads.actions.open_thread import slug_of
from community.threads.models import (
    Bookmark,
    Draft,
    Mention,
    Post,
    PostPicture,
    PostRevision,
    Reaction,
    ReadingDay,
    ReadMark,
    ReadPosition,
    Thread,
)
from community.threads.permissions import visible_threads
from community.threads.queries import kept_of

BATCH = 500


@eraser("threads: own posts")
def erase_posts(leaver: Leaver) -> None:
    """Only where it was asked for: every post becomes a tombstone without text; its number stays."""
    if not leaver.with_posts:
        return
    author = Member.objects.get(pk=leaver.member_id)
    author.erase_at = None
    for pk in list(Post.objects.filter(author_id=leaver.member_id, deleted_at=None).values_list("pk", flat=True)):
        with open_unit():
            delete_post(by=author, post_id=pk)
    own = Post.objects.filter(author_id=leaver.member_id)
    PostRevision.objects.filter(post__in=own).delete()
    PostPicture.objects.filter(post__in=own).delete()
    own.update(body="…", body_html="", item_ids=[], origin_url="")
    Thread.objects.filter(author_id=leaver.member_id).update(title="…", slug="")
    Reaction.objects.filter(member_id=leaver.member_id).delete()


@eraser("threads: drafts and read marks")
def erase_reading(leaver: Leaver) -> None:
    for rows in (Draft, ReadPosition, ReadMark, ReadingDay):
        rows._default_manager.filter(member_id=leaver.member_id).delete()


@eraser("threads: bookmarks")
def erase_bookmarks(leaver: Leaver) -> None:
    forget_bookmarks(leaver.member_id)


@eraser("threads: mentions")
def erase_mentions(leaver: Leaver) -> None:
    """ "@handle" in text, HTML, titles, reasons and what edits replaced; the words around it stay."""
    named = Q()
    for handle in leaver.handles:
        named |= Q(body__icontains=f"@{handle}") | Q(body__icontains=f"＠{handle}") | Q(body_html__icontains=handle)
    changed: list[Post] = []
    for post in Post.objects.filter(named).only("thread_id", "body", "body_html").iterator(BATCH):
        html = _unlinked(post.body_html, leaver)
        Post.objects.filter(pk=post.pk).update(body=_renamed(post.body, leaver), body_html=html)
        changed.append(post)
    search.index_later("reply", [post.pk for post in changed])
    search.index_later("thread", sorted({post.thread_id for post in changed}))
    Mention.objects.filter(member_id=leaver.member_id).delete()


@eraser("threads: titles, reasons and history")
def erase_from_history(leaver: Leaver) -> None:
    for model, names in (
        (PostRevision, ("title", "body", "reason")),
        (Thread, ("title",)),
        (Post, ("delete_reason",)),
        (PostPicture, ("alt",)),
        (Draft, ("title", "body")),
        (Bookmark, ("note",)),
    ):
        named = Q()
        for handle in leaver.handles:
            for name in names:
                named |= Q(**{f"{name}__icontains": handle})
        for row in model.objects.filter(named).only(*names).iterator(BATCH):
            changed = {name: _renamed(getattr(row, name), leaver) for name in names}
            if model is Thread:
                changed["slug"] = slug_of(changed["title"])
            model.objects.filter(pk=row.pk).update(**changed)
            if model is Thread:
                search.index("thread", [row.pk])


def _renamed(text: str, leaver: Leaver) -> str:
    return leaver.mention.sub(rf"\g<1>{leaver.stand_in}", text)


def _unlinked(html: str, leaver: Leaver) -> str:
    """A link to the page becomes the words that stand for everybody who has left."""
    for handle in leaver.handles:
        html = html.replace(f'<a class="mention" href="/members/{handle}/">@{handle}</a>', FORMER)
    return _renamed(html, leaver)


@archive("talk", _("What you wrote and read"))
def said_and_read(member_id: int) -> Iterator[Section]:
    member = Member.objects.get(pk=member_id)
    yield _threads(member)
    yield _posts(member)
    yield _revisions(member)
    yield _drafts(member)
    yield _reactions(member)
    yield _positions(member)
    yield _marks(member)
    yield _days(member)
    yield _bookmarks(member)


def _title(member: Member, path: str) -> Case:
    """The title of a thread that they can read; of one that was taken from their sight, none."""
    return Case(When(visible_threads(member, f"{path}thread__"), then=F(f"{path}thread__title")), default=Value(""))


def _threads(member: Member) -> Section:
    rows = Thread.objects.filter(author=member).select_related("category").order_by("-pk")
    labels = {"title": _("title"), "category": _("category"), "created_at": _("When"), "tags": _("tags")}
    found = (_thread(row) for row in rows.prefetch_related("tags").iterator(BATCH))  # type: ignore[misc]
    of = ("threads.Thread.author",)
    return Section("threads", _("Threads you opened"), found, labels, of=of)


def _thread(row: Thread) -> dict[str, Any]:
    return {
        "id": row.pk,
        "address": row.get_absolute_url(),
        "title": row.title,
        "kind": row.kind,
        "category": row.category.name,
        "tags": [tag.name for tag in row.tags.all()],
        "state": row.state,
        "created_at": row.created_at,
        "replies": row.reply_count,
    }


def _posts(member: Member) -> Section:
    rows = Post.objects.filter(author=member).order_by("-created_at", "-pk").prefetch_related("pictures__picture")
    found = (_post(row) for row in rows.annotate(title=_title(member, "")).defer("body_html").iterator(BATCH))
    labels = {
        "thread": _("thread"),
        "number": _("Number"),
        "created_at": _("When"),
        "body": _("text"),
        "pictures": _("Pictures"),
    }
    return Section("posts", _("Posts"), found, labels, of=("threads.Post.author",))


def _post(row: Any) -> dict[str, Any]:
    shown = [(one.picture.file, one.alt) for one in row.pictures.all()]
    return {
        "id": row.pk,
        "address": row.get_absolute_url(),
        "thread": row.title,
        "thread_id": row.thread_id,
        "number": row.number,
        "body": row.body,
        "state": row.state,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "deleted_at": row.deleted_at,
        "pictures": [alt or file for file, alt in shown],
        "picture_files": [file for file, _alt in shown],
        "reactions": row.reactions,
    }


def _revisions(member: Member) -> Section:
    """What edits replaced. The text of a revision that was hidden stays so: it may hold what is somebody else's."""
    rows = PostRevision.objects.filter(post__author=member, hidden_at=None).order_by("-pk")
    labels = {"created_at": _("When"), "title": _("title"), "body": _("text")}
    found = rows.values("post_id", "version", *labels).iterator(BATCH)
    return Section("earlier_versions", _("Earlier versions of your posts"), found, labels)


def _drafts(member: Member) -> Section:
    rows = Draft.objects.filter(member=member, gone_at=None).order_by("-updated_at")
    labels = {"updated_at": _("When"), "context": _("For"), "title": _("title"), "body": _("text")}
    found = rows.values(*labels, "extra", "picture_ids").iterator(BATCH)
    return Section("drafts", _("Drafts"), found, labels, of=("threads.Draft.member",))


def _reactions(member: Member) -> Section:
    rows = Reaction.objects.filter(member=member).order_by("-pk").annotate(thread=_title(member, "post__"))
    labels = {"created_at": _("When"), "kind": _("Reaction"), "thread": _("thread"), "post__number": _("Number")}
    found = rows.values(*labels, "post_id").iterator(BATCH)
    return Section("reactions", _("Your reactions"), found, labels, of=("threads.Reaction.member",))


def _positions(member: Member) -> Section:
    rows = ReadPosition.objects.filter(member=member).order_by("-at", "-pk").annotate(title=_title(member, ""))
    labels = {"at": _("When"), "title": _("thread"), "number": _("Read up to")}
    found = rows.values(*labels, "thread_id").iterator(BATCH)
    return Section("read", _("How far you have read"), found, labels, of=("threads.ReadPosition.member",))


def _marks(member: Member) -> Section:
    rows = ReadMark.objects.filter(member=member).order_by("pk")
    labels = {"before": _("Read up to"), "category__slug": _("category")}
    found = rows.values(*labels)
    return Section("all_read", _("“All read”"), found, labels, of=("threads.ReadMark.member",))


def _days(member: Member) -> Section:
    rows = ReadingDay.objects.filter(member=member).order_by("-day").values("day", "seconds")
    labels = {"day": _("Day"), "seconds": _("Seconds")}
    return Section("reading_days", _("How long you were reading"), rows, labels, of=("threads.ReadingDay.member",))


def _bookmarks(member: Member) -> Section:
    rows = Bookmark.objects.filter(member=member, gone_at=None).order_by("-created_at", "-pk")
    labels: dict[str, str | Promise] = {
        "created_at": _("When"),
        "kind": _("kind"),
        "id": "ID",
        "title": _("title"),
        "note": _("Note"),
        "remind_at": _("Reminder"),
    }
    return Section("bookmarks", _("What you saved"), _saved(member, rows), labels, of=("threads.Bookmark.member",))


def _saved(member: Member, rows: QuerySet[Bookmark]) -> Iterator[dict[str, Any]]:
    """By the rule of the bookmarks page: of what they may not see any more, its kind and id, and their own note."""
    found = rows.iterator(BATCH)
    while some := list(islice(found, BATCH)):
        kept = kept_of(member, [(row.kind, row.target_id) for row in some])
        for row in some:
            about = kept.get((row.kind, row.target_id))
            yield {
                "created_at": row.created_at,
                "kind": row.kind,
                "id": row.target_id,
                "title": about.title if about else "",
                "address": about.url if about else "",
                "note": row.note,
                "remind_at": row.remind_at,
            }

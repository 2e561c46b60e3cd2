"""How somebody who has left goes out of the talk: out of what others wrote about them, and, if they wish, their own."""

from django.db.models import Q

from community.core.work import open_unit
from community.members.actions.leaving import FORMER
from community.members.models import Member
from community.members.registry import Leaver, eraser
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

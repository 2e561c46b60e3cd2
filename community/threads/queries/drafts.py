"""What a member is writing: the draft of one place, and the list of all of them with the places in words."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from community.catalog.models import Creator
from community.members.models import Member
from community.threads.models import Draft, Post, Thread
from community.threads.permissions import SHOWN_CREATORS, visible_posts, visible_threads
from community.threads.queries.posts import shown_items

# A reply to a thread, the edit of a post, a new thread: about an item, a maker, or nothing in particular.
CONTEXT = re.compile(r"(reply|edit|thread):(new|(?:item-|creator-)?[1-9][0-9]{0,17})", re.ASCII)
LIST_LIMIT = 100

_PICTURES = """
SELECT DISTINCT picture.id FROM core_picture picture
JOIN threads_draft draft ON draft.member_id = picture.owner_id
WHERE picture.id = ANY(%s) AND draft.picture_ids @> to_jsonb(picture.id)
"""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft in a list. `url` leads to where it can be gone on with; "" when that is gone, closed or not theirs."""

    draft: Draft
    place: str
    url: str


def is_context(text: str) -> bool:
    """Whether drafts can be kept under this name."""
    found = CONTEXT.fullmatch(text)
    if found is None:
        return False
    kind, what = found.groups()
    return (kind == "thread") == (what == "new" or what.startswith(("item-", "creator-")))


def get_draft(*, member: Member, context: str) -> Draft | None:
    """The row of this place, sent and discarded ones included. 1 query."""
    return Draft.objects.filter(member=member, context=context).first()


def list_drafts(*, member: Member) -> list[DraftRow]:
    """The newest first, 100 at most. 6 queries at most."""
    drafts = list(Draft.objects.filter(member=member, gone_at=None).order_by("-updated_at", "-pk")[:LIST_LIMIT])
    places = _Places(member, drafts)
    return [DraftRow(draft, *places.of(draft.context)) for draft in drafts]


def pictures_of_drafts(picture_ids: Collection[int]) -> set[int]:
    """Which of these uploads stand in somebody's draft: they are not swept away. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_PICTURES, [list(picture_ids)])
        return {pk for (pk,) in cursor.fetchall()}


class _Places:
    """The places of many drafts in words, as far as their writer may see them."""

    def __init__(self, member: Member, drafts: Collection[Draft]) -> None:
        self.member = member
        names = [draft.context for draft in drafts]
        threads, posts = _ids(names, "reply:"), _ids(names, "edit:")
        items, creators = _ids(names, "thread:item-"), _ids(names, "thread:creator-")
        seen = Thread.objects.filter(visible_threads(member), pk__in=threads) if threads else ()
        self.threads = {row.pk: row for row in seen}
        mine = Post.objects.filter(visible_posts(member), pk__in=posts).select_related("thread") if posts else ()
        self.posts = {row.pk: row for row in mine}
        self.items = shown_items(items) if items else {}
        makers = Creator.objects.filter(SHOWN_CREATORS, pk__in=creators) if creators else ()
        self.creators = {row.pk: row for row in makers}

    def of(self, context: str) -> tuple[str, str]:
        kind, _colon, what = context.partition(":")
        if kind == "reply":
            return self._reply(int(what))
        if kind == "edit":
            return self._edit(int(what))
        return self._opening(what)

    def _reply(self, pk: int) -> tuple[str, str]:
        thread = self.threads.get(pk)
        if thread is None:
            return _("A reply in a thread that is no longer there"), ""
        is_closed = thread.locked_at is not None and not self.member.is_moderator  # no form there to go on in
        url = "" if is_closed else f"{thread.get_absolute_url()}?at={thread.last_number}#reply"
        return _("A reply to “%(title)s”") % {"title": thread.title}, url

    def _edit(self, pk: int) -> tuple[str, str]:
        post = self.posts.get(pk)
        if post is None:
            return _("A change to a post that is no longer there"), ""
        words = {"number": post.number, "title": post.thread.title}
        return _("A change to post %(number)s in “%(title)s”") % words, reverse("threads:edit", args=[pk])

    def _opening(self, what: str) -> tuple[str, str]:
        kind, _dash, text = what.partition("-")
        url = reverse("threads:new")
        if kind == "item" and (item := self.items.get(int(text))):
            return _("A new thread about “%(title)s”") % {"title": item.title}, f"{url}?item={item.pk}"
        if kind == "creator" and (creator := self.creators.get(int(text))):
            return _("A new thread on the page of %(name)s") % {"name": creator.name}, f"{url}?creator={creator.pk}"
        if kind == "new":
            return _("A new thread"), url
        return _("A new thread about something that is no longer there"), ""


def _ids(contexts: Collection[str], prefix: str) -> set[int]:
    return {int(name.removeprefix(prefix)) for name in contexts if name.startswith(prefix)}

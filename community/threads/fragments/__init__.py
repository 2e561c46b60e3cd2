"""How posts and rows of threads look: drawn once for each thing there is to see, for pages, answers and live pushes.

Language and time zone are those that are active; a piece holds nothing else of a request.
"""

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language

from community.catalog.models import Item
from community.core.kept import Kept, speech
from community.core.templatetags.ui import Ages
from community.threads.fragments.faces import (
    REACTIONS,
    Answered,
    AsideFace,
    CardFace,
    HeadFace,
    May,
    Person,
    PictureFace,
    PostFace,
    RowFace,
    Shown,
    face_of,
    head_face,
    row_face,
)
from community.threads.fragments.moulds import post_html
from community.threads.models import Post, State, Thread
from community.threads.queries import PostRow

__all__ = [
    "REACTIONS",
    "Answered",
    "AsideFace",
    "CardFace",
    "HeadFace",
    "May",
    "Page",
    "Person",
    "PictureFace",
    "PostFace",
    "RowFace",
    "Shown",
    "aside",
    "face_of",
    "first_words",
    "head",
    "head_face",
    "post",
    "row_face",
    "rows",
    "shown_of",
    "thread_row",
]

# In characters: at most some 40 MB a process, with the keys. A post that had to leave is soon there again (`moulds`).
POSTS = Kept(budget=12_000_000)
ROWS = Kept(budget=8_000_000)
HEADS = Kept(budget=4_000_000)
WORDS = Kept(budget=200_000)


def post(post: Post, thread: Thread, row: Shown | None = None) -> SafeString:
    """A post. `row` says what one viewer may do with it; without it, it is the same for everybody: the live push.

    The post comes as `queries.thread_posts` or `queries.streamed_post` gives it, the thread as `queries.get_thread`.
    """
    return _post(face_of(post, thread, row), speech(), Ages())


class Page:
    """The posts of one page of a thread: what is drawn already is found by the row that was read, without a face."""

    def __init__(self, thread: Thread) -> None:
        self._thread, self._spoken, self._ages = thread, speech(), Ages()
        owner = thread.item.creator if thread.item else thread.creator
        # All that `face_of` asks of the thread but which post is accepted.
        self._about = thread.pk, thread.kind, thread.author_id, owner and (owner.member_id, owner.craft_started_year)

    def plain(self, row: PostRow, may: May, reason: str) -> SafeString:
        """A post without pictures and cards."""
        at = row.created_at if row.state == State.VISIBLE else row.deleted_at
        accepted = row.pk == self._thread.accepted_post_id
        key = (self._spoken, self._ages.of(at), self._ages.year, self._about, accepted, row, may, reason)

        def made() -> SafeString:
            shown = shown_of(row, row.post(self._thread), may, reason)
            return post_html(face_of(shown.post, self._thread, shown), self._spoken, self._ages)

        return POSTS.get(key, made)

    def whole(self, shown: Shown) -> SafeString:
        """Any post; it has its pictures and cards."""
        return _post(face_of(shown.post, self._thread, shown), self._spoken, self._ages)


def shown_of(row: PostRow, post: Post, may: May, reason: str) -> Shown:
    return Shown(post, frozenset(row.mine.split(",")) if row.mine else frozenset(), may, reason)


def thread_row(thread: Thread, *, level: int = 3, at_item: bool = False) -> SafeString:
    """A thread as lists show it. The thread comes as `queries.list_threads` gives it; `level` is the heading's."""
    return _row(row_face(thread, at_item=at_item), level, speech(), Ages())


def rows(threads: Iterable[Thread], *, level: int = 3, at_item: bool = False) -> list[SafeString]:
    """The threads of a list, in their order."""
    spoken, ages = speech(), Ages()
    return [_row(row_face(thread, at_item=at_item), level, spoken, ages) for thread in threads]


def head(thread: Thread, item: Item | None) -> SafeString:
    """What stands above a thread's posts. The thread has its `tags`; `item` is its own, if everybody may see it."""
    face = head_face(thread, item)
    return HEADS.get((speech(), face), lambda: _drawn("threads/_head_face.html", {"face": face}))


def aside(face: AsideFace) -> SafeString:
    """What stands beside a thread's posts."""
    ages = Ages()
    key = (speech(), ages.of(face.created_at), ages.of(face.last_post_at), face)
    return HEADS.get(key, lambda: _drawn("threads/_aside_face.html", {"face": face}))


def first_words(html: str) -> SafeString:
    """How a text begins, without marks, escaped: what machines are told a page is about."""
    return WORDS.get((get_language(), html), lambda: escape(Truncator(strip_tags(html)).chars(150)))


def _post(face: PostFace, spoken: tuple[str | None, str], ages: Ages) -> SafeString:
    year = ages.year if face.craft_since else 0  # years of craft are counted from now
    key = (spoken, ages.of(face.at), year, face)
    return POSTS.get(key, lambda: post_html(face, spoken, ages))


def _row(face: RowFace, level: int, spoken: tuple[str | None, str], ages: Ages) -> SafeString:
    key = (spoken, ages.of(face.last_at), level, face)
    return ROWS.get(key, lambda: _drawn("threads/_row_face.html", {"face": face, "level": level}))


def _drawn(template: str, context: dict[str, object]) -> SafeString:
    return mark_safe(render_to_string(template, context).strip())  # noqa: S308  a template of ours, escaped there

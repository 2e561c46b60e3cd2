"""A thread in two levels: answers in their order, and under each the replies that its chain began.

Answers are walked by a key (esteem, then number), the replies under one by their numbers; both lie in an index of their
own, so a page costs the same wherever it stands. The accepted answer leads the first page and is on no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from community.core.errors import NotVisible
from community.core.paging import bad_cursor, decode_cursor, encode_cursor
from community.threads.models import Thread

COMMENTS = 5  # of each answer, before "show more"
INTEGER = 2**31

_ANSWERS = """
WITH ordered AS (
  SELECT number, esteem FROM threads_post
  WHERE thread_id = %(thread)s AND answer_number = number AND number <> %(accepted)s
    AND esteem <= %(esteem)s AND (esteem < %(esteem)s OR number > %(number)s)
  ORDER BY esteem DESC, number LIMIT %(limit)s
), shown AS (
  SELECT number, esteem, 1 AS place FROM ordered
  UNION ALL
  SELECT number, esteem, 0 FROM threads_post WHERE thread_id = %(thread)s AND number = %(leading)s
)
SELECT shown.number, shown.esteem, shown.place, ARRAY(
  SELECT post.number FROM threads_post post
  WHERE post.thread_id = %(thread)s AND post.answer_number = shown.number AND post.answer_number < post.number
  ORDER BY post.number LIMIT %(comments)s)
FROM shown ORDER BY shown.place, shown.esteem DESC, shown.number
"""
_ONE = """
SELECT answer.number, ARRAY(
  SELECT post.number FROM threads_post post
  WHERE post.thread_id = answer.thread_id AND post.answer_number = answer.number
    AND post.answer_number < post.number AND post.number > %(after)s
  ORDER BY post.number LIMIT %(limit)s)
FROM threads_post answer
WHERE answer.thread_id = %(thread)s AND answer.answer_number = answer.number AND answer.number = %(answer)s
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer by its number, and the numbers of what is shown under it; `more` says that others come after these."""

    number: int
    comments: tuple[int, ...]
    more: bool

    @property
    def after(self) -> int:
        """The number after which "show more" goes on."""
        return self.comments[-1] if self.comments else self.number


@dataclass(frozen=True, slots=True)
class Answers:
    """A page of answers, and the cursor of the next one."""

    rows: Sequence[Answer]
    next: str | None = None
    is_one: bool = False  # asked for by its number
    since: int = 0  # of one: only what comes after this number

    @property
    def numbers(self) -> list[int]:
        """Of all posts that are shown, in the order in which they stand there."""
        return [number for row in self.rows for number in (row.number, *row.comments)]


def list_answers(*, thread: Thread, cursor: str = "") -> Answers:
    """The answers after the cursor. Raises `Invalid` for a foreign cursor. 1 query."""
    size = settings.POSTS_PER_PAGE
    esteem, number = _place(cursor) if cursor else (INTEGER - 1, 0)
    accepted = thread.accepted_post.answer_number if thread.accepted_post else 0
    given = {"thread": thread.pk, "accepted": accepted, "leading": 0 if cursor else accepted}
    with connection.cursor() as asked:
        asked.execute(
            _ANSWERS, given | {"esteem": esteem, "number": number, "limit": size + 1, "comments": COMMENTS + 1}
        )
        found = asked.fetchall()
    more = sum(place for *_rest, place, _comments in found) > size
    found = found[:-1] if more else found
    rows = [_answer(number, comments, COMMENTS) for number, _esteem, _place, comments in found]
    return Answers(rows, encode_cursor([found[-1][1], found[-1][0]]) if more else None)


def get_answer(*, thread: Thread, number: int, after: int = 0) -> Answers:
    """One answer with a page of what stands under it, after the number `after`. Raises `NotVisible`. 1 query."""
    size = settings.POSTS_PER_PAGE
    with connection.cursor() as asked:
        asked.execute(_ONE, {"thread": thread.pk, "answer": number, "after": after, "limit": size + 1})
        found = asked.fetchone()
    if found is None:
        raise NotVisible(_("There is no such post."))
    return Answers([_answer(found[0], found[1], size)], is_one=True, since=after)


def answer_of(*, thread: Thread, number: int) -> int:
    """Under which answer this post stands; its own number for an answer, 0 for number 1 or none. 1 query."""
    with connection.cursor() as asked:
        asked.execute(
            "SELECT answer_number FROM threads_post WHERE thread_id = %s AND number = %s", [thread.pk, number]
        )
        found = asked.fetchone()
    return found[0] if found else 0


def _answer(number: int, comments: Sequence[int], size: int) -> Answer:
    return Answer(number, tuple(comments[:size]), more=len(comments) > size)


def _place(cursor: str) -> tuple[int, int]:
    _back, values = decode_cursor(cursor, length=2)
    if not all(type(value) is int and abs(value) < INTEGER for value in values):
        raise bad_cursor()
    return values[0], values[1]

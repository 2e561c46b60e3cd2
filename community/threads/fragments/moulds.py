"""Posts from moulds: what a template draws once for many posts, filled with what only one of them has.

Drawing a post takes a template 1 to 2 ms, and nobody has a new post ready: its writer waits for it, in two languages
and once more with buttons, and so do all who want the thread's row. But of two replies of one person to one thread only
number, id, version, text, time and the post spoken to differ. So the template draws a face that has marks in their
place, that is kept, and putting the right words where the marks stand takes 0.05 ms.

It holds because the template only prints these six, and does not ask what they are; where it does (number 1, cards,
pictures, tombstones) the post is drawn as ever. A test draws every kind of face both ways. The marks are random and
never leave the process, so no text can contain one.
"""

import secrets
from datetime import UTC, datetime

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from community.core.kept import Kept
from community.core.templatetags.ui import Ages, when
from community.threads.fragments.faces import Answered, PostFace

MOULDS = Kept(budget=8_000_000)


def _number() -> int:
    return 10**15 + secrets.randbelow(9 * 10**15)  # all of one length: none is a part of another


_POST, _NUMBER, _VERSION, _TO_POST, _TO_NUMBER = (_number() for _ in range(5))
_TEXT, _NAME, _MOMENT = (secrets.token_hex(16) for _ in range(3))
_THEN = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)  # long ago: its words are a date and change with the year alone


def post_html(face: PostFace, spoken: tuple[str | None, str], ages: Ages) -> SafeString:
    """The post, drawn in the language and time zone `spoken` that are active."""
    if face.taken_by or face.number == 1 or face.pictures or face.cards or face.at is None:
        return drawn(face)
    mould = MOULDS.get((spoken, ages.year, blank := _blank(face)), lambda: drawn(blank))
    then = MOULDS.get((spoken, ages.year), lambda: when(_THEN))
    html = mould.replace(str(_POST), str(face.post_id)).replace(str(_NUMBER), str(face.number))
    html = html.replace(str(_VERSION), str(face.version)).replace(then, _when(face.at, spoken, ages))
    if to := face.answered:
        html = html.replace(str(_TO_POST), str(to.post_id)).replace(str(_TO_NUMBER), str(to.number))
        html = html.replace(_NAME, escape(to.name))
    return mark_safe(html.replace(_TEXT, face.body_html))  # noqa: S308  clean since it was written


def _when(at: datetime, spoken: tuple[str | None, str], ages: Ages) -> str:
    """As `when` says it. No date that people read has seconds, so all moments of a minute are told alike, but for the
    one that machines read.
    """
    words = MOULDS.get(
        (spoken, ages.of(at), at.replace(second=0, microsecond=0)),
        lambda: mark_safe(when(at).replace(_moment(at), _MOMENT)),  # noqa: S308  as safe as it was
    )
    return words.replace(_MOMENT, _moment(at))


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def drawn(face: PostFace) -> SafeString:
    """The post as its template draws it."""
    return mark_safe(render_to_string("threads/_post_face.html", {"face": face}).strip())  # noqa: S308  escaped there


def _blank(face: PostFace) -> PostFace:
    to = face.answered
    return face._replace(
        post_id=_POST,
        number=_NUMBER,
        version=_VERSION,
        body_html=_TEXT,
        at=_THEN,
        answered=to and Answered(_TO_POST, _TO_NUMBER, to.name and _NAME),
    )

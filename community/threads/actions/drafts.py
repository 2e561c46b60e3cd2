"""Drafts: what a member is writing, on all of their devices.

Every save carries the number its window proposes (`sequence`), the last one it knows of (`base`) and its own name
(`owner`). It is written if nobody has written since: the row stands at `base`, or was last written by this very window.
Everything else is refused and told, so no window overwrites the text of another one, and none brings back a text that
was sent or discarded: the row stays, at a higher number.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from community.core import facts
from community.core.clock import now
from community.core.errors import Conflict, Invalid, NotVisible
from community.core.ids import given_id
from community.core.text import BODY_LIMIT
from community.core.work import at_the_end, unit
from community.members.models import Member
from community.threads.facts import DraftChanged
from community.threads.models import Draft
from community.threads.queries.drafts import get_draft, is_context

DRAFTS_LIMIT = 50  # of one member, at a time
EXTRA_LIMIT = 16 * 1024  # characters of the other fields, as JSON
KEEP = timedelta(days=90)
KEEP_GONE = timedelta(days=7)
KEEP_DISCARDED_TEXT = timedelta(days=1)
Fields = Mapping[str, Sequence[str | None]]

_WRITE = """
UPDATE threads_draft SET title = %(title)s, body = %(body)s, extra = %(extra)s, picture_ids = %(picture_ids)s,
  sequence = %(sequence)s, owner = %(owner)s, updated_at = %(at)s, gone_at = NULL
WHERE member_id = %(member)s AND context = %(context)s
  AND sequence < %(sequence)s AND (owner = %(owner)s OR sequence = %(base)s)
"""
_BEGIN = """
INSERT INTO threads_draft (member_id, context, title, body, extra, picture_ids, sequence, owner, updated_at)
VALUES (%(member)s, %(context)s, %(title)s, %(body)s, %(extra)s, %(picture_ids)s, %(sequence)s, %(owner)s, %(at)s)
ON CONFLICT (member_id, context) DO NOTHING
"""
# Sent: the text goes, the row stays. What another window has written since is another text, and is left to it.
_SETTLE = """
INSERT INTO threads_draft AS mine
  (member_id, context, title, body, extra, picture_ids, sequence, owner, updated_at, gone_at)
VALUES (%s, %s, '', '', '{}', '[]', %s, %s, %s, %s)
ON CONFLICT (member_id, context) DO UPDATE SET title = '', body = '', extra = '{}', picture_ids = '[]',
  sequence = excluded.sequence, owner = excluded.owner, updated_at = excluded.updated_at, gone_at = excluded.gone_at
WHERE mine.sequence < excluded.sequence
"""


@dataclass(frozen=True, slots=True)
class Window:
    """Who writes: the name of an open page, and the highest number it has proposed or knows of."""

    owner: str
    sequence: int

    @classmethod
    def of(cls, text: str) -> "Window | None":
        """As a form says it, "<owner>:<sequence>"; None for a form that never spoke of a draft."""
        owner, _colon, number = text.rpartition(":")
        sequence = given_id(number)
        return cls(owner, sequence) if sequence is not None and _is_name(owner) and sequence < 2**31 - 1 else None


@unit
def save_draft(*, member: Member, context: str, fields: Fields, window: Window, base: int) -> int:
    """Keep what this window says; `window.sequence` is the number it proposes. Returns the number that stands.

    Raises `Conflict`: "draft_elsewhere" when another window has written since `base`, "draft_gone" when the draft was
    sent or discarded meanwhile; `Invalid` for too much text or too many drafts.
    """
    said = _checked(context, fields)
    given = said | {"member": member.pk, "context": context, "owner": window.owner, "at": now()}
    given |= {"sequence": window.sequence, "base": base}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, given)
        written = cursor.rowcount
        if not written and base == 0:
            written = _begin(cursor, member, given)
    if not written:
        return _overtaken(get_draft(member=member, context=context), window)
    facts.record(DraftChanged(member.pk, context, window.sequence))
    return window.sequence


def settle_draft(*, member_id: int, context: str, window: Window) -> None:
    """The text of this window is being posted: in the same transaction its draft goes, and what the window still had on
    its way to us comes too late. No extra round trip.
    """
    at = now()
    sequence = window.sequence + 1
    at_the_end(_SETTLE, [member_id, context, sequence, window.owner, at, at])
    facts.record(DraftChanged(member_id, context, sequence))


@unit
def discard_draft(*, member: Member, context: str, owner: str = "") -> int:
    """Put a draft away; `restore_draft` brings it back within a day. Returns its number. Raises `NotVisible`."""
    return _move(member, context, alive=True, owner=owner, gone_at=now())


@unit
def restore_draft(*, member: Member, context: str) -> int:
    """Bring back a draft that was discarded. Raises `NotVisible` when there is no text to bring back."""
    return _move(member, context, alive=False, owner="", gone_at=None)


def sweep_drafts() -> int:
    """Forget what nobody came back to; returns how many rows went."""
    at = now()
    emptied = {"title": "", "body": "", "extra": {}, "picture_ids": []}
    Draft.objects.filter(gone_at__lt=at - KEEP_DISCARDED_TEXT).exclude(title="", body="", extra={}).update(**emptied)
    gone = Draft.objects.filter(gone_at__lt=at - KEEP_GONE).delete()[0]
    return gone + Draft.objects.filter(updated_at__lt=at - KEEP).delete()[0]


def _move(member: Member, context: str, *, alive: bool, owner: str, gone_at: Any) -> int:
    rows = Draft.objects.select_for_update().filter(member=member, context=context, gone_at__isnull=alive)
    draft = rows.first()
    if draft is None or not (draft.title or draft.body or draft.extra):
        raise NotVisible(_("There is no such draft."))
    Draft.objects.filter(pk=draft.pk).update(
        gone_at=gone_at, owner=owner if _is_name(owner) else "", sequence=F("sequence") + 1, updated_at=now()
    )
    facts.record(DraftChanged(member.pk, context, draft.sequence + 1))
    return draft.sequence + 1


def _begin(cursor: Any, member: Member, given: dict[str, Any]) -> int:
    if Draft.objects.filter(member=member, gone_at=None).count() >= DRAFTS_LIMIT:
        raise Invalid(_("You have many drafts already. Send or delete some of them first."), code="too_many_drafts")
    cursor.execute(_BEGIN, given)
    return int(cursor.rowcount)


def _overtaken(there: Draft | None, window: Window) -> int:
    """A save that was sent twice, or that a later one of its own window has overtaken, is no conflict."""
    if there is None or there.gone_at is not None:
        raise Conflict(_("This draft was sent or deleted in another window."), code="draft_gone")
    if there.owner == window.owner and there.sequence >= window.sequence:
        return there.sequence
    raise Conflict(_("This draft was changed in another window or on another device."), code="draft_elsewhere")


def _checked(context: str, fields: Fields) -> dict[str, Any]:
    """The columns that these fields of a form are kept in. Raises `Invalid`."""
    if not is_context(context):
        raise Invalid(_("No draft can be kept for this."), code="context_unknown", field="context")
    kept = {_clean(name): [value and _clean(value) for value in values] for name, values in fields.items()}
    title, body = _single(kept, "title"), _single(kept, "body")
    if len(title) > 200 or len(body.encode()) > BODY_LIMIT or len(json.dumps(kept)) > EXTRA_LIMIT:
        raise Invalid(_("This text is too long to be kept as a draft."), code="draft_too_long", field="body")
    pictures = [pk for value in kept.get("kept_picture", ()) if (pk := given_id(value)) is not None]
    return {"title": title, "body": body, "extra": Jsonb(kept), "picture_ids": Jsonb(pictures)}


def _single(kept: dict[str, list[str | None]], name: str) -> str:
    """Take the one value of a field out of the rest."""
    return next(iter(kept.pop(name, ())), None) or ""


def _clean(text: str) -> str:
    """What PostgreSQL can keep: no NUL, no half of a pair."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def _is_name(owner: str) -> bool:
    return 0 < len(owner) <= 64 and owner.isascii() and owner.replace("-", "").replace(".", "").isalnum()

"""The same command sent twice has one effect and one answer (REL-4).

How it holds: the key's row is inserted and committed before the work, then locked by the work's own transaction,
which also writes the answer into it. So a crash before the commit leaves neither effect nor answer, a crash after
it leaves both; a second caller meanwhile finds the row locked and is told so (409).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from community.core.clock import now
from community.core.errors import Conflict, Invalid, RuleError
from community.core.models import IdempotencyKey
from community.core.work import open_unit

KEEP = timedelta(hours=48)  # Stripe, the yardstick, keeps answers for at least 24 hours
_KEY = re.compile(r"[\x21-\x7e]{8,255}")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it goes over the wire: replays are equal to the byte."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Claim:
    """The right to do the work once, or the answer that was already given (`replay`)."""

    def __init__(self, replay: Answer | None) -> None:
        self.replay = replay
        self.answer: Answer | None = None

    def store(self, *, status: int, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Keep the answer; it becomes durable together with the work."""
        self.answer = Answer(status=status, body=body, headers=dict(headers))
        return self.answer


@contextmanager
def claim(*, owner: str, operation: str, key: str, body: bytes) -> Iterator[Claim]:
    """Do the block's work once per (`owner`, `operation`, `key`).

    In the block: if `claim.replay` is set, send it and do nothing; else do the work and `claim.store` its answer.
    A `RuleError` out of the block takes the work back; store its answer with `refused` to make it final.

    Raises `Invalid` for a malformed key or a key that came with another body, `Conflict` while the first call runs.
    """
    if not _KEY.fullmatch(key):
        raise Invalid(
            _("An idempotency key has 8 to 255 visible ASCII characters; a UUID is a good one."),
            code="key_invalid",
        )
    digest = hashlib.sha256(body).digest()
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(owner=owner, operation=operation, key=key, body_hash=digest, created_at=now())],
        ignore_conflicts=True,
    )
    with open_unit():
        row = _lock(owner=owner, operation=operation, key=key)
        if bytes(row.body_hash) != digest:
            raise Invalid(_("This key was already used for something else. Use a new one."), code="key_reused")
        if row.state == IdempotencyKey.State.DONE:
            yield Claim(Answer(status=row.status or 200, body=bytes(row.body or b""), headers=row.headers))
            return
        mine = Claim(None)
        yield mine
        if mine.answer is not None:
            _finish(row, mine.answer)


def refused(*, owner: str, operation: str, key: str, answer: Answer) -> None:
    """Make a refusal (4xx) the final answer of the key, after the work was taken back."""
    with transaction.atomic():
        row = IdempotencyKey.objects.select_for_update().get(owner=owner, operation=operation, key=key)
        if row.state == IdempotencyKey.State.UNDER_WAY:
            _finish(row, answer)


def is_final(error: RuleError) -> bool:
    """Whether a refusal stands for this key: not for "try again later", nor for faults of the key itself."""
    return error.status not in {409, 429, 503} and not error.code.startswith("key_")


def sweep() -> int:
    """Forget old answers; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now() - KEEP).delete()[0]


def _lock(*, owner: str, operation: str, key: str) -> IdempotencyKey:
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.select_for_update(nowait=True).get(owner=owner, operation=operation, key=key)
    except IdempotencyKey.DoesNotExist as error:
        raise Conflict(_("Please send this again."), code="key_busy", retry_after=1) from error
    except DatabaseError as error:
        message = _("The same request is still being worked on. Wait a moment.")
        raise Conflict(message, code="key_busy", retry_after=1) from error


def _finish(row: IdempotencyKey, answer: Answer) -> None:
    row.state = IdempotencyKey.State.DONE
    row.status, row.body, row.headers = answer.status, answer.body, dict(answer.headers)
    row.save(update_fields=["state", "status", "body", "headers"])

"""The same command sent twice has one effect and one answer (REL-4).

How it holds: the work's own transaction takes a lock on the key (PostgreSQL keeps it until the transaction ends and
needs no row for it), looks for an answer, does the work and writes the answer beside it. So a crash before the commit
leaves neither effect nor answer, a crash after it leaves both; a second caller meanwhile does not get the lock and is
told so (409). One round trip of its own, and no commit but the work's.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from community.core.clock import now
from community.core.errors import Conflict, Invalid, RuleError
from community.core.models import IdempotencyKey
from community.core.work import at_the_end, open_unit

KEEP = timedelta(hours=48)  # Stripe, the yardstick, keeps answers for at least 24 hours
_KEY = re.compile(r"[\x21-\x7e]{8,255}")

# The second statement sees what was committed until the first one had its lock. In one statement it would not: what it
# sees is settled before it waits for anything.
_ASK = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0));
SELECT body_hash, status, headers, body FROM core_idempotencykey
WHERE owner = %s AND operation = %s AND key = %s AND state = 'done'
"""
# A key that an earlier release left "under way" has no answer: it gets this one.
_KEEP = """
INSERT INTO core_idempotencykey AS k (owner, operation, key, body_hash, state, status, headers, body, created_at)
VALUES (%s, %s, %s, %s, 'done', %s, %s, %s, %s)
ON CONFLICT (owner, operation, key) DO UPDATE SET
  body_hash = excluded.body_hash, state = excluded.state, status = excluded.status,
  headers = excluded.headers, body = excluded.body, created_at = excluded.created_at
WHERE k.state <> 'done'
"""


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


@dataclass(frozen=True, slots=True)
class Command:
    """What a key stands for: who sent it, for what, and the digest of the body that came with it."""

    owner: str
    operation: str
    key: str
    digest: bytes

    @classmethod
    def of(cls, *, owner: str, operation: str, key: str, body: bytes) -> "Command":
        """Raises `Invalid` for a malformed key."""
        if not _KEY.fullmatch(key):
            raise Invalid(
                _("An idempotency key has 8 to 255 visible ASCII characters; a UUID is a good one."),
                code="key_invalid",
            )
        return cls(owner, operation, key, hashlib.sha256(body).digest())

    @property
    def name(self) -> tuple[str, str, str]:
        return self.owner, self.operation, self.key


@contextmanager
def claim(*, owner: str, operation: str, key: str, body: bytes) -> Iterator[Claim]:
    """Do the block's work once per (`owner`, `operation`, `key`).

    In the block: if `claim.replay` is set, send it and do nothing; else do the work and `claim.store` its answer.
    A `RuleError` out of the block takes the work back; store its answer with `refused` to make it final.

    Raises `Invalid` for a malformed key or a key that came with another body, `Conflict` while the first call runs.
    """
    with claimed(Command.of(owner=owner, operation=operation, key=key, body=body)) as mine:
        yield mine


@contextmanager
def claimed(command: Command) -> Iterator[Claim]:
    """As `claim`."""
    with open_unit(whole=True):
        [answer] = given([command])
        mine = Claim(answer)
        yield mine
        if mine.answer is not None:
            keep(command, mine.answer)


def given(commands: Sequence[Command]) -> list[Answer | None]:
    """Take the locks of these keys until the open transaction ends; returns the answers that were given already.

    No two may have the same name: a lock is no hindrance to the transaction that has it. Raises as `claim` does. One
    round trip.
    """
    found = _ask(commands)
    if not all(is_ours or answer for is_ours, answer in found):
        raise Conflict(_("The same request is still being worked on. Wait a moment."), code="key_busy", retry_after=1)
    return [answer for _is_ours, answer in found]


def keep(command: Command, answer: Answer) -> None:
    """Make this the answer of the command, at the end of the open unit."""
    at_the_end(_KEEP, _kept(command, answer))


def refused(*, owner: str, operation: str, key: str, body: bytes, answer: Answer) -> None:
    """Make a refusal (4xx) the final answer of the key, after the work was taken back."""
    command = Command.of(owner=owner, operation=operation, key=key, body=body)
    with transaction.atomic():
        [(is_ours, before)] = _ask([command])
        if is_ours and before is None:
            with connection.cursor() as cursor:
                cursor.execute(_KEEP, _kept(command, answer))


def is_final(error: RuleError) -> bool:
    """Whether a refusal stands for this key: not for "try again later", nor for faults of the key itself."""
    return error.status not in {409, 429, 503} and not error.code.startswith("key_")


def sweep() -> int:
    """Forget old answers; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now() - KEEP).delete()[0]


def _ask(commands: Sequence[Command]) -> list[tuple[bool, Answer | None]]:
    """Whether each command is ours to do, and the answer that it was given already. Raises `Invalid` ("key_reused")."""
    values = [value for one in commands for value in ("\n".join(["idempotency", *one.name]), *one.name)]
    found = []
    with connection.cursor() as cursor:
        cursor.execute(";".join([_ASK] * len(commands)), values)
        for one in commands:
            [is_ours] = cursor.fetchone()
            cursor.nextset()
            found.append((is_ours, _answer(one, cursor.fetchone())))
            cursor.nextset()
    return found


def _answer(command: Command, row: tuple[Any, ...] | None) -> Answer | None:
    if row is None:
        return None
    digest, status, headers, body = row
    if bytes(digest) != command.digest:
        raise Invalid(_("This key was already used for something else. Use a new one."), code="key_reused")
    return Answer(status=status or 200, body=bytes(body or b""), headers=json.loads(headers))


def _kept(command: Command, answer: Answer) -> tuple[Any, ...]:
    named = (command.owner, command.operation, command.key, command.digest)
    return (*named, answer.status, json.dumps(dict(answer.headers)), answer.body, now())

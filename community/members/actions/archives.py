"""Archives: a member asks for all that is known of them, a job makes it, a week later it is gone (GDPR 15, 20)."""

import secrets
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _

from community.core.clock import now
from community.core.errors import Conflict, NotVisible, TooSoon
from community.core.jobs import enqueue
from community.core.verdicts import ensure
from community.core.waiting import wait_words
from community.core.work import unit
from community.members.actions.accounts import _locked
from community.members.actions.archive_file import write_archive
from community.members.models import Archive, Member
from community.members.permissions import can_ask_for_archive
from community.members.registry import areas

EVERY = timedelta(hours=24)
KEPT = timedelta(days=7)
GIVEN_UP = timedelta(hours=6)  # a job that has not come through until then never will
STRAY = timedelta(days=1)
TOLD_EVERY = 1.0  # seconds


def shelf() -> Storage:
    """Where archives lie: no address leads into it."""
    return storages["archives"]


@unit
def ask_for_archive(*, by: Member) -> Archive:
    """Have an archive made. One at a time, and one in `EVERY`: raises `Conflict`, `TooSoon`, `NotAllowed`."""
    member = _locked(by.pk)
    ensure(can_ask_for_archive(by, member))
    latest = Archive.objects.filter(member=member).exclude(state=Archive.State.FAILED).order_by("-asked_at").first()
    if latest is not None and latest.state == Archive.State.WAITING:
        raise Conflict(_("Your archive is being prepared already."), code="archive_under_way")
    if latest is not None and latest.asked_at > now() - EVERY:
        wait = int((latest.asked_at + EVERY - now()).total_seconds())
        message = _("One archive a day: please ask again in %(wait)s.") % {"wait": wait_words(wait)}
        raise TooSoon(message, retry_after=wait, code="archive_daily")
    made = Archive.objects.create(member=member, asked_at=now(), of_steps=len(areas()))
    enqueue("members.make_archive", archive_id=made.pk)
    return made


def make_archive(*, archive_id: int) -> Archive | None:
    """Write the file and say so; None if there is nothing (left) to do. Doing it twice leaves one file.

    The file is written where no name leads to it and is put on the shelf whole: a worker that is killed leaves nothing.
    """
    row = Archive.objects.select_related("member").filter(pk=archive_id, state=Archive.State.WAITING).first()
    if row is None:
        return None
    Path(settings.ARCHIVE_ROOT).mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.ARCHIVE_ROOT) as target:
        write_archive(target, row.member, told=_Progress(archive_id).tell)
        name = _shelve(target)
    finished = _finish(archive_id=archive_id, name=name)
    if finished is None:  # erased or given up meanwhile, or somebody else made it
        shelf().delete(name)
    return finished


def _shelve(target: IO[bytes]) -> str:
    target.seek(0)
    return shelf().save(f"{secrets.token_hex(32)}.zip", File(target))


@unit
def _finish(*, archive_id: int, name: str) -> Archive | None:
    row = Archive.objects.select_for_update(of=("self",)).select_related("member").filter(pk=archive_id).first()
    if row is None or row.state != Archive.State.WAITING:
        return None
    row.state, row.file, row.bytes, row.steps = Archive.State.READY, name, shelf().size(name), row.of_steps
    row.ready_at, row.expires_at = now(), now() + KEPT
    row.save()
    return row


class _Progress:
    """Says how far an archive has come, at most once in `TOLD_EVERY`."""

    def __init__(self, archive_id: int) -> None:
        self._rows, self._told = Archive.objects.filter(pk=archive_id, state=Archive.State.WAITING), 0.0

    def tell(self, steps: int, rows: int) -> None:
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            self._rows.update(steps=steps, rows=rows)


def open_archive(*, by: Member, archive_id: int) -> tuple[Archive, File]:
    """The row and its file, for its owner while it is kept; everybody else hears that there is none (`NotVisible`)."""
    row = Archive.objects.filter(
        pk=archive_id, member_id=by.pk, state=Archive.State.READY, expires_at__gt=now(), member__erase_at=None
    ).first()
    if row is None or not shelf().exists(row.file):
        raise NotVisible(_("There is no such archive any more."))
    return row, shelf().open(row.file)


def sweep_archives() -> int:
    """Delete what is past its days, give up what never came through, clear away files of no row; returns how many."""
    gone = 0
    for row in Archive.objects.filter(state=Archive.State.READY, expires_at__lte=now()):
        shelf().delete(row.file)
        gone += Archive.objects.filter(pk=row.pk).update(state=Archive.State.EXPIRED, file="")
    Archive.objects.filter(state=Archive.State.WAITING, asked_at__lt=now() - GIVEN_UP).update(
        state=Archive.State.FAILED
    )
    return gone + _sweep_strays()


def _sweep_strays() -> int:
    names = shelf().listdir("")[1] if shelf().exists("") else []
    known = set(Archive.objects.filter(file__in=names).values_list("file", flat=True))
    strays = [name for name in names if name not in known and shelf().get_modified_time(name) < now() - STRAY]
    for name in strays:
        shelf().delete(name)
    return len(strays)


def forget_archives(*, files: list[str]) -> None:
    """Delete these files. Twice does no harm."""
    for file in files:
        shelf().delete(file)

"""Pictures from people: decoded in a child process with limits, written anew, kept under a random name (S13–S15).

What leaves here holds pixels only. The child (`decoder.py` beside this file) is the one place that reads foreign image
bytes; if it dies or takes too long, the picture is refused and the web process has not noticed.
"""

import hashlib
import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from community.core.clock import now
from community.core.errors import Invalid, TooLarge
from community.core.models import Picture

BYTES_LIMIT = 10 * 1024 * 1024
SECONDS_LIMIT = 10
FULL_SIDE, THUMB_SIDE = 2048, 480
UNUSED_FOR = timedelta(days=1)
SWEPT_AT_ONCE = 500
Keeper = Callable[[Collection[int]], Collection[int]]

_DECODER = Path(__file__).with_name("decoder.py")

_keepers: list[Keeper] = []

_REASONS = {
    "format": _("Only JPEG, PNG, WebP and GIF pictures can be used. Save it in one of these and try again."),
    "pixels": _("This picture has more than 25 million pixels. Make it smaller and try again."),
    "frames": _("This animation has more than 100 frames. Use a still picture."),
    "broken": _("This picture cannot be read; the file may be damaged. Try another one."),
}


class Upload(Protocol):
    """What we need of an uploaded file."""

    @property
    def size(self) -> int | None: ...

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Decoded:
    """The two sizes of a picture as WebP bytes, and the full size in pixels."""

    full: bytes
    thumb: bytes
    width: int
    height: int


def store_picture(upload: Upload, *, owner_id: int | None, field: str = "picture") -> Picture:
    """Check, decode, re-encode and keep a picture; returns its row, not used by anything yet.

    Raises `Invalid` (not a picture, damaged, too many pixels or frames) or `TooLarge` (over 10 MB).
    """
    if (upload.size or 0) > BYTES_LIMIT:
        raise _too_large(field)
    data = upload.read(BYTES_LIMIT + 1)
    if len(data) > BYTES_LIMIT:
        raise _too_large(field)
    return keep(decode(data, field=field), owner_id=owner_id, digest=hashlib.sha256(data).hexdigest())


def decode(data: bytes, *, field: str = "picture") -> Decoded:
    """Decode foreign bytes in the child process; raises `Invalid` with the reason."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_DECODER), str(FULL_SIDE), str(THUMB_SIDE)],
            input=data,
            capture_output=True,
            timeout=SECONDS_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refused("broken", field) from error
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise _refused(reason if reason in _REASONS else "broken", field)
    head, _newline, rest = done.stdout.partition(b"\n")
    facts = json.loads(head)
    cut = facts["full"]
    return Decoded(full=rest[:cut], thumb=rest[cut:], width=facts["width"], height=facts["height"])


def keep(decoded: Decoded, *, owner_id: int | None, digest: str) -> Picture:
    """Write a decoded picture to the storage under a random name and note it in the table."""
    name = secrets.token_hex(16)
    folder = f"pictures/{name[:2]}"
    file = default_storage.save(f"{folder}/{name}.webp", ContentFile(decoded.full))
    thumb = default_storage.save(f"{folder}/{name}-s.webp", ContentFile(decoded.thumb))
    return Picture.objects.create(
        owner_id=owner_id,
        file=file,
        thumb=thumb,
        width=decoded.width,
        height=decoded.height,
        bytes=len(decoded.full),
        digest=digest,
        created_at=now(),
    )


def mark_used(picture_ids: list[int]) -> None:
    """Say that something shows these pictures from now on."""
    Picture.objects.filter(pk__in=picture_ids, used_at=None).update(used_at=now())


def take_uploads(picture_ids: Collection[int], *, owner_id: int) -> bool:
    """Say that something shows these uploads of `owner_id` from now on; False if any is not theirs or is shown already.

    One guarded statement: of two who want the same upload one gets it, and the sweep cannot come in between. Pictures
    are never shared, since each is swept when the one thing that shows it lets go. On False the caller refuses, and
    its transaction takes back what was marked.
    """
    wanted = set(picture_ids)
    rows = Picture.objects.filter(pk__in=wanted, owner_id=owner_id, used_at=None)
    return not wanted or rows.update(used_at=now()) == len(wanted)


def forget(picture: Picture) -> None:
    """Delete a picture, its row first: a file without a row is only space, a row without a file is a hole."""
    files = (picture.file, picture.thumb)
    picture.delete()
    for file in files:
        default_storage.delete(file)


def keep_what(keeper: Keeper) -> None:
    """Register who wants some unused uploads to stay for now: of the ids it is given, `keeper` returns those."""
    if keeper not in _keepers:
        _keepers.append(keeper)


def sweep() -> int:
    """Forget uploads of more than a day that nothing came to use (abandoned posts) and that nobody wants to stay.
    500 at most; returns how many.
    """
    last = 0
    while True:
        stale = Picture.objects.filter(used_at=None, created_at__lt=now() - UNUSED_FOR, pk__gt=last).order_by("pk")
        found = list(stale.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
        wanted = {pk for keep in _keepers for pk in keep(found)} if found else set()
        done = sum(_forget_unused(pk) for pk in found if pk not in wanted)
        if done or len(found) < SWEPT_AT_ONCE:
            return done
        last = found[-1]  # these are all kept: look further


def _forget_unused(pk: int) -> bool:
    # Under its lock: a post that takes the upload at this moment either has it for good or is told that it is gone.
    with transaction.atomic():
        rows = Picture.objects.select_for_update(skip_locked=True).filter(pk=pk, used_at=None)
        picture = rows.first()
        if picture is None:
            return False
        files = (picture.file, picture.thumb)
        picture.delete()
    for file in files:
        default_storage.delete(file)
    return True


def _refused(reason: str, field: str) -> Invalid:
    return Invalid(_REASONS[reason], code=f"picture_{reason}", field=field)


def _too_large(field: str) -> TooLarge:
    return TooLarge(
        _("A picture may have at most 10 MB. Make it smaller and try again."),
        code="picture_too_large",
        field=field,
    )

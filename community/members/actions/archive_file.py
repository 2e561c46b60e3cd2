"""The file of an archive: a ZIP with JSON for programs, pages for people, and the pictures.

Nothing is held whole: rows come in batches, a page is written as soon as it is full, the JSON of a section waits on
disk. Pages hold plain text, escaped, and nothing is fetched from anywhere when they are read.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from community.core.clock import now
from community.members.models import Member
from community.members.registry import Area, Section, areas

PAGE_ROWS = 200
Told = Callable[[int, int], None]


@dataclass(slots=True)
class Written:
    """What the front page says of a section."""

    title: str
    json: str
    pages: list[str] = field(default_factory=list)
    rows: int = 0


def write_archive(target: IO[bytes], member: Member, *, told: Told) -> int:
    """Write the archive of a member in their language; returns how many rows. `told(areas done, rows)` hears of it."""
    with (
        translation.override(member.language),
        timezone.override(ZoneInfo(member.time_zone or settings.TIME_ZONE)),
        ZipFile(target, "w", ZIP_DEFLATED) as zipped,
    ):
        return _Writer(zipped, member, told).write()


class _Writer:
    def __init__(self, zipped: ZipFile, member: Member, told: Told) -> None:
        self._zip, self._member, self._told = zipped, member, told
        self._rows = self._areas_done = 0
        self._copied: set[str] = set()

    def write(self) -> int:
        written = [(str(area.title), self._area(area)) for area in areas()]
        self._page("index.html", "members/archive/index.html", areas=written, member=self._member, at=now(), up="")
        self._zip.writestr("style.css", render_to_string("members/archive/style.css"))
        return self._rows

    def _area(self, area: Area) -> list[Written]:
        done = [self._section(area, section) for section in area.sections(self._member.pk)]
        self._areas_done += 1
        self._told(self._areas_done, self._rows)
        return done

    def _section(self, area: Area, section: Section) -> Written:
        path = f"{area.name}/{section.name}"
        done = Written(title=str(section.title), json=f"{path}.json")
        labels = {key: str(label) for key, label in section.labels.items()}
        shown: list[list[tuple[str, str]]] = []
        with tempfile.TemporaryFile("w+", encoding="utf-8", dir=settings.ARCHIVE_ROOT) as waiting:
            waiting.write("[")
            for row in section.rows:
                waiting.write(",\n" if done.rows else "\n")
                waiting.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False))
                done.rows += 1
                shown.append(_shown(row, labels))
                self._copy(row.get(section.file, "") if section.file else "")
                if len(shown) == PAGE_ROWS:
                    self._read_page(path, done, shown)
            if shown:
                self._read_page(path, done, shown)
            waiting.write("\n]\n")
            waiting.seek(0)
            with self._zip.open(done.json, "w", force_zip64=True) as entry:
                for piece in iter(lambda: waiting.read(1 << 16), ""):
                    entry.write(piece.encode())
        return done

    def _read_page(self, path: str, done: Written, shown: list[list[tuple[str, str]]]) -> None:
        name = f"{path}-{len(done.pages) + 1}.html"
        self._page(name, "members/archive/section.html", title=done.title, rows=shown, up="../")
        done.pages.append(name)
        self._rows += len(shown)
        self._told(self._areas_done, self._rows)
        shown.clear()

    def _page(self, name: str, template: str, **context: Any) -> None:
        given = context | {"site_name": settings.SITE_NAME, "language": translation.get_language()}
        self._zip.writestr(name, render_to_string(template, given))

    def _copy(self, file: str) -> None:
        """The stored file under its own name; one that is missing is missing here, too."""
        if not file or file in self._copied or not default_storage.exists(file):
            return
        self._copied.add(file)
        with default_storage.open(file) as source, self._zip.open(_stored(file), "w", force_zip64=True) as entry:
            shutil.copyfileobj(source, entry, 1 << 16)


def _stored(file: str) -> ZipInfo:
    """Pictures are compressed already."""
    entry = ZipInfo(file, date_time=timezone.localtime(now()).timetuple()[:6])
    entry.compress_type, entry.external_attr = ZIP_STORED, 0o600 << 16
    return entry


def _shown(row: Mapping[str, Any], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(label, words) for key, label in labels.items() if (words := _words(row.get(key)))]


def _words(value: Any) -> str:
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_words, value)))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(one)}" for key, one in value.items())
    if value is None or value is False or value == "":
        return ""
    return "✓" if value is True else str(value)

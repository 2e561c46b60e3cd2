"""A Stack Exchange data dump as a folder of CSV files (plain or .gz) with the dump's own columns.

Read are posts (types 1 and 2: questions and answers), comments and users. Votes are in the posts' scores already,
and a question's tags in the question; tag wikis, badges and link tables have no place in talk.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from community.threads.management.importing.rows import (
    Author,
    ImportFault,
    Message,
    Refused,
    Report,
    SourceError,
    Talk,
    moment,
    number,
)

QUESTION, ANSWER = "1", "2"
# The dumps by date (CC BY-SA 2.5, 3.0 from 2011-04-08, 4.0 from 2018-05-02), where the file does not say.
_LICENCES = (("2018-05-02", "CC BY-SA 4.0"), ("2011-04-08", "CC BY-SA 3.0"), ("", "CC BY-SA 2.5"))
_TAG = re.compile(r"<([^<>]+)>")
_LONGEST_TEXT = 1 << 20  # characters of one cell
FORMER = Author("former", "")
OPTIONAL = ("ContentLicense", "OwnerDisplayName", "UserDisplayName", "ViewCount", "Tags")
NEEDED = {
    "posts": frozenset(
        ["Id", "PostTypeId", "ParentId", "AcceptedAnswerId", "CreationDate", "Score", "OwnerUserId", "Title", "Body"]
    ),
    "comments": frozenset(["Id", "PostId", "Score", "Text", "CreationDate", "UserId"]),
    "users": frozenset(["Id", "CreationDate", "DisplayName"]),
}

Row = dict[str, str]


@dataclass(slots=True)
class Dump:
    """A folder that is being read. `site` is the address that the links to the sources begin with."""

    folder: Path
    site: str
    report: Report
    users: dict[str, Author] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)  # by the id of any of their posts
    skipped: set[str] = field(default_factory=set)  # posts that are no talk: tag wikis and the like

    def read(self) -> list[Talk]:
        """Every question with its answers and comments, oldest first; raises `SourceError`."""
        answers: list[tuple[Row, int]] = []
        self._users()
        for row, line in self._rows("posts"):
            if row["PostTypeId"] == ANSWER:
                answers.append((row, line))
            elif row["PostTypeId"] == QUESTION:
                with self._reading("posts", row, line):
                    self._question(row, line)
            else:
                self.skipped.add(row["Id"])
        questions = list(self.talks.values())
        for row, line in answers:
            with self._reading("posts", row, line):
                self._answer(row, line)
        for row, line in self._rows("comments"):
            if row["PostId"] not in self.skipped:
                with self._reading("comments", row, line):
                    self._comment(row, line)
        return sorted(map(in_order, questions), key=lambda talk: talk.messages[0].created_at)

    def _question(self, row: Row, line: int) -> None:
        title = row["Title"].strip()
        if not title:
            raise Refused("a question without a title")
        self._once(row["Id"])
        self.talks[row["Id"]] = Talk(
            key=row["Id"],
            title=title,
            kind="question",
            messages=[self._post(row, line)],
            tags=_TAG.findall(row["Tags"]),
            accepted=row["AcceptedAnswerId"] or None,
            views=max(0, number(row["ViewCount"])),
        )

    def _answer(self, row: Row, line: int) -> None:
        talk = self.talks.get(row["ParentId"])
        if talk is None or talk.key != row["ParentId"]:
            raise Refused(f"its question {row['ParentId']} is not here")
        self._once(row["Id"])
        talk.messages.append(self._post(row, line))
        self.talks[row["Id"]] = talk

    def _comment(self, row: Row, line: int) -> None:
        talk = self.talks.get(row["PostId"])
        if talk is None:
            raise Refused(f"its post {row['PostId']} is not here")
        message = Message(
            key=f"c{row['Id']}",
            author=self._author(row["UserId"], row["UserDisplayName"]),
            text=row["Text"],
            form="line",
            created_at=moment(row["CreationDate"]),
            score=number(row["Score"]),
            reply_to=row["PostId"],
            url=f"{self.site}/q/{row['PostId']}#comment{row['Id']}_{row['PostId']}" if self.site else "",
            licence=_licence(row),
            file="comments",
            line=line,
        )
        talk.messages.append(message)

    def _post(self, row: Row, line: int) -> Message:
        return Message(
            key=row["Id"],
            author=self._author(row["OwnerUserId"], row["OwnerDisplayName"]),
            text=row["Body"],
            form="html",
            created_at=moment(row["CreationDate"]),
            score=number(row["Score"]),
            url=f"{self.site}/q/{row['Id']}" if self.site else "",
            licence=_licence(row),
            file="posts",
            line=line,
        )

    def _once(self, key: str) -> None:
        number(key)
        if key in self.talks:
            raise Refused("there is a row with this Id already")

    def _users(self) -> None:
        for row, line in self._rows("users"):
            with self._reading("users", row, line):
                self.users[row["Id"]] = Author(row["Id"], row["DisplayName"], moment(row["CreationDate"]))

    def _author(self, key: str, name: str) -> Author:
        """The user, else who the row says it was, else nobody in particular."""
        known = self.users.get(key)
        if known is not None:
            return known
        return Author(f"name:{name}"[:64], name) if name else FORMER

    @contextmanager
    def _reading(self, file: str, row: Row, line: int) -> Iterator[None]:
        try:
            yield
        except Refused as refusal:
            self.report(ImportFault(file, line, row["Id"], str(refusal)))

    def _rows(self, name: str) -> Iterator[tuple[Row, int]]:
        """Each row and the line where it begins; a short or torn row is refused here."""
        with _opened(self.folder, name) as text:
            reader = csv.reader(text)
            header = next(reader, [])
            missing = NEEDED[name] - set(header)
            if missing:
                raise SourceError(f"{name}: the columns {', '.join(sorted(missing))} are missing")
            line = reader.line_num + 1
            for cells in _whole(reader, name):
                row = dict(zip(header, cells, strict=False))
                if len(cells) != len(header):
                    fault = f"{len(cells)} cells where the header has {len(header)}"
                    self.report(ImportFault(name, line, row.get("Id", ""), fault))
                else:
                    yield dict.fromkeys(OPTIONAL, "") | row, line
                line = reader.line_num + 1


def in_order(talk: Talk) -> Talk:
    """Put the messages in the order of time; what answers something never comes before it."""
    known = {message.key: message for message in talk.messages}
    first = talk.messages[0]
    talk.messages.sort(key=lambda one: (one is not first, _since(one, known), one.created_at, len(one.key), one.key))
    return talk


def _since(message: Message, known: dict[str, Message]) -> datetime:
    answered = known.get(message.reply_to or "")
    return max(message.created_at, answered.created_at) if answered is not None else message.created_at


def _licence(row: Row) -> str:
    return row["ContentLicense"] or next(name for since, name in _LICENCES if row["CreationDate"] >= since)


def _opened(folder: Path, name: str) -> TextIO:
    for place in (folder / f"{name}.csv.gz", folder / f"{name}.csv"):
        if place.is_file():
            opener = gzip.open if place.suffix == ".gz" else open
            return opener(place, "rt", encoding="utf-8", newline="")
    raise SourceError(f"{folder}: there is no {name}.csv or {name}.csv.gz")


def _whole(reader: Any, name: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_TEXT)
    try:
        yield from reader
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise SourceError(f"{name}, near line {reader.line_num}: {error}") from error

"""Texts from elsewhere as our Markdown and our HTML: nearly all the work of an import, so done in several processes."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import unescape
from multiprocessing import get_context
from typing import Any

from markdownify import MarkdownConverter

from community.core.errors import Invalid
from community.core.text import BODY_LIMIT, clean_line, parse, tidy, without_declarations
from community.threads.management.importing.rows import Form, Message

CHUNK = 50  # texts that travel to a process in one go
TITLE_LIMIT = 200  # characters, as the column
WORTH_IT = 400  # fewer texts are done here before other processes have started

# What our Markdown would take for a mark although the source means the sign. Formulas ($a_1 \, |0\rangle$) are text to
# us, so this is kept to the least: every mark more makes the source harder to edit.
_MARKS = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])"  # a backslash before a sign
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"  # at the edge of a word
    r"|\*|`|~(?=~)|\](?=\()"
    r"|<(?=[A-Za-z/!?])|&(?=\#?[0-9A-Za-z]+;)"
    r"|^(?:>|[#+-](?=\s|\#|$))"
)
_LISTED = re.compile(r"^(\s*[0-9]{1,9})([.)])(?=\s|$)")
_BRACKETS = re.compile(r"(?<!\\)[\[\]]")
_BLOCK = re.compile(r"^\s*(?:(?P<sign>[#>+*-]|=+$|`{3,}|~{3,})|(?P<count>[0-9]{1,9})(?P<dot>[.)]))")
_LINE_ENDS = re.compile(r"[ \t\u00a0]+\n")
_GAPS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Words:
    """A text ready to be stored; `fault` says why it cannot be. `html` is empty unless it was asked for."""

    markdown: str = ""
    html: str = ""
    fault: str = ""


Kept = Sequence[tuple[Message, Words]]
Source = tuple[Form, str, bool]
"""How it is written, the text, and whether its HTML is wanted."""


@contextmanager
def workshop(*, texts: int) -> Iterator["Workshop"]:
    """A place to have about `texts` texts made, with a process per processor if that is worth it."""
    processes = len(os.sched_getaffinity(0)) if texts >= WORTH_IT else 1
    if processes == 1:
        yield Workshop(None)
        return
    # Not fork: this program may have threads and an open database. The server forks from a clean one.
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield Workshop(pool)


class Workshop:
    """Makes texts, in this process or in others."""

    def __init__(self, pool: ProcessPoolExecutor | None) -> None:
        self._pool = pool

    def start(self, sources: Iterable[Source]) -> Iterator[Words]:
        """Begin with all of them at once; the answers come in order, as they are asked for."""
        listed = list(sources)
        if self._pool is None:
            return map(make, listed)
        chunks = [listed[i : i + CHUNK] for i in range(0, len(listed), CHUNK)]
        return (words for made in self._pool.map(_make_all, chunks) for words in made)


def _make_all(sources: Sequence[Source]) -> list[Words]:
    return [make(source) for source in sources]


def make(source: Source) -> Words:
    """One text. People named in it are not linked: a handle here is somebody else's name there."""
    form, text, with_html = source
    try:
        markdown = to_markdown(form, text)
    except RecursionError:
        return Words(fault="its HTML is nested too deeply")
    if not markdown:
        return Words(fault="there is no text in it")
    if len(markdown.encode()) > BODY_LIMIT:
        return Words(fault=f"it is longer than {BODY_LIMIT} bytes")
    return Words(markdown, parse(markdown).html() if with_html else "")


def to_markdown(form: Form, text: str) -> str:
    """The text in our Markdown, tidy, without space around it."""
    if form == "html":
        made = _converter().convert(without_declarations(text))
        text = _GAPS.sub("\n\n", _LINE_ENDS.sub("\n", made.replace("\u2028", "\n")))
    elif form == "line":
        text = _one_line(unescape(text))
    return tidy(text).strip()


def _one_line(text: str) -> str:
    """No list, heading or quote begins in a comment."""
    lines = []
    for line in text.split("\n"):
        found = _BLOCK.match(line)
        if found is None:
            lines.append(line)
        elif found["sign"]:
            at = found.start("sign")
            lines.append(f"{line[:at]}\\{line[at:]}")
        else:
            at = found.start("dot")
            lines.append(f"{line[:at]}\\{line[at:]}")
    return "\n".join(lines)


class _Converter(MarkdownConverter):
    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = _LISTED.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", text))
        # In the words of a link a bracket could end it.
        return _BRACKETS.sub(r"\\\g<0>", text) if "a" in parent_tags else text

    def convert_img(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """Foreign pictures are not shown here (core.text); a link to one says what it is."""
        source, name = el.get("src") or "", (el.get("alt") or "").strip() or "picture"
        if not source or "a" in parent_tags or "_noformat" in parent_tags:
            return name
        return f"[{self.escape(name, parent_tags)}]({source})"


@cache
def _converter() -> _Converter:
    # In HTML a line end is a space, in our Markdown it is a line end: wrap without a width makes it a space.
    return _Converter(heading_style="ATX", bullets="-", wrap=True, wrap_width=None)


def html_of(words: Words) -> str:
    """Made where the text was made, or now, if it turned out that it is needed after all."""
    return words.html or parse(words.markdown).html()


def shown_title(title: str) -> str:
    """The title on one line, cut if it is longer than our column; empty if there is nothing to see in it."""
    try:
        line = clean_line(title[: TITLE_LIMIT * 2], field="title", limit=TITLE_LIMIT * 2)
    except Invalid:
        return ""
    return line if len(line) <= TITLE_LIMIT else f"{line[: TITLE_LIMIT - 1]}…"

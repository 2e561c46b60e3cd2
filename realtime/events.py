"""An event on its way to the readers, and the text frames it becomes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from realtime.transport import text_frame

ACCESS = "access"
"""The kind of an event that says "who may watch this stream has changed". Everybody on the stream is asked
again before that event or a later one is delivered."""

WITHHELD = "withheld"
"""The kind that an event has for readers who are kept apart from its author: the number, so that theirs stay whole, and
nothing else."""

NOBODY: frozenset[int] = frozenset()

TOGETHER = 64 * 1024
"""Bytes that leave together, about."""

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Frame:
    """One text message, encoded once and shared by every socket it goes to. `size` is its length in bytes."""

    __slots__ = ("_wire", "size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text) if text.isascii() else len(text.encode())
        self._wire: bytes | None = None

    @property
    def wire(self) -> bytes:
        """The message as a WebSocket frame, for sockets that are written to directly."""
        if self._wire is None:
            self._wire = text_frame(self.text.encode())
        return self._wire


def frame(**message: Any) -> Frame:
    return Frame(_json(message))


@dataclass(slots=True)
class Event:
    """One row of the log. `payload` is JSON; `payload["html"]` may be a dict language → fragment.

    `payload["author_id"]` says whose words or deed it is, `payload["names"]` whom else the fragment names: a reader who
    is kept apart from the first gets it `WITHHELD`, from one of the others without the fragment.
    """

    stream: str
    seq: int
    kind: str
    payload: dict[str, Any]
    at: str
    _frames: dict[str, Frame] = field(default_factory=dict, repr=False, compare=False)

    def message(self, language: str, apart: frozenset[int] = NOBODY) -> dict[str, Any]:
        """The event as one reader sees it, with the fragment of that reader's language; `apart` are the people who are
        kept apart from that reader.
        """
        kind, payload = self.kind, self.payload
        if how := self._hidden_from(apart):
            kind, payload = (WITHHELD, {}) if how == WITHHELD else (kind, _without_html(payload))
        if isinstance(html := payload.get("html"), dict):
            payload = {**payload, "html": _in_language(html, language)}
        return {
            "type": "event",
            "stream": self.stream,
            "seq": self.seq,
            "kind": kind,
            "payload": payload,
            "at": self.at,
        }

    def frame(self, language: str, apart: frozenset[int] = NOBODY) -> Frame:
        """The same frame for every reader of one language, and for all from whom it is hidden: at most one encoding per
        event for each.
        """
        how = self._hidden_from(apart)
        key = how or (language if isinstance(self.payload.get("html"), dict) else "")
        if (made := self._frames.get(key)) is None:
            made = self._frames[key] = Frame(_json(self.message(language, apart)))
        return made

    def _hidden_from(self, apart: frozenset[int]) -> str:
        """WITHHELD, "bare" or, where it is shown as it is, ""."""
        if not apart:
            return ""
        if self.payload.get("author_id") in apart:
            return WITHHELD
        return "" if apart.isdisjoint(self.payload.get("names", ())) else "bare"


def bunches(events: Iterable[Event], language: str) -> Iterator[list[Event]]:
    """The events in their order, in lists that begin anew at every `ACCESS` and after `TOGETHER` bytes."""
    bunch: list[Event] = []
    size = 0
    for event in events:
        if bunch and (event.kind == ACCESS or size > TOGETHER):
            yield bunch
            bunch, size = [], 0
        bunch.append(event)
        size += event.frame(language).size
    if bunch:
        yield bunch


def _without_html(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name != "html"}


def _in_language(html: dict[str, str], language: str) -> str:
    """The fragment in `language`, else in its base language, else the first one there is."""
    for code in (language, language.split("-", 1)[0]):
        if code in html:
            return html[code]
    return next(iter(html.values()), "")


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_wire(events: Iterable[Event], *, hint_above: int) -> bytes:
    """What one commit publishes: its events, or only their numbers when they would be more than `hint_above`
    bytes.
    """
    listed = list(events)
    data = _json({"e": [[e.stream, e.seq, e.kind, e.payload, e.at] for e in listed]}).encode()
    if len(data) <= hint_above:
        return data
    newest: dict[str, int] = {}
    for event in listed:
        newest[event.stream] = max(event.seq, newest.get(event.stream, 0))
    return _json({"n": newest}).encode()


def control_to_wire(**control: Any) -> bytes:
    return _json(control).encode()

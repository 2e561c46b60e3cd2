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
    """One row of the log. `payload` is JSON; `payload["html"]` may be a dict language → fragment."""

    stream: str
    seq: int
    kind: str
    payload: dict[str, Any]
    at: str
    _frames: dict[str, Frame] = field(default_factory=dict, repr=False, compare=False)

    def message(self, language: str) -> dict[str, Any]:
        """The event as one reader sees it, with the fragment of that reader's language."""
        payload = self.payload
        if isinstance(html := payload.get("html"), dict):
            payload = {**payload, "html": _in_language(html, language)}
        return {
            "type": "event",
            "stream": self.stream,
            "seq": self.seq,
            "kind": self.kind,
            "payload": payload,
            "at": self.at,
        }

    def frame(self, language: str) -> Frame:
        """The same frame for every reader of one language: at most one encoding per event and language."""
        key = language if isinstance(self.payload.get("html"), dict) else ""
        if (made := self._frames.get(key)) is None:
            made = self._frames[key] = Frame(_json(self.message(language)))
        return made


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

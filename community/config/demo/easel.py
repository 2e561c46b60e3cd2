"""Draws the pictures that are missing and keeps them through the door that all pictures pass.

Our own drawings need no child process that distrusts them: `core.pictures.keep` takes them as decoded.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
from types import TracebackType
from typing import Any

from community.config.demo.art.studio import Painted, painted
from community.core.models import Picture
from community.core.pictures import Decoded, keep


@dataclass(frozen=True)
class Sketch:
    """What is to be drawn. `name` sets the seed, so a sketch always becomes the same picture."""

    name: str
    row: str  # JSON

    @classmethod
    def of(cls, name: str, row: dict[str, Any]) -> Sketch:
        return cls(name, json.dumps(row, sort_keys=True, ensure_ascii=False))

    @property
    def digest(self) -> str:
        """Knows a picture again that an earlier run has drawn."""
        return sha256(f"demo {self.name} {self.row}".encode()).hexdigest()

    @property
    def seed(self) -> int:
        return zlib.crc32(self.name.encode())


class Easel:
    """Paints in the background, on every core, while the rest is written; `hang` waits for the one it needs.

    Spawned processes, since a fork would take our database pool along.
    """

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn"))
        self._canvases: dict[Sketch, Future[Painted]] = {}

    def __enter__(self) -> Easel:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def paint(self, sketches: Iterable[Sketch], step: Callable[[], None]) -> None:
        """Begin to paint these, in this order; `step` is called after each."""
        for sketch in dict.fromkeys(sketches):
            canvas = self._pool.submit(painted, (sketch.row, sketch.seed))
            canvas.add_done_callback(lambda _canvas: step())
            self._canvases[sketch] = canvas

    def hang(self, sketch: Sketch, *, owner_id: int | None) -> Picture:
        """Keep a sketch that is being painted; the picture is not used by anything yet."""
        full, thumb, width, height = self._canvases.pop(sketch).result()
        return keep(Decoded(full, thumb, width, height), owner_id=owner_id, digest=sketch.digest)

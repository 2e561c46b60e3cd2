"""Draws the pictures that are missing, on every core, and keeps them through the door that all pictures pass.

Our own drawings need no child process that distrusts them: `core.pictures.keep` takes them as decoded.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
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
    """Drawings by sketch; `paint` them first, then `hang` each where it belongs."""

    def __init__(self) -> None:
        self._dry: dict[Sketch, Painted] = {}

    def paint(self, sketches: Iterable[Sketch], step: Callable[[], None]) -> None:
        """Draw them all, a core each. Spawned processes, since a fork would take our database pool along."""
        todo = list(dict.fromkeys(sketches))
        if not todo:
            return
        workers = min(len(todo), os.cpu_count() or 1)
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for sketch, result in zip(todo, pool.map(painted, [(one.row, one.seed) for one in todo]), strict=True):
                self._dry[sketch] = result
                step()

    def hang(self, sketch: Sketch, *, owner_id: int | None) -> Picture:
        """Keep a painted sketch; the picture is not used by anything yet."""
        full, thumb, width, height = self._dry[sketch]
        return keep(Decoded(full, thumb, width, height), owner_id=owner_id, digest=sketch.digest)

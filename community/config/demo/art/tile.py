"""One repeat of a pattern, drawn so that its edges meet."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from .shapes import Point

FINE = 3


class Tile:
    """A repeat that wraps round: what leaves on one side comes in on the other."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = round(width), round(height)
        self.mask = Image.new("L", (self.width * FINE, self.height * FINE))
        self.draw = ImageDraw.Draw(self.mask)

    def _shifts(self) -> list[Point]:
        return [(i * self.width, j * self.height) for j in (-1, 0, 1) for i in (-1, 0, 1)]

    def line(self, points: Sequence[Point], width: float) -> None:
        for dx, dy in self._shifts():
            moved = [((x + dx) * FINE, (y + dy) * FINE) for x, y in points]
            self.draw.line(moved, fill=255, width=max(1, round(width * FINE)), joint="curve")

    def poly(self, points: Sequence[Point], ink: int = 255) -> None:
        for dx, dy in self._shifts():
            self.draw.polygon([((x + dx) * FINE, (y + dy) * FINE) for x, y in points], fill=ink)

    def dot(self, x: float, y: float, radius: float, ink: int = 255) -> None:
        for dx, dy in self._shifts():
            cx, cy, r = (x + dx) * FINE, (y + dy) * FINE, radius * FINE
            self.draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=ink)

    def stitch(self, a: Point, b: Point, width: float, count: int) -> None:
        """Running stitches from a to b: thread above the cloth a little longer than below, as sashiko asks."""
        for i in range(count):
            t0, t1 = (i + 0.2) / count, (i + 0.82) / count
            self.line([_between(a, b, t0), _between(a, b, t1)], width)

    def done(self) -> Image.Image:
        return self.mask.reduce(FINE)


def _between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t

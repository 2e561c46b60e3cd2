"""Anti-aliased outlines: each shape is a grey mask drawn at twice its size and reduced."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

SCALE = 2
Point = tuple[float, float]


@dataclass(frozen=True)
class Blob:
    """A mask ("L", 255 inside) whose upper left corner lies at (x, y) of the picture."""

    mask: Image.Image
    x: int
    y: int

    @property
    def size(self) -> tuple[int, int]:
        return self.mask.size

    def moved(self, dx: int, dy: int) -> Blob:
        return Blob(self.mask, self.x + dx, self.y + dy)

    def padded(self, by: int) -> Blob:
        wide = Image.new("L", (self.mask.width + 2 * by, self.mask.height + 2 * by))
        wide.paste(self.mask, (by, by))
        return Blob(wide, self.x - by, self.y - by)

    def on(self, other: Blob) -> Image.Image:
        """This blob's mask seen through the window of `other`."""
        view = Image.new("L", other.size)
        view.paste(self.mask, (self.x - other.x, self.y - other.y))
        return view

    def within(self, other: Blob) -> Blob:
        return Blob(ImageChops.multiply(self.mask, other.on(self)), self.x, self.y)

    def minus(self, other: Blob) -> Blob:
        return Blob(ImageChops.subtract(self.mask, other.on(self)), self.x, self.y)


def polygon(*outlines: Sequence[Point]) -> Blob:
    """The union of closed outlines."""
    xs = [x for outline in outlines for x, _ in outline]
    ys = [y for outline in outlines for _, y in outline]
    x0, y0 = math.floor(min(xs)) - 1, math.floor(min(ys)) - 1
    size = (math.ceil(max(xs)) + 2 - x0, math.ceil(max(ys)) + 2 - y0)
    mask = Image.new("L", (size[0] * SCALE, size[1] * SCALE))
    draw = ImageDraw.Draw(mask)
    for outline in outlines:
        draw.polygon([((x - x0) * SCALE, (y - y0) * SCALE) for x, y in outline], fill=255)
    return Blob(mask.reduce(SCALE), x0, y0)


def path(data: str) -> Blob:
    """A filled path in a subset of the SVG path language: absolute M, L, C, Q and Z, separated by spaces."""
    return polygon(*trace(data))


def stroke(data: str | Sequence[Point], width: float) -> Blob:
    """A line of even width with round ends along a path or a list of points."""
    lines = trace(data) if isinstance(data, str) else [list(data)]
    half = width / 2 + 1
    xs = [x for line in lines for x, _ in line]
    ys = [y for line in lines for _, y in line]
    x0, y0 = math.floor(min(xs) - half), math.floor(min(ys) - half)
    size = (math.ceil(max(xs) + half) - x0 + 1, math.ceil(max(ys) + half) - y0 + 1)
    mask = Image.new("L", (size[0] * SCALE, size[1] * SCALE))
    draw = ImageDraw.Draw(mask)
    for line in lines:
        points = [((x - x0) * SCALE, (y - y0) * SCALE) for x, y in line]
        draw.line(points, fill=255, width=max(1, round(width * SCALE)), joint="curve")
        for x, y in (points[0], points[-1]):
            radius = width * SCALE / 2
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return Blob(mask.reduce(SCALE), x0, y0)


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None) -> Blob:
    ry = rx if ry is None else ry
    steps = max(48, round(max(rx, ry) / 2))
    turns = [2 * math.pi * i / steps for i in range(steps)]
    return polygon([(cx + rx * math.cos(t), cy + ry * math.sin(t)) for t in turns])


def rect(x: float, y: float, width: float, height: float, radius: float = 0) -> Blob:
    mask = Image.new("L", (round((width + 2) * SCALE), round((height + 2) * SCALE)))
    box = (SCALE, SCALE, round((width + 1) * SCALE) - 1, round((height + 1) * SCALE) - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * SCALE, fill=255)
    return Blob(mask.reduce(SCALE), round(x) - 1, round(y) - 1)


def turned(points: Sequence[Point], degrees: float, centre: Point) -> list[Point]:
    """Points turned clockwise about a centre."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cx, cy = centre
    return [(cx + (x - cx) * c - (y - cy) * s, cy + (x - cx) * s + (y - cy) * c) for x, y in points]


def box(x: float, y: float, width: float, height: float) -> list[Point]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def trace(data: str) -> list[list[Point]]:
    """Sample a path string into polylines, one for each M."""
    lines: list[list[Point]] = []
    tokens = data.replace(",", " ").split()
    need = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
    verb, i = "M", 0
    while i < len(tokens):
        if tokens[i] in need:
            verb, i = tokens[i], i + 1
            if verb == "Z":
                lines[-1].append(lines[-1][0])
                continue
        count = need[verb]
        numbers = [float(token) for token in tokens[i : i + 2 * count]]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        i += 2 * count
        if verb == "M":
            lines.append(points)
            verb = "L"
        else:
            lines[-1].extend(_curve([lines[-1][-1], *points]))
    return lines


def _curve(control: list[Point], steps: int = 20) -> list[Point]:
    if len(control) == 2:
        return control[1:]
    return [_bezier(control, i / steps) for i in range(1, steps + 1)]


def _bezier(points: list[Point], t: float) -> Point:
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in itertools.pairwise(points)]
    return points[0]

"""Traditional patterns as seamless grey tiles (255 where the ink or the thread is).

Each function takes the unit in pixels and gives one repeat.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageChops

from .shapes import Point
from .tile import Tile

ROOT3 = math.sqrt(3)


def _leaf_lines(unit: float) -> tuple[Tile, list[tuple[Point, Point]]]:
    """The hemp leaf as segments: a net of triangles, each cut into three from its middle."""
    tile = Tile(unit, unit * ROOT3)
    w, h = tile.width, tile.height
    lines: list[tuple[Point, Point]] = []
    for x, y in ((0.0, 0.0), (w / 2, h / 2)):
        right, low_r, low_l = (x + w, y), (x + w / 2, y + h / 2), (x - w / 2, y + h / 2)
        lines += [((x, y), right), ((x, y), low_r), ((x, y), low_l)]
        for corners in (((x, y), right, low_r), ((x, y), low_r, low_l)):
            middle = (sum(p[0] for p in corners) / 3, sum(p[1] for p in corners) / 3)
            lines += [(middle, corner) for corner in corners]
    return tile, lines


def asanoha(unit: float) -> Image.Image:
    tile, lines = _leaf_lines(unit)
    for a, b in lines:
        tile.line([a, b], unit * 0.035)
    return tile.done()


def sashiko(unit: float) -> Image.Image:
    tile, lines = _leaf_lines(unit)
    for a, b in lines:
        tile.stitch(a, b, unit * 0.032, 6 if math.dist(a, b) > unit * 0.8 else 4)
    return tile.done()


def seigaiha(unit: float) -> Image.Image:
    tile = Tile(unit, unit / 2)
    r = unit / 2
    for row in range(-4, 7):
        x = (row % 2) * r
        for k in range(4):
            outer = r * (1 - k * 0.26)
            tile.dot(x, row * r / 2 + r, outer, 255)
            tile.dot(x, row * r / 2 + r, outer - unit * 0.045, 0)
    return tile.done()


def shippo(unit: float) -> Image.Image:
    """Petals where two nets of touching circles overlap, with a bead in each star."""
    one, two = Tile(unit, unit), Tile(unit, unit)
    r = unit / 2
    one.dot(0, 0, r * 0.985)
    two.dot(r, r, r * 0.985)
    net = ImageChops.multiply(one.done(), two.done())
    beads = Tile(unit, unit)
    for x, y in ((r, 0.0), (0.0, r)):
        beads.dot(x, y, unit * 0.05)
    return ImageChops.lighter(net, beads.done())


def shippo_line(unit: float) -> Image.Image:
    tile = Tile(unit, unit)
    r = unit / 2
    turns = [2 * math.pi * i / 48 for i in range(49)]
    for cx, cy in ((0.0, 0.0), (r, r)):
        tile.line([(cx + r * math.cos(t), cy + r * math.sin(t)) for t in turns], unit * 0.03)
    return tile.done()


def ichimatsu(unit: float) -> Image.Image:
    tile = Tile(unit, unit)
    h = unit / 2
    tile.poly([(0, 0), (h - 0.5, 0), (h - 0.5, h - 0.5), (0, h - 0.5)])
    tile.poly([(h, h), (unit - 0.5, h), (unit - 0.5, unit - 0.5), (h, unit - 0.5)])
    return tile.done()


def yagasuri(unit: float) -> Image.Image:
    """Arrow feathers, up in one column and down in the next, with the edges of tied-and-dyed thread."""
    tile = Tile(unit, unit * 2)
    half, rise = unit / 4, unit * 0.36
    for column, turn, start in ((0.25, 1, 0.0), (0.75, -1, unit)):
        x = unit * column
        for side in (-1, 1):
            edge = x + side * half * 0.94
            near = x + side * unit * 0.012
            top, low = start, start + unit
            shift = -rise * turn
            tile.poly([(near, top), (edge, top + shift), (edge, low + shift), (near, low)])
    return tile.done()


def kikko(unit: float) -> Image.Image:
    tile = Tile(unit * ROOT3, unit * 3)
    for cx, cy in ((0.0, 0.0), (tile.width / 2, tile.height / 2)):
        for size, width in ((1.0, 0.07), (0.72, 0.035)):
            corners = [_polar(cx, cy, unit * size, 30 + 60 * k) for k in range(7)]
            tile.line(corners, unit * width)
        for k in range(6):
            x, y = _polar(cx, cy, unit * 0.27, 60 * k)
            tile.dot(x, y, unit * 0.13)
        tile.dot(cx, cy, unit * 0.07, 0)
    return tile.done()


def _polar(cx: float, cy: float, radius: float, degrees: float) -> Point:
    return cx + radius * math.cos(math.radians(degrees)), cy + radius * math.sin(math.radians(degrees))


def uroko(unit: float) -> Image.Image:
    tile = Tile(unit, unit * ROOT3)
    h = tile.height / 2
    for x, y in ((0.0, 0.0), (unit / 2, h)):
        tile.poly([(x + unit / 2, y + 1), (x + unit - 1, y + h), (x + 1, y + h)])
    return tile.done()


def kagome(unit: float) -> Image.Image:
    tile = Tile(unit, unit * ROOT3)
    w, h = tile.width, tile.height
    for gap in (-0.055, 0.055):
        d = unit * gap
        for k in (0, 1):
            tile.line([(-w, h * (0.25 + k / 2) + d), (2 * w, h * (0.25 + k / 2) + d)], unit * 0.035)
        tile.line([(-w / 2 + d * 1.15, -h), (1.5 * w + d * 1.15, h)], unit * 0.035)
        tile.line([(1.5 * w + d * 1.15, -h), (-w / 2 + d * 1.15, h)], unit * 0.035)
    return tile.done()


def higaki(unit: float) -> Image.Image:
    """The fence of woven cypress strips."""
    tile = Tile(unit, unit)
    u = unit / 4
    for k in range(4):
        x, y = k * u, k * u
        tile.poly([(x + 2, y), (x + 2 * u - 2, y - 2 * u + 4), (x + 3 * u - 2, y - u), (x + u + 2, y + u - 4)])
    return tile.done()


def chidori(unit: float) -> Image.Image:
    """Houndstooth as the loom makes it: four dark and four light threads in a two-and-two twill."""
    tile = Tile(unit, unit)
    u = unit / 8
    for y in range(8):
        for x in range(8):
            warp_on_top = (x + y) % 4 < 2
            if (x if warp_on_top else y) < 4:
                tile.poly([(x * u, y * u), ((x + 1) * u, y * u), ((x + 1) * u, (y + 1) * u), (x * u, (y + 1) * u)])
    return tile.done()


def tatewaku(unit: float) -> Image.Image:
    tile = Tile(unit, unit * 1.5)
    ys = [tile.height * i / 40 for i in range(-2, 43)]
    for x, turn in ((0.25, 1), (0.75, -1)):
        wave = [(unit * (x + turn * 0.17 * math.cos(2 * math.pi * y / tile.height)), y) for y in ys]
        tile.line(wave, unit * 0.055)
        inner = [(x + turn * unit * 0.09, y) for x, y in wave]
        tile.line(inner, unit * 0.022)
    return tile.done()


def juji(unit: float) -> Image.Image:
    """Sashiko of small crosses."""
    tile = Tile(unit, unit)
    for x, y in ((0.25, 0.25), (0.75, 0.75)):
        cx, cy, a = x * unit, y * unit, unit * 0.15
        tile.line([(cx - a, cy), (cx + a, cy)], unit * 0.06)
        tile.line([(cx, cy - a), (cx, cy + a)], unit * 0.06)
    return tile.done()


def mameshibori(unit: float) -> Image.Image:
    tile = Tile(unit * 4, unit * 4)
    rng = random.Random(5)
    for j in range(4):
        for i in range(4):
            x, y = (i + 0.5 + rng.uniform(-0.04, 0.04)) * unit, (j + 0.5 + rng.uniform(-0.04, 0.04)) * unit
            tile.dot(x, y, unit * rng.uniform(0.26, 0.31))
    return tile.done()


def kanoko(unit: float) -> Image.Image:
    """Fawn dots: a small tied point left pale, with its own dark heart."""
    tile = Tile(unit, unit)
    for x, y in ((0.25, 0.25), (0.75, 0.75)):
        cx, cy, a = x * unit, y * unit, unit * 0.2
        tile.poly([(cx - a, cy), (cx, cy - a), (cx + a, cy), (cx, cy + a)])
        tile.dot(cx, cy, unit * 0.06, 0)
    return tile.done()


def shima(unit: float) -> Image.Image:
    """Stripes of three widths, the rhythm called child-and-parent."""
    tile = Tile(unit, 16)
    for x, width in ((0.22, 0.3), (0.56, 0.07), (0.72, 0.07), (0.88, 0.07)):
        tile.line([(x * unit, -2), (x * unit, 18)], width * unit)
    return tile.done()


def sensuji(unit: float) -> Image.Image:
    tile = Tile(unit, 16)
    tile.line([(unit / 2, -2), (unit / 2, 18)], unit * 0.4)
    return tile.done()


def koushi(unit: float) -> Image.Image:
    """A check: half tone where one thread crosses, full where both do."""
    across, down = Tile(unit, unit), Tile(unit, unit)
    for x, width in ((0.3, 0.28), (0.72, 0.06)):
        across.line([(x * unit, -2), (x * unit, unit + 2)], width * unit)
        down.line([(-2, x * unit), (unit + 2, x * unit)], width * unit)
    return ImageChops.add(across.done().point(lambda v: v // 2), down.done().point(lambda v: v // 2))


def knit(unit: float) -> Image.Image:
    """Stocking stitch: the leaning halves of the loops."""
    tile = Tile(unit, unit * 0.72)
    h = tile.height
    for side in (-1, 1):
        x = unit / 2
        near, far = x + side * unit * 0.05, x + side * unit * 0.43
        tile.poly([(near, h * 0.62), (far, 0), (far, h * 0.62), (near, h * 1.24)])
    return tile.done()


Pattern = Callable[[float], Image.Image]
PATTERNS: dict[str, Pattern] = {
    f.__name__: f
    for f in (
        asanoha, sashiko, seigaiha, shippo, shippo_line, ichimatsu, yagasuri, kikko, uroko, kagome, higaki,
        chidori, tatewaku, juji, mameshibori, kanoko, shima, sensuji, koushi, knit,
    )
}  # fmt: skip

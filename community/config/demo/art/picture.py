"""A sheet of paper, and the light on the things laid on it. The light always falls from the upper left."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageFilter

from .palette import Colour, darker, lighter, mix
from .shapes import Blob, ellipse

SIZE = 1200
SHADE: Colour = (46, 34, 28)
Stops = Sequence[tuple[float, int]]


class Picture:
    """An RGB square of SIZE pixels with a washi ground; things are added from back to front."""

    def __init__(self, paper: Colour, *, seed: int, table: int | None = None, moon: bool = False) -> None:
        self.rng = random.Random(seed)
        self.paper = paper
        self.image = Image.new("RGB", (SIZE, SIZE), paper)
        if moon:
            self._moon()
        if table is not None:
            self._table(table)
        cloud = cloudy((SIZE, SIZE), 7, self.rng.randrange(1 << 30))
        part = 0.28 if sum(paper) > 450 else 0.07
        self.image.paste(lighter(paper, 0.5), None, cloud.point(lambda v: int(v * part)))
        corner = Image.radial_gradient("L").resize((SIZE * 2, SIZE * 2)).crop((500, 500, 1700, 1700))
        self.image.paste(darker(paper, 0.3), None, corner.point(lambda v: max(0, v - 70) // 3))

    def _moon(self) -> None:
        cx, cy = self.rng.choice([(420, 470), (780, 450), (600, 520)])
        tone = lighter(self.paper, 0.42) if sum(self.paper) > 450 else lighter(self.paper, 0.1)
        self.fill(ellipse(cx, cy, 390), tone)

    def _table(self, top: int) -> None:
        tone = darker(self.paper, 0.1)
        self.image.paste(tone, (0, top, SIZE, SIZE))
        fade = ramp((SIZE, SIZE - top), [(0, 90), (0.35, 0), (1, 0)], vertical=True)
        self.image.paste(darker(self.paper, 0.3), (0, top), fade)

    def fill(self, blob: Blob, colour: Colour, strength: float = 1) -> None:
        mask = blob.mask if strength >= 1 else blob.mask.point(lambda v: int(v * strength))
        self.image.paste(colour, (blob.x, blob.y), mask)

    def dress(self, blob: Blob, cloth: Image.Image) -> None:
        """Lay a texture over a shape; the texture is at least as large as the shape."""
        self.image.paste(cloth.crop((0, 0, *blob.size)), (blob.x, blob.y), blob.mask)

    def light(self, blob: Blob, colour: Colour, amount: Image.Image) -> None:
        """Tint a shape by a grey map stretched over it."""
        if amount.size != blob.size:
            amount = amount.resize(blob.size, Image.Resampling.BILINEAR)
        self.image.paste(colour, (blob.x, blob.y), ImageChops.multiply(blob.mask, amount))

    def across(self, blob: Blob, stops: Stops, colour: Colour = SHADE) -> None:
        self.light(blob, colour, ramp((256, 1), stops))

    def down(self, blob: Blob, stops: Stops, colour: Colour = SHADE) -> None:
        self.light(blob, colour, ramp((1, 256), stops, vertical=True))

    def shadow(self, blob: Blob, dx: int, dy: int, blur: float, strength: float) -> None:
        """The soft shadow a thing throws on what is already there."""
        wide = blob.padded(math.ceil(blur * 2.5))
        soft = blurred(wide.mask, blur).point(lambda v: int(v * strength))
        self.image.paste(darker(self.paper, 0.86), (wide.x + dx, wide.y + dy), soft)

    def contact(self, cx: float, cy: float, rx: float, ry: float, strength: float = 0.5) -> None:
        """The dark patch under a standing thing, and the longer soft one to its right."""
        self.shadow(ellipse(cx + rx * 0.35, cy + ry * 0.3, rx * 1.15, ry * 1.2), 0, 0, 34, strength * 0.6)
        self.shadow(ellipse(cx, cy, rx, ry), 0, 0, 9, strength)

    def round_off(self, blob: Blob, depth: float, strength: float = 0.5, gleam: float = 0.35) -> None:
        """Give a flat shape body: dark along the lower right edge, light along the upper left one."""
        wide = blob.padded(math.ceil(depth) + 2)
        soft = blurred(wide.mask, depth * 0.6)
        shift = max(1, round(depth * 0.55))
        for offset, colour, amount in ((-shift, SHADE, strength), (shift, (255, 250, 238), gleam)):
            hollow = ImageChops.invert(ImageChops.offset(soft, offset, offset))
            edge = ImageChops.multiply(wide.mask, hollow).point(lambda v, a=amount: int(v * a))
            self.image.paste(colour, (wide.x, wide.y), edge)

    def soft(self, blob: Blob, colour: Colour, blur: float, strength: float, inside: Blob | None = None) -> None:
        """A blurred mark (fold, gloss, glow), kept inside a shape if one is given."""
        wide = blob.padded(math.ceil(blur * 2.5))
        mask = blurred(wide.mask, blur).point(lambda v: int(v * strength))
        if inside is not None:
            mask = ImageChops.multiply(mask, inside.on(wide))
        self.image.paste(colour, (wide.x, wide.y), mask)

    def finish(self) -> Image.Image:
        """A breath of grain over everything, so that flat colour looks printed."""
        noise = grain(self.rng.randrange(8))
        bright = self.image.point(lambda v: min(255, v + 5))
        dark = self.image.point(lambda v: max(0, v - 5))
        return Image.composite(bright, dark, noise)

    def nearer(self, zoom: float, centre: tuple[int, int] = (SIZE // 2, SIZE // 2 + 20)) -> None:
        """Step closer: keep only the middle part, enlarged."""
        half = SIZE / 2 / zoom
        cx = min(max(centre[0], half), SIZE - half)
        cy = min(max(centre[1], half), SIZE - half)
        window = (cx - half, cy - half, cx + half, cy + half)
        self.image = self.image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, window)


@lru_cache(maxsize=8)
def grain(seed: int) -> Image.Image:
    raw = Image.frombytes("L", (400, 400), random.Random(seed).randbytes(160_000))
    return raw.resize((SIZE, SIZE), Image.Resampling.BICUBIC)


def cloudy(size: tuple[int, int], cells: int, seed: int) -> Image.Image:
    """Slow, smooth noise: the thickness of paper, the breath of a dye."""
    raw = Image.frombytes("L", (cells, cells), random.Random(seed).randbytes(cells * cells))
    return raw.resize(size, Image.Resampling.BICUBIC)


def blurred(mask: Image.Image, radius: float) -> Image.Image:
    """A Gaussian blur; wide ones are made on a smaller copy, which looks the same and is far faster."""
    if radius <= 6:
        return mask.filter(ImageFilter.GaussianBlur(radius))
    part = max(2, int(radius // 4))
    small = mask.resize((max(1, mask.width // part), max(1, mask.height // part)), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(radius / part))
    return soft.resize(mask.size, Image.Resampling.BICUBIC)


def ramp(size: tuple[int, int], stops: Stops, *, vertical: bool = False) -> Image.Image:
    """A grey map from (place 0..1, value 0..255) stops, left to right or top to bottom."""
    values = bytes(_at(i / 255, stops) for i in range(256))
    strip = Image.frombytes("L", (1, 256) if vertical else (256, 1), values)
    return strip.resize(size, Image.Resampling.BILINEAR)


def _at(place: float, stops: Stops) -> int:
    for (p0, v0), (p1, v1) in itertools.pairwise(stops):
        if place <= p1:
            return round(v0 + (v1 - v0) * max(0.0, place - p0) / max(p1 - p0, 1e-6))
    return stops[-1][1]


def wrap(cloth: Image.Image, width: int, height: int, sag: float = 0, strips: int = 24) -> Image.Image:
    """Bend a flat texture round a standing cylinder; `sag` pixels of curve towards the viewer."""
    mesh = []
    for i in range(strips):
        x0, x1 = width * i // strips, width * (i + 1) // strips
        u0, u1 = (_round(x / width) * cloth.width for x in (x0, x1))
        v0, v1 = (sag * (1 - math.sqrt(max(0.0, 1 - (2 * x / width - 1) ** 2))) for x in (x0, x1))
        mesh.append(((x0, 0, x1, height), (u0, v0, u0, v0 + height, u1, v1 + height, u1, v1)))
    return cloth.transform((width, height), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _round(part: float) -> float:
    return 0.5 + math.asin(max(-1.0, min(1.0, 2 * part - 1))) / math.pi


def ground(colour: Colour, seed: int, size: tuple[int, int] = (SIZE, SIZE), part: float = 0.12) -> Image.Image:
    """Plain stuff with a little unevenness: clay, leather, felt."""
    image = Image.new("RGB", size, colour)
    image.paste(darker(colour, part * 2), None, cloudy(size, 9, seed).point(lambda v: int(v * 0.5)))
    image.paste(mix(colour, (255, 255, 255), part), None, cloudy(size, 40, seed + 1).point(lambda v: int(v * 0.4)))
    return image

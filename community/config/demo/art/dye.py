"""Cloth of any size, dyed with a pattern."""

from __future__ import annotations

import math
import random
from functools import lru_cache

from PIL import Image, ImageChops

from .palette import Colour
from .patterns import PATTERNS
from .picture import cloudy


@lru_cache(maxsize=128)
def repeat(name: str, unit: float) -> Image.Image:
    return PATTERNS[name](unit)


def spread(name: str, unit: float, size: tuple[int, int], angle: float = 0) -> Image.Image:
    """The pattern over an area, turned by an angle in degrees."""
    tile = repeat(name, unit)
    side = (size[0], size[1]) if not angle else (round(math.hypot(*size)) + 4,) * 2
    sheet = Image.new("L", side)
    sheet.paste(tile, (0, 0))
    width, height = tile.size
    while width < side[0]:
        sheet.paste(sheet.crop((0, 0, width, min(height, side[1]))), (width, 0))
        width *= 2
    while height < side[1]:
        sheet.paste(sheet.crop((0, 0, side[0], height)), (0, height))
        height *= 2
    if not angle:
        return sheet
    sheet = sheet.rotate(angle, Image.Resampling.BICUBIC)
    left, top = (side[0] - size[0]) // 2, (side[1] - size[1]) // 2
    return sheet.crop((left, top, left + size[0], top + size[1]))


def cloth(
    size: tuple[int, int], name: str, base: Colour, ink: Colour, *, unit: float, angle: float = 0, seed: int = 0,
    weave: float = 0.5,
    thread: int = 3,
) -> Image.Image:  # fmt: skip
    """A dyed piece: the pattern, the uneven breath of the dye, and the weave of the threads."""
    image = Image.new("RGB", size, base)
    breath = cloudy(size, 8, seed).point(lambda v: 255 - int((255 - v) * 0.14))
    image.paste(ink, None, ImageChops.multiply(spread(name, unit, size, angle), breath))
    if weave:
        _weave(image, weave, seed, thread)
    return image


def _weave(image: Image.Image, strength: float, seed: int, thread: int) -> None:
    width, height = image.size
    rng = random.Random(seed)
    warp = Image.frombytes("L", (width // thread + 1, 1), rng.randbytes(width // thread + 1)).resize((width, 1))
    weft = Image.frombytes("L", (1, height // thread + 1), rng.randbytes(height // thread + 1)).resize((1, height))
    for threads in (warp, weft):
        sheet = threads.resize((width, height))
        image.paste((255, 250, 240), None, sheet.point(lambda v: int(max(0, v - 128) * 0.22 * strength)))
        image.paste((40, 32, 30), None, sheet.point(lambda v: int(max(0, 128 - v) * 0.3 * strength)))

"""Things of leather, sewn by hand."""

from __future__ import annotations

import itertools

from PIL import Image, ImageChops

from .clay_things import WHITE
from .dye import cloth
from .palette import DYES, Colour, darker
from .picture import SHADE, Picture, cloudy, ground
from .shapes import Blob, box, ellipse, path, polygon, rect, stroke, turned
from .spec import Spec


def hide(blob: Blob, colour: Colour, seed: int) -> Image.Image:
    """Vegetable-tanned leather: pores, and the cloudiness of oil."""
    image = ground(colour, seed, blob.size, 0.16)
    pores = cloudy(blob.size, max(8, min(blob.size) // 5), seed + 9)
    image.paste(darker(colour, 0.5), None, pores.point(lambda v: int(max(0, 90 - v) * 0.5)))
    return image


def seam(picture: Picture, points: list[tuple[float, float]], thread: Colour) -> None:
    """Saddle stitch along a polyline."""
    for a, b in itertools.pairwise(points):
        length = max(abs(b[0] - a[0]), abs(b[1] - a[1]))
        count = max(1, round(length / 22))
        for i in range(count):
            p, q = (i + 0.15) / count, (i + 0.8) / count
            at = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in (p, q)]
            picture.fill(stroke([(x + 1, y + 2) for x, y in at], 6), SHADE, 0.4)
            picture.fill(stroke(at, 5), thread)


def wallet(picture: Picture, spec: Spec) -> None:
    back = rect(262, 330, 690, 560, 34)
    picture.shadow(back, 20, 28, 24, 0.48)
    picture.dress(back, hide(back, darker(spec.base, 0.2), spec.seed))
    front = rect(248, 316, 690, 560, 34)
    picture.shadow(front, 4, 8, 8, 0.4)
    picture.dress(front, hide(front, spec.base, spec.seed + 1))
    zone = rect(249, 560, 690, 316, 0).within(front)
    pressed = cloth(zone.size, spec.pattern, (0, 0, 0), (255, 255, 255), unit=spec.unit, weave=0).convert("L")
    picture.light(zone, SHADE, pressed.point(lambda v: int(v * 0.42)))
    picture.light(zone, WHITE, ImageChops.offset(pressed, 2, 3).point(lambda v: int(v * 0.12)))
    picture.soft(stroke([(248, 560), (938, 560)], 5), SHADE, 3, 0.6, front)
    picture.soft(ellipse(440, 420, 180, 70), WHITE, 50, 0.3, front)
    picture.round_off(front, 16, 0.55, 0.4)
    seam(picture, [(282, 540), (282, 842), (904, 842), (904, 540)], spec.accent)
    snap = ellipse(870, 440, 24)
    picture.shadow(snap, 3, 5, 4, 0.5)
    picture.fill(snap, (190, 156, 92))
    picture.round_off(snap, 14, 0.6, 0.7)


def key_case(picture: Picture, spec: Spec) -> None:
    ring = ellipse(600, 220, 74).minus(ellipse(600, 220, 60))
    picture.shadow(ring, 8, 12, 8, 0.4)
    picture.fill(ring, (186, 152, 90))
    picture.round_off(ring, 6, 0.6, 0.7)
    for turn in (14, -12):
        shaft = polygon(turned(box(584, 860, 30, 240), turn, (600, 700)),
                        turned(box(614, 1030, 26, 20), turn, (600, 700)),
                        turned(box(614, 1064, 20, 18), turn, (600, 700)))  # fmt: skip
        picture.shadow(shaft, 8, 12, 8, 0.35)
        picture.fill(shaft, DYES["nibi"] if turn > 0 else (186, 152, 90))
        picture.round_off(shaft, 7, 0.5, 0.6)
    body = path(
        "M 560 280 L 640 280 C 700 330 790 420 800 560 L 780 880 "
        "C 760 930 440 930 420 880 L 400 560 C 410 420 500 330 560 280 Z"
    )
    picture.shadow(body, 18, 26, 22, 0.46)
    picture.dress(body, hide(body, spec.base, spec.seed))
    zone = rect(380, 640, 440, 150).within(body)
    pressed = cloth(zone.size, spec.pattern, (0, 0, 0), (255, 255, 255), unit=spec.unit, weave=0).convert("L")
    picture.light(zone, SHADE, pressed.point(lambda v: int(v * 0.45)))
    picture.soft(ellipse(530, 480, 110, 80), WHITE, 44, 0.32, body)
    picture.round_off(body, 20, 0.55, 0.4)
    seam(picture, [(572, 320), (480, 410), (436, 560), (452, 860)], spec.accent)
    seam(picture, [(628, 320), (720, 410), (764, 560), (748, 860)], spec.accent)
    eye = ellipse(600, 300, 22)
    picture.fill(eye, (186, 152, 90))
    picture.fill(ellipse(600, 300, 12), darker(spec.base, 0.6))

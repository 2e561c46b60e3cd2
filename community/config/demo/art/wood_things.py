"""Things of wood."""

from __future__ import annotations

from PIL import Image

from .clay_things import TURNED, WHITE, turned_body
from .dye import cloth
from .palette import DYES, Colour, darker, lighter
from .picture import SHADE, Picture, cloudy, wrap
from .shapes import Blob, ellipse, path, polygon, rect, stroke
from .spec import Spec


def grained(size: tuple[int, int], colour: Colour, seed: int, *, upright: bool = False) -> Image.Image:
    """Planed wood: long fibres from noise drawn out in one direction, and slow rings."""
    width, height = size if not upright else size[::-1]
    image = Image.new("RGB", (width, height), colour)
    rings = cloudy((max(3, width // 160), 34), 8, seed).resize((width, height), Image.Resampling.BICUBIC)
    bands = rings.point([abs((v * 9) % 256 - 128) * 2 for v in range(256)])
    image.paste(darker(colour, 0.28), None, bands.point(lambda v: int(max(0, v - 120) * 0.42)))
    fibres = cloudy((max(4, width // 50), height // 2 + 1), 90, seed + 3).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    image.paste(darker(colour, 0.4), None, fibres.point(lambda v: int(max(0, 128 - v) * 0.3)))
    image.paste(lighter(colour, 0.5), None, fibres.point(lambda v: int(max(0, v - 140) * 0.3)))
    return image.transpose(Image.Transpose.ROTATE_90) if upright else image


def plank(picture: Picture, blob: Blob, colour: Colour, seed: int, *, upright: bool = False) -> None:
    picture.dress(blob, grained(blob.size, colour, seed, upright=upright))


def wooden_box(picture: Picture, spec: Spec) -> None:
    picture.contact(630, 934, 330, 20)
    front = path("M 270 560 L 840 560 L 840 938 L 270 938 Z")
    side = path("M 840 560 L 950 476 L 950 836 L 840 938 Z")
    plank(picture, front, spec.base, spec.seed)
    plank(picture, side, darker(spec.base, 0.22), spec.seed + 1)
    picture.across(front, [(0, 0), (1, 46)])
    for k in range(5):
        y = 590 + k * 66
        picture.fill(rect(806, y, 34, 33), darker(spec.base, 0.3), 0.8)
    lid_front = path("M 256 500 L 852 500 L 852 574 L 256 574 Z")
    lid_side = path("M 852 500 L 966 412 L 966 482 L 852 574 Z")
    top = path("M 256 500 L 392 404 L 966 412 L 852 500 Z")
    picture.shadow(lid_front, 0, 10, 8, 0.4)
    plank(picture, top, lighter(spec.base, 0.2), spec.seed + 2)
    plank(picture, lid_front, spec.base, spec.seed + 3)
    plank(picture, lid_side, darker(spec.base, 0.26), spec.seed + 4)
    picture.soft(stroke("M 256 502 L 852 502 L 966 414", 4), WHITE, 2, 0.7)
    inlay = path("M 300 640 L 800 640 L 800 860 L 300 860 Z")
    picture.dress(inlay, cloth(inlay.size, spec.pattern, spec.base, spec.ink, unit=spec.unit, weave=0, seed=spec.seed))
    picture.light(inlay, lighter(spec.base, 0.1), cloudy(inlay.size, 12, spec.seed).point(lambda v: v // 4))
    picture.soft(inlay.minus(inlay.moved(4, 5)), SHADE, 3, 0.5, inlay)


def wappa(picture: Picture, spec: Spec) -> None:
    """A bentwood lunch box, its lid leaning beside it."""
    picture.contact(600, 880, 330, 40)
    body = path("M 240 600 L 240 780 C 240 900 420 950 600 950 C 780 950 960 900 960 780 L 960 600 Z")
    picture.dress(body, wrap(grained((1000, 400), spec.base, spec.seed), *body.size, 60))
    picture.across(body, TURNED)
    picture.down(body, [(0, 0), (0.7, 0), (1, 120)])
    rim_ring = ellipse(600, 602, 372, 150)
    picture.shadow(rim_ring, 0, 12, 8, 0.4)
    lid = path("M 228 560 L 228 620 C 228 720 420 776 600 776 C 780 776 972 720 972 620 L 972 560 Z")
    picture.dress(lid, wrap(grained((1000, 300), lighter(spec.base, 0.08), spec.seed + 1), *lid.size, 70))
    picture.across(lid, TURNED)
    top = ellipse(600, 560, 372, 156)
    plank(picture, top, lighter(spec.base, 0.16), spec.seed + 2)
    picture.round_off(top, 10, 0.3, 0.5)
    seam = path("M 520 712 L 640 716 L 640 776 L 520 774 Z")
    picture.fill(seam, darker(spec.base, 0.14), 0.7)
    for x, y in ((548, 726), (548, 748), (566, 728), (566, 750)):
        picture.fill(rect(x, y, 11, 15, 2), DYES["kakishibu"])
    mark = ellipse(600, 556, 110, 44)
    picture.light(
        mark, spec.ink, cloth(mark.size, spec.pattern, (0, 0, 0), (210, 210, 210), unit=spec.unit, weave=0).convert("L")
    )


def cutting_board(picture: Picture, spec: Spec) -> None:
    board = path("M 330 340 C 330 300 350 280 390 280 L 540 280 C 552 200 548 160 556 130 C 566 96 634 96 644 130 "
                 "C 652 160 648 200 660 280 L 810 280 C 850 280 870 300 870 340 L 870 990 C 870 1030 850 1050 810 1050 "
                 "L 390 1050 C 350 1050 330 1030 330 990 Z")  # fmt: skip
    hole = ellipse(600, 158, 18)
    board = board.minus(hole)
    picture.shadow(board, 18, 26, 22, 0.45)
    plank(picture, board, spec.base, spec.seed, upright=True)
    for x, tone in ((470, spec.ink), (500, spec.accent)):
        strip = rect(x, 280, 22, 780).within(board)
        plank(picture, strip, tone, spec.seed + x, upright=True)
    picture.round_off(board, 12, 0.5, 0.5)


def spoons(picture: Picture, spec: Spec) -> None:
    for k, (x, tone) in enumerate(((400, spec.base), (600, spec.ink), (800, spec.accent))):
        d = f"M {x} 180 C {x + 80} 180 {x + 100} 300 {x + 84} 390 C {x + 70} 470 {x + 24} 480 {x + 20} 540 " \
            f"L {x + 26} 1000 C {x + 26} 1040 {x - 26} 1040 {x - 26} 1000 L {x - 20} 540 " \
            f"C {x - 24} 480 {x - 70} 470 {x - 84} 390 C {x - 100} 300 {x - 80} 180 {x} 180 Z"  # fmt: skip
        spoon = path(d)
        picture.shadow(spoon, 14, 22, 16, 0.42)
        plank(picture, spoon, tone, spec.seed + k, upright=True)
        picture.round_off(spoon, 16, 0.55, 0.5)
        bowl = ellipse(x, 320, 64, 110)
        picture.soft(bowl, SHADE, 12, 0.32, bowl)
        picture.soft(bowl.minus(bowl.moved(12, 16)), SHADE, 8, 0.55, bowl)
        picture.soft(ellipse(x + 18, 370, 26, 40), WHITE, 16, 0.4, bowl)


def kokeshi(picture: Picture, spec: Spec) -> None:
    _doll(picture, spec, 470, 1.0, spec.ink)
    _doll(picture, spec, 780, 0.72, spec.accent)


def _doll(picture: Picture, spec: Spec, cx: float, k: float, robe: Colour) -> None:
    foot = 980.0
    picture.contact(cx + 6, foot - 6, 120 * k, 20 * k)

    def p(x: float, y: float) -> str:
        return f"{cx + x * k} {foot + y * k}"

    body = path(f"M {p(-116, 0)} C {p(-130, -200)} {p(-120, -330)} {p(-80, -440)} L {p(80, -440)} "
                f"C {p(120, -330)} {p(130, -200)} {p(116, 0)} C {p(60, 22)} {p(-60, 22)} {p(-116, 0)} Z")  # fmt: skip
    picture.dress(body, grained(body.size, spec.base, spec.seed, upright=True))
    zone = rect(cx - 140 * k, foot - 340 * k, 280 * k, 260 * k).within(body)
    width, height = zone.size
    flat = cloth((round(width * 1.3), height + 20), spec.pattern, spec.base, robe, unit=spec.unit * k, weave=0)
    picture.dress(zone, wrap(flat, width, height, 12))
    for y, thick in ((-392, 12), (-366, 6), (-56, 6), (-34, 14)):
        line = stroke(f"M {p(-140, y)} Q {p(0, y + 22)} {p(140, y)}", thick * k).within(body)
        picture.fill(line, robe)
    turned_body(picture, body, 0.7)
    head = ellipse(cx, foot - 560 * k, 150 * k, 142 * k)
    picture.shadow(head, 0, round(16 * k), 10, 0.35)
    picture.dress(head, grained(head.size, lighter(spec.base, 0.1), spec.seed + 5, upright=True))
    hair = path(
        f"M {p(-152, -566)} C {p(-150, -730)} {p(150, -730)} {p(152, -566)} "
        f"C {p(120, -600)} {p(96, -640)} {p(84, -656)} "
        f"C {p(40, -610)} {p(-40, -610)} {p(-84, -656)} C {p(-96, -640)} {p(-120, -600)} {p(-152, -566)} Z"
    ).within(head)
    picture.fill(hair, DYES["shikkoku"])
    picture.fill(ellipse(cx, foot - 700 * k, 40 * k, 16 * k), robe)
    turned_body(picture, head, 0.8)
    for side in (-1, 1):
        eye = f"M {p(side * 76, -548)} Q {p(side * 52, -566)} {p(side * 30, -548)}"
        picture.fill(stroke(eye, 6 * k), DYES["sumi"])
        picture.soft(ellipse(cx + side * 84 * k, foot - 506 * k, 22 * k, 16 * k), DYES["beni"], 8, 0.45)
    picture.fill(stroke(f"M {p(0, -540)} Q {p(-8, -516)} {p(4, -512)}", 4 * k), DYES["sumi"])
    picture.fill(stroke(f"M {p(-14, -480)} Q {p(0, -472)} {p(14, -480)}", 7 * k), DYES["shu"])


def spinning_top(picture: Picture, spec: Spec) -> None:
    for cx, cy, r, inks in (
        (440, 520, 250, (spec.ink, spec.base, spec.accent)), (800, 760, 200, (spec.accent, spec.base, spec.ink)),
    ):  # fmt: skip
        disc = ellipse(cx, cy, r)
        picture.shadow(disc, 22, 30, 26, 0.45)
        plank(picture, disc, spec.base, spec.seed + r)
        for k, part in enumerate((0.97, 0.9, 0.84, 0.66, 0.6, 0.56, 0.36, 0.3)):
            picture.fill(ellipse(cx, cy, r * part), inks[k % 3], 0.96)
        picture.round_off(disc, 20, 0.5, 0.45)
        for part in (0.84, 0.56):
            ring = ellipse(cx, cy, r * part)
            picture.soft(ring.minus(ring.moved(3, 4)), SHADE, 3, 0.5, disc)
        picture.soft(polygon([(cx, cy), (cx - r, cy - r * 0.7), (cx - r * 0.7, cy - r)]), WHITE, 22, 0.4, disc)
        stem = ellipse(cx, cy, r * 0.12)
        picture.shadow(stem, 8, 12, 8, 0.5)
        plank(picture, stem, lighter(spec.base, 0.1), spec.seed)
        picture.round_off(stem, 14, 0.6, 0.6)

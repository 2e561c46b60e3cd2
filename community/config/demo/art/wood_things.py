"""Things of wood, paper, wax and leather."""

from __future__ import annotations

from PIL import Image, ImageChops

from .clay_things import TURNED, WHITE, turned_body
from .cloth_things import dyed
from .palette import DYES, Colour, darker, lighter
from .patterns import cloth
from .picture import SHADE, Picture, cloudy, ground, wrap
from .shapes import Blob, box, ellipse, path, polygon, rect, stroke, turned
from .spec import Spec


def grained(size: tuple[int, int], colour: Colour, seed: int, *, upright: bool = False) -> Image.Image:
    """Planed wood: long fibres from noise drawn out in one direction, and slow rings."""
    width, height = size if not upright else size[::-1]
    image = Image.new("RGB", (width, height), colour)
    rings = cloudy((max(3, width // 160), 34), 8, seed).resize((width, height), Image.Resampling.BICUBIC)
    bands = rings.point([abs((v * 9) % 256 - 128) * 2 for v in range(256)])
    image.paste(darker(colour, 0.28), None, bands.point(lambda v: int(max(0, v - 120) * 0.42)))
    fibres = cloudy((max(4, width // 50), height // 2 + 1), 90, seed + 3).resize((width, height), Image.Resampling.BICUBIC)
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
    picture.light(mark, spec.ink, cloth(mark.size, spec.pattern, (0, 0, 0), (210, 210, 210), unit=spec.unit, weave=0).convert("L"))


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
    hair = path(f"M {p(-152, -566)} C {p(-150, -730)} {p(150, -730)} {p(152, -566)} C {p(120, -600)} {p(96, -640)} {p(84, -656)} "
                f"C {p(40, -610)} {p(-40, -610)} {p(-84, -656)} C {p(-96, -640)} {p(-120, -600)} {p(-152, -566)} Z").within(head)
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


def notebook(picture: Picture, spec: Spec) -> None:
    """Two books sewn the four-hole way."""
    for turn, dx, dy, base, ink in ((-9, -70, 20, spec.accent, spec.base), (5, 60, 0, spec.base, spec.ink)):
        pages = polygon(turned(box(366 + dx, 262 + dy, 480, 690), turn, (600, 600)))
        picture.shadow(pages, 18, 26, 22, 0.42)
        picture.fill(pages, DYES["gofun"])
        cover = polygon(turned(box(358 + dx, 254 + dy, 480, 690), turn, (600, 600)))
        stuff = cloth(cover.size, spec.pattern, base, ink, unit=spec.unit, angle=-turn, seed=spec.seed, weave=0.25)
        picture.dress(cover, stuff)
        picture.round_off(cover, 6, 0.35)
        for y in (254, 310, 466, 622, 832, 888, 944):
            across = turned([(358 + dx, y + dy), (396 + dx, y + dy)], turn, (600, 600))
            picture.fill(stroke(across, 4), DYES["gofun"])
        spine = turned([(396 + dx, 254 + dy), (396 + dx, 944 + dy)], turn, (600, 600))
        picture.fill(stroke(spine, 4), DYES["gofun"])
    label = polygon(turned(box(690, 300, 110, 300), 5, (600, 600)))
    picture.shadow(label, 2, 3, 3, 0.3)
    picture.fill(label, DYES["gofun"])
    picture.fill(polygon(turned(box(732, 540, 28, 28), 5, (600, 600))), DYES["shu"], 0.9)


def lantern(picture: Picture, spec: Spec) -> None:
    glow = ellipse(600, 600, 420)
    picture.soft(glow, (255, 214, 140), 90, 0.5)
    picture.fill(stroke([(600, 0), (600, 230)], 6), DYES["sumi"])
    body = path("M 480 270 C 300 330 280 500 280 600 C 280 720 300 880 480 940 L 720 940 C 900 880 920 720 920 600 "
                "C 920 500 900 330 720 270 Z")  # fmt: skip
    flat = cloth((round(body.size[0] * 1.3), body.size[1] + 10), spec.pattern, spec.base, spec.ink, unit=spec.unit, weave=0.6)
    picture.dress(body, wrap(flat, *body.size, 0))
    picture.soft(ellipse(600, 640, 190, 210), (255, 236, 180), 70, 0.75, body)
    for k in range(1, 16):
        y = 270 + k * 42
        rib = stroke(f"M 260 {y} Q 600 {y + 26} 940 {y}", 3).within(body)
        picture.fill(rib, darker(spec.base, 0.45), 0.55)
        picture.soft(rib.moved(0, 6), WHITE, 3, 0.4, body)
    picture.across(body, [(0, 150), (0.25, 20), (0.75, 20), (1, 170)], (120, 60, 30))
    for y, h in ((226, 60), (926, 60)):
        ring = rect(456, y, 288, h, 12)
        picture.fill(ring, DYES["shikkoku"])
        picture.across(ring, [(0, 0), (0.3, 90), (0.45, 0), (1, 0)], WHITE)
    picture.fill(stroke([(600, 986), (600, 1060)], 5), spec.accent)
    tassel = path("M 580 1050 L 620 1050 L 632 1170 L 568 1170 Z")
    picture.fill(tassel, spec.accent)
    picture.round_off(tassel, 8, 0.5)


def envelopes(picture: Picture, spec: Spec) -> None:
    """Small gift envelopes fanned out."""
    inks = (spec.ink, spec.accent, darker(spec.ink, 0.2), spec.accent)
    names = (spec.pattern, "ichimatsu", "seigaiha", "shippo")
    for k, turn in enumerate((-24, -8, 8, 24)):
        centre = (600.0, 1150.0)
        piece = polygon(turned(box(470, 280, 260, 600), turn, centre))
        picture.shadow(piece, 10, 14, 14, 0.36)
        base = spec.base if k % 2 == 0 else inks[k]
        ink = inks[k] if k % 2 == 0 else spec.base
        picture.dress(piece, cloth(piece.size, names[k], base, ink, unit=84, angle=-turn, seed=spec.seed + k, weave=0.3))
        flap = polygon(turned(box(470, 280, 260, 76), turn, centre))
        picture.fill(flap, base)
        picture.soft(polygon(turned(box(470, 356, 260, 5), turn, centre)), SHADE, 4, 0.5, piece)
        slip = polygon(turned(box(574, 460, 52, 240), turn, centre))
        picture.fill(slip, DYES["gofun"])
        picture.fill(polygon(turned(box(589, 664, 22, 22), turn, centre)), DYES["shu"], 0.9)
        picture.round_off(piece, 6, 0.3)


def letter_set(picture: Picture, spec: Spec) -> None:
    sheet = polygon(turned(box(300, 170, 500, 760), -5, (600, 600)))
    picture.shadow(sheet, 14, 20, 18, 0.34)
    picture.dress(sheet, ground(DYES["gofun"], spec.seed, sheet.size, 0.05))
    for k in range(9):
        x = 352 + k * 50
        picture.fill(polygon(turned(box(x, 220, 2, 660), -5, (600, 600))), spec.ink, 0.55)
    corner = polygon(turned(box(300, 760, 500, 170), -5, (600, 600)))
    picture.light(corner, spec.ink, cloth(corner.size, spec.pattern, (0, 0, 0), (150, 150, 150), unit=spec.unit, angle=5, weave=0).convert("L"))
    envelope = polygon(turned(box(420, 560, 560, 380), 7, (700, 750)))
    picture.shadow(envelope, 14, 22, 18, 0.42)
    picture.dress(envelope, dyed(spec, envelope, angle=-7))
    picture.round_off(envelope, 8, 0.3)
    for data in ([(420, 560), (700, 790), (980, 560)],):
        picture.soft(stroke(turned(data, 7, (700, 750)), 5), SHADE, 4, 0.5, envelope)
    flap = polygon(turned([(420, 560), (980, 560), (700, 784)], 7, (700, 750)))
    picture.shadow(flap, 2, 6, 6, 0.35)
    picture.fill(flap, lighter(spec.base, 0.3))
    picture.round_off(flap, 8, 0.3)
    seal = ellipse(690, 770, 40)
    picture.fill(seal, DYES["shu"])
    picture.round_off(seal, 12, 0.55, 0.5)


def candles(picture: Picture, spec: Spec) -> None:
    for cx, k, tone in ((430, 1.0, spec.base), (620, 0.8, spec.accent), (790, 0.62, spec.base)):
        _candle(picture, spec, cx, k, tone)


def _candle(picture: Picture, spec: Spec, cx: float, k: float, tone: Colour) -> None:
    foot, h, top, low = 980.0, 560 * k, 92 * k, 62 * k
    picture.soft(ellipse(cx, foot - h - 90 * k, 170 * k), (255, 206, 120), 60, 0.55)
    picture.contact(cx, foot + 22, 92 * k, 16)
    plate_ = ellipse(cx, foot + 12, 96 * k, 24 * k)
    picture.fill(plate_, DYES["shikkoku"])
    picture.round_off(plate_, 10, 0.3, 0.5)
    data = (f"M {cx - top} {foot - h} C {cx - top * 0.86} {foot - h * 0.7} {cx - low} {foot - h * 0.4} {cx - low} {foot} "
            f"C {cx - low * 0.5} {foot + 18 * k} {cx + low * 0.5} {foot + 18 * k} {cx + low} {foot} "
            f"C {cx + low} {foot - h * 0.4} {cx + top * 0.86} {foot - h * 0.7} {cx + top} {foot - h} Z")  # fmt: skip
    body = path(data)
    picture.dress(body, ground(tone, spec.seed, body.size, 0.06))
    zone = rect(cx - top, foot - h * 0.62, top * 2, h * 0.46).within(body)
    flat = cloth((round(zone.size[0] * 1.3), zone.size[1] + 10), spec.pattern, tone, spec.ink, unit=spec.unit * k, weave=0)
    picture.dress(zone, wrap(flat, *zone.size, 8))
    turned_body(picture, body, 0.8)
    picture.down(body, [(0, 110), (0.3, 0), (1, 0)], (255, 226, 170))
    lid = ellipse(cx, foot - h, top, 24 * k)
    picture.fill(lid, lighter(tone, 0.35))
    picture.fill(stroke([(cx, foot - h + 4), (cx, foot - h - 46 * k)], 13 * k), DYES["kuri"])
    y = foot - h - 30 * k
    for size, colour, strength in ((1.0, (240, 150, 60), 0.9), (0.7, (255, 206, 110), 1), (0.4, (255, 246, 214), 1)):
        s = k * size
        flame = path(f"M {cx} {y - 200 * s} C {cx + 20 * s} {y - 130 * s} {cx + 50 * s} {y - 80 * s} {cx + 34 * s} {y - 24 * s} "
                     f"C {cx + 20 * s} {y + 10 * s} {cx - 20 * s} {y + 10 * s} {cx - 34 * s} {y - 24 * s} "
                     f"C {cx - 50 * s} {y - 80 * s} {cx - 10 * s} {y - 130 * s} {cx} {y - 200 * s} Z")  # fmt: skip
        picture.soft(flame, colour, 5 * k, strength)


def hide(blob: Blob, colour: Colour, seed: int) -> Image.Image:
    """Vegetable-tanned leather: pores, and the cloudiness of oil."""
    image = ground(colour, seed, blob.size, 0.16)
    pores = cloudy(blob.size, max(8, min(blob.size) // 5), seed + 9)
    image.paste(darker(colour, 0.5), None, pores.point(lambda v: int(max(0, 90 - v) * 0.5)))
    return image


def seam(picture: Picture, points: list[tuple[float, float]], thread: Colour) -> None:
    """Saddle stitch along a polyline."""
    for a, b in zip(points, points[1:], strict=False):
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
        shaft = polygon(turned(box(584, 860, 30, 240), turn, (600, 700)), turned(box(614, 1030, 26, 20), turn, (600, 700)),
                        turned(box(614, 1064, 20, 18), turn, (600, 700)))  # fmt: skip
        picture.shadow(shaft, 8, 12, 8, 0.35)
        picture.fill(shaft, DYES["nibi"] if turn > 0 else (186, 152, 90))
        picture.round_off(shaft, 7, 0.5, 0.6)
    body = path("M 560 280 L 640 280 C 700 330 790 420 800 560 L 780 880 C 760 930 440 930 420 880 L 400 560 C 410 420 500 330 560 280 Z")
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

"""Things of paper, and the lights: lantern and candles."""

from __future__ import annotations

from .clay_things import WHITE, turned_body
from .cloth_things import dyed
from .dye import cloth
from .palette import DYES, Colour, darker, lighter
from .picture import SHADE, Picture, ground, wrap
from .shapes import box, ellipse, path, polygon, rect, stroke, turned
from .spec import Spec


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
    flat = cloth(
        (round(body.size[0] * 1.3), body.size[1] + 10), spec.pattern, spec.base, spec.ink, unit=spec.unit, weave=0.6
    )
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
        picture.dress(
            piece, cloth(piece.size, names[k], base, ink, unit=84, angle=-turn, seed=spec.seed + k, weave=0.3)
        )
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
    picture.light(
        corner,
        spec.ink,
        cloth(corner.size, spec.pattern, (0, 0, 0), (150, 150, 150), unit=spec.unit, angle=5, weave=0).convert("L"),
    )
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
    data = (f"M {cx - top} {foot - h} "
            f"C {cx - top * 0.86} {foot - h * 0.7} {cx - low} {foot - h * 0.4} {cx - low} {foot} "
            f"C {cx - low * 0.5} {foot + 18 * k} {cx + low * 0.5} {foot + 18 * k} {cx + low} {foot} "
            f"C {cx + low} {foot - h * 0.4} {cx + top * 0.86} {foot - h * 0.7} {cx + top} {foot - h} Z")  # fmt: skip
    body = path(data)
    picture.dress(body, ground(tone, spec.seed, body.size, 0.06))
    zone = rect(cx - top, foot - h * 0.62, top * 2, h * 0.46).within(body)
    flat = cloth(
        (round(zone.size[0] * 1.3), zone.size[1] + 10), spec.pattern, tone, spec.ink, unit=spec.unit * k, weave=0
    )
    picture.dress(zone, wrap(flat, *zone.size, 8))
    turned_body(picture, body, 0.8)
    picture.down(body, [(0, 110), (0.3, 0), (1, 0)], (255, 226, 170))
    lid = ellipse(cx, foot - h, top, 24 * k)
    picture.fill(lid, lighter(tone, 0.35))
    picture.fill(stroke([(cx, foot - h + 4), (cx, foot - h - 46 * k)], 13 * k), DYES["kuri"])
    y = foot - h - 30 * k
    for size, colour, strength in ((1.0, (240, 150, 60), 0.9), (0.7, (255, 206, 110), 1), (0.4, (255, 246, 214), 1)):
        s = k * size
        flame = path(f"M {cx} {y - 200 * s} "
                     f"C {cx + 20 * s} {y - 130 * s} {cx + 50 * s} {y - 80 * s} {cx + 34 * s} {y - 24 * s} "
                     f"C {cx + 20 * s} {y + 10 * s} {cx - 20 * s} {y + 10 * s} {cx - 34 * s} {y - 24 * s} "
                     f"C {cx - 50 * s} {y - 80 * s} {cx - 10 * s} {y - 130 * s} {cx} {y - 200 * s} Z")  # fmt: skip
        picture.soft(flame, colour, 5 * k, strength)

"""Things thrown, turned, blown and lacquered: cups, plates, bowls, glass."""

from __future__ import annotations

import math

from PIL import Image

from .dye import cloth
from .palette import DYES, Colour, darker, lighter, mix
from .picture import SHADE, Picture, ground, wrap
from .shapes import Blob, ellipse, path, rect, stroke
from .spec import Spec

WHITE: Colour = (255, 252, 244)
Round = list[tuple[float, int]]
TURNED: Round = [(0, 130), (0.2, 10), (0.45, 0), (0.7, 40), (1, 190)]
GLEAM: Round = [(0, 0), (0.12, 10), (0.26, 110), (0.38, 14), (1, 0)]


def painted(spec: Spec, blob: Blob, sag: float) -> Image.Image:
    """A pattern brushed round a standing pot."""
    width, height = blob.size
    flat = cloth((round(width * 1.35), height + round(sag) + 4), spec.pattern, spec.base, spec.ink,
                 unit=spec.unit, angle=spec.angle, seed=spec.seed, weave=0)  # fmt: skip
    return wrap(flat, width, height, sag)


def turned_body(picture: Picture, body: Blob, gleam: float = 1) -> None:
    picture.across(body, TURNED)
    picture.across(body, [(p, round(v * gleam)) for p, v in GLEAM], WHITE)


def rim(
    picture: Picture, cx: float, cy: float, rx: float, ry: float, lip: Colour, inside: Colour, thick: float = 9
) -> Blob:
    """The mouth of a vessel seen from a little above; returns the hollow."""
    picture.fill(ellipse(cx, cy, rx, ry), lip)
    hollow = ellipse(cx, cy + 1, rx - thick, ry - thick * 0.62)
    picture.fill(hollow, inside)
    picture.across(hollow, [(0, 150), (0.5, 30), (1, 0)])
    picture.soft(ellipse(cx + rx * 0.35, cy + ry * 0.55, rx * 0.4, ry * 0.3), WHITE, 16, 0.4, hollow)
    return hollow


def yunomi(picture: Picture, spec: Spec) -> None:
    picture.contact(606, 936, 190, 26)
    picture.fill(path("M 460 900 L 740 900 L 730 948 C 700 966 500 966 470 948 Z"), darker(spec.base, 0.45))
    body = path("M 404 380 C 404 560 408 760 428 868 C 440 930 520 940 600 940 C 680 940 760 930 772 868 "
                "C 792 760 796 560 796 380 C 760 440 440 440 404 380 Z")  # fmt: skip
    picture.dress(body, painted(spec, body, 46))
    glaze = path("M 404 380 C 404 430 404 470 405 520 C 460 566 520 536 580 560 C 640 584 720 544 795 520 "
                 "C 796 470 796 430 796 380 C 760 440 440 440 404 380 Z")  # fmt: skip
    picture.fill(glaze, spec.accent, 0.9)
    picture.soft(glaze.minus(glaze.moved(0, -8)), SHADE, 5, 0.4, body)
    turned_body(picture, body)
    hollow = rim(picture, 600, 384, 196, 52, lighter(spec.accent, 0.25), darker(lighter(spec.accent, 0.3), 0.2))
    tea = ellipse(600, 404, 172, 36).within(hollow)
    picture.fill(tea, (158, 164, 88))
    picture.across(tea, [(0, 90), (0.6, 0), (1, 20)])


def plate_at(picture: Picture, spec: Spec, cx: float, cy: float, r: float, base: Colour, ink: Colour) -> None:
    """One small dish from above: rim, well, pattern in the well."""
    disc = ellipse(cx, cy, r)
    picture.shadow(disc, 16, 24, 24, 0.45)
    picture.dress(disc, ground(base, spec.seed + round(cx), disc.size, 0.07))
    picture.round_off(disc, 16, 0.5, 0.5)
    well = ellipse(cx, cy, r * 0.74)
    picture.dress(
        well, cloth(well.size, spec.pattern, base, ink, unit=spec.unit, angle=spec.angle, seed=spec.seed, weave=0)
    )
    picture.fill(ellipse(cx, cy, r * 0.8).minus(ellipse(cx, cy, r * 0.775)), ink, 0.85)
    picture.fill(ellipse(cx, cy, r * 0.995).minus(ellipse(cx, cy, r * 0.97)), mix(ink, DYES["kakishibu"], 0.5), 0.7)
    inner = ellipse(cx, cy, r * 0.86)
    picture.soft(inner.minus(inner.moved(10, 12)), SHADE, 12, 0.5, disc)
    picture.soft(inner.minus(inner.moved(-10, -12)), WHITE, 12, 0.6, disc)
    picture.soft(ellipse(cx - r * 0.36, cy - r * 0.42, r * 0.2, r * 0.1), WHITE, 20, 0.5, disc)


def plate(picture: Picture, spec: Spec) -> None:
    plate_at(picture, spec, 600, 600, 400, spec.base, spec.ink)


def mamezara(picture: Picture, spec: Spec) -> None:
    plate_at(picture, spec, 420, 430, 240, spec.base, spec.ink)
    plate_at(picture, spec, 826, 520, 210, spec.ink, spec.base)
    plate_at(picture, spec, 540, 850, 220, spec.base, spec.accent)


def chawan(picture: Picture, spec: Spec) -> None:
    bowl(picture, spec, shiny=False)


def lacquer_bowl(picture: Picture, spec: Spec) -> None:
    bowl(picture, spec, shiny=True)


def bowl(picture: Picture, spec: Spec, *, shiny: bool) -> None:
    picture.contact(606, 942, 150, 22)
    foot = path("M 486 876 L 714 876 L 704 940 C 680 958 520 958 496 940 Z")
    picture.fill(foot, darker(spec.base, 0.2 if shiny else 0.35))
    picture.across(foot, TURNED)
    body = path("M 270 480 C 280 690 390 880 500 900 L 700 900 C 810 880 920 690 930 480 C 860 570 340 570 270 480 Z")
    picture.dress(body, ground(spec.base, spec.seed, body.size, 0.02) if shiny else painted(spec, body, 70))
    if shiny:
        band = cloth(body.size, spec.pattern, spec.base, spec.ink, unit=spec.unit, seed=spec.seed, weave=0)
        mask = path("M 250 612 C 400 690 800 690 950 612 L 950 700 C 800 790 400 790 250 700 Z").within(body)
        picture.dress(mask, band.crop((0, 0, *mask.size)))
    turned_body(picture, body, 0.7)
    picture.down(body, [(0, 0), (0.6, 0), (1, 130)])
    if shiny:
        picture.soft(stroke("M 352 600 C 372 720 420 800 470 846", 20), WHITE, 9, 0.65, body)
        picture.soft(stroke("M 868 620 C 850 700 830 750 800 790", 10), WHITE, 8, 0.35, body)
    inside = spec.accent if shiny else lighter(spec.base, 0.2)
    rim(picture, 600, 484, 330, 84, lighter(inside, 0.12), darker(inside, 0.1), 12)
    if not shiny:
        picture.soft(ellipse(600, 520, 200, 30), SHADE, 20, 0.25)


def vase(picture: Picture, spec: Spec) -> None:
    picture.contact(606, 1010, 150, 22)
    branch = "M 590 470 C 600 380 560 320 590 240 C 600 200 640 150 690 110"
    for data, width in (
        (branch, 13),
        ("M 582 330 C 540 300 490 290 440 240", 9),
        ("M 592 250 C 660 250 720 270 780 250", 8),
    ):
        twig = stroke(data, width)
        picture.fill(twig, DYES["kuri"])
        picture.round_off(twig, 5, 0.5)
    body = path("M 548 470 C 552 540 548 570 520 610 C 440 700 420 830 452 930 C 470 1000 520 1012 600 1012 "
                "C 680 1012 730 1000 748 930 C 780 830 760 700 680 610 C 652 570 648 540 652 470 Z")  # fmt: skip
    picture.dress(body, painted(spec, body, 40))
    neck = path("M 540 460 L 660 460 L 656 560 C 660 580 700 620 706 650 C 660 690 620 640 590 676 "
                "C 560 704 520 660 494 650 "
                "C 500 620 540 580 544 560 Z").within(body)  # fmt: skip
    picture.fill(neck, spec.accent, 0.92)
    turned_body(picture, body)
    rim(picture, 600, 470, 54, 15, lighter(spec.accent, 0.2), darker(spec.accent, 0.5), 6)
    picture.fill(stroke("M 594 474 C 596 450 596 430 596 400", 12), DYES["kuri"])
    for x, y, r in ((440, 236, 40), (532, 300, 30), (690, 112, 42), (624, 190, 28), (780, 250, 38), (690, 262, 26)):
        blossom(picture, x, y, r)


def blossom(picture: Picture, x: float, y: float, r: float) -> None:
    for k in range(5):
        angle = math.radians(72 * k - 90)
        petal = ellipse(x + r * 0.55 * math.cos(angle), y + r * 0.55 * math.sin(angle), r * 0.5)
        picture.fill(petal, DYES["sakura"] if k % 2 else lighter(DYES["sakura"], 0.35))
        picture.round_off(petal, 7, 0.2, 0.2)
    picture.fill(ellipse(x, y, r * 0.22), DYES["beni"])
    picture.fill(ellipse(x, y, r * 0.09), DYES["kariyasu"])


def kyusu(picture: Picture, spec: Spec) -> None:
    picture.contact(600, 926, 240, 24)
    handle = path("M 786 640 C 860 610 940 560 1000 500 C 1040 520 1056 560 1040 590 C 970 640 880 700 810 730 Z")
    spout = path("M 372 700 C 300 680 270 600 214 556 C 226 534 250 528 272 536 C 330 570 372 610 420 620 Z")
    for part in (spout, handle):
        picture.dress(part, ground(spec.base, spec.seed, part.size))
        picture.round_off(part, 26, 0.6, 0.45)
    hole = ellipse(1022, 544, 16, 26)
    picture.fill(hole, darker(spec.base, 0.6))
    body = path(
        "M 340 690 C 340 560 440 500 600 500 C 760 500 860 560 860 690 "
        "C 860 850 760 930 600 930 C 440 930 340 850 340 690 Z"
    )
    picture.dress(body, ground(spec.base, spec.seed, body.size))
    band = path("M 330 660 C 450 700 750 700 870 660 L 870 770 C 750 816 450 816 330 770 Z").within(body)
    picture.dress(band, painted(spec, band, 30))
    turned_body(picture, body, 0.8)
    picture.down(body, [(0, 0), (0.65, 0), (1, 150)])
    lid = path("M 440 528 C 450 450 540 430 600 430 C 660 430 750 450 760 528 C 700 560 500 560 440 528 Z")
    picture.shadow(lid, 4, 10, 8, 0.4)
    picture.dress(lid, ground(spec.base, spec.seed + 1, lid.size))
    turned_body(picture, lid, 0.8)
    knob = ellipse(600, 414, 36, 30)
    picture.fill(knob, spec.base)
    picture.round_off(knob, 24, 0.6, 0.5)


def tumbler(picture: Picture, spec: Spec) -> None:
    picture.contact(606, 950, 170, 22, 0.35)
    picture.soft(path("M 700 940 L 980 1010 L 900 1060 L 560 970 Z"), spec.ink, 30, 0.3)
    body = path("M 410 300 C 420 520 440 760 452 900 C 470 964 730 964 748 900 C 760 760 780 520 790 300 Z")
    picture.fill(body, lighter(spec.base, 0.3), 0.55)
    cut = path("M 380 520 L 820 520 L 770 868 L 430 868 Z").within(body)
    picture.light(
        cut,
        spec.ink,
        cloth(cut.size, spec.pattern, (90, 90, 90), (225, 225, 225), unit=spec.unit, weave=0).convert("L"),
    )
    upper = path("M 400 290 L 800 290 L 790 470 C 700 500 500 500 410 470 Z").within(body)
    picture.down(upper, [(0, 60), (1, 150)], spec.ink)
    thick = path("M 446 850 L 754 850 L 748 900 C 730 964 470 964 452 900 Z").within(body)
    picture.fill(thick, lighter(spec.ink, 0.35), 0.7)
    picture.soft(ellipse(600, 880, 120, 16), WHITE, 7, 0.8, body)
    picture.across(body, [(0, 150), (0.1, 20), (0.5, 0), (0.9, 30), (1, 160)], spec.ink)
    picture.across(body, [(0, 0), (0.08, 200), (0.16, 20), (0.8, 0), (0.88, 110), (0.94, 0), (1, 0)], WHITE)
    lip = ellipse(600, 300, 190, 46)
    picture.fill(lip, lighter(spec.ink, 0.6), 0.35)
    picture.fill(lip.minus(ellipse(600, 302, 180, 39)), WHITE, 0.8)


def wind_chime(picture: Picture, spec: Spec) -> None:
    for line in ([(600, 0), (600, 330)], [(600, 560), (600, 760)]):
        picture.fill(stroke(line, 5), DYES["nibi"])
    slip = path("M 530 740 L 670 736 L 680 1090 L 524 1094 Z")
    picture.shadow(slip, 26, 24, 16, 0.3)
    picture.dress(slip, cloth(slip.size, "seigaiha", DYES["gofun"], spec.accent, unit=56, weave=0.4))
    picture.fill(slip.within(rect(500, 730, 200, 170)), DYES["gofun"])
    picture.round_off(slip, 6, 0.25)
    picture.fill(ellipse(600, 762, 8), DYES["nibi"])
    dome = path("M 404 560 C 390 400 470 306 600 306 C 730 306 810 400 796 560 C 760 606 440 606 404 560 Z")
    picture.shadow(dome, 40, 40, 30, 0.22)
    picture.fill(dome, lighter(spec.base, 0.35), 0.66)
    picture.light(
        dome, spec.ink, cloth(dome.size, spec.pattern, (0, 0, 0), (215, 215, 215), unit=spec.unit, weave=0).convert("L")
    )
    picture.across(dome, [(0, 140), (0.14, 10), (0.8, 0), (1, 140)], spec.ink)
    picture.soft(stroke("M 456 500 C 456 420 500 360 556 344", 24), WHITE, 9, 0.9, dome)
    picture.soft(stroke("M 752 520 C 752 470 744 440 730 410", 10), WHITE, 6, 0.6, dome)
    mouth = ellipse(600, 560, 196, 34)
    picture.fill(mouth, lighter(spec.ink, 0.5), 0.3)
    picture.fill(mouth.minus(ellipse(600, 558, 188, 28)), WHITE, 0.85)
    picture.fill(stroke([(600, 340), (600, 640)], 4), DYES["nibi"])
    clapper = ellipse(600, 640, 20)
    picture.fill(clapper, spec.accent)
    picture.round_off(clapper, 14, 0.5, 0.7)
    cap = ellipse(600, 306, 20, 12)
    picture.fill(cap, DYES["nibi"])

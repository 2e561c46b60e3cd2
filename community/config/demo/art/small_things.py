"""Small things: knitted ones, knotted cords, pinched silk, chopsticks."""

from __future__ import annotations

import math

from .clay_things import WHITE
from .dye import cloth
from .palette import DYES, Colour, darker, lighter
from .picture import SHADE, Picture, ground
from .shapes import Blob, box, ellipse, path, polygon, rect, stroke, trace, turned
from .spec import Spec
from .wood_things import grained


def _yarn(picture: Picture, blob: Blob, base: Colour, spec: Spec, angle: float = 0) -> None:
    ink = lighter(base, 0.2)
    picture.dress(
        blob, cloth(blob.size, "knit", darker(base, 0.34), ink, unit=26, angle=angle, seed=spec.seed, weave=0.3)
    )


def _motif(picture: Picture, zone: Blob, spec: Spec, angle: float = 0) -> None:
    """Stranded colour work: the pattern seen through the stitches."""
    stitches = cloth(zone.size, "knit", (70, 70, 70), (255, 255, 255), unit=26, angle=angle, weave=0).convert("L")
    marks = cloth(zone.size, spec.pattern, (0, 0, 0), (255, 255, 255), unit=spec.unit, angle=angle, weave=0).convert(
        "L"
    )
    low = marks.resize((marks.width // 13 or 1, marks.height // 19 or 1)).point(lambda v: 255 if v > 120 else 0)
    blocky = low.resize(marks.size, 0)
    picture.light(zone.within(Blob(blocky, zone.x, zone.y)), spec.ink, stitches)


def cap(picture: Picture, spec: Spec) -> None:
    picture.contact(606, 900, 330, 22)
    crown = path("M 290 760 C 270 480 380 300 600 290 C 820 300 930 480 910 760 Z")
    _yarn(picture, crown, spec.base, spec)
    _motif(picture, rect(280, 500, 640, 200).within(crown), spec)
    for lean in (-220, -110, 0, 110, 220):
        picture.soft(
            stroke(
                f"M {600 + lean * 0.1} 300 C {600 + lean * 0.7} 380 {600 + lean * 1.15} 560 {600 + lean * 1.3} 760", 9
            ),
            SHADE,
            10,
            0.3,
            crown,
        )
    picture.across(crown, [(0, 130), (0.3, 0), (0.6, 0), (1, 170)])
    picture.round_off(crown, 30, 0.4, 0.3)
    brim = path(
        "M 268 740 C 400 770 800 770 932 740 C 946 800 946 850 934 896 "
        "C 800 930 400 930 266 896 C 254 850 254 800 268 740 Z"
    )
    picture.shadow(brim, 0, -6, 10, 0.35)
    picture.dress(
        brim, cloth(brim.size, "sensuji", darker(spec.accent, 0.3), lighter(spec.accent, 0.1), unit=26, weave=0.6)
    )
    picture.across(brim, [(0, 130), (0.3, 0), (0.6, 0), (1, 170)])
    picture.round_off(brim, 22, 0.5, 0.35)
    pom = ellipse(600, 260, 108, 100)
    for k in range(150):
        a, r = k * 2.39996, 104 * math.sqrt(k / 150)
        tone = spec.accent if k % 3 else spec.base
        x, y = 600 + r * math.cos(a), 256 + r * math.sin(a) * 0.94
        strand = stroke([(x, y), (x + 20 * math.cos(a), y + 20 * math.sin(a))], 8)
        picture.fill(strand, lighter(tone, 0.12 * (k % 4)) if k % 5 else darker(tone, 0.25))
    picture.round_off(pom, 60, 0.5, 0.2)


def mittens(picture: Picture, spec: Spec) -> None:
    for flip, turn, dx in ((-1, -9, 330), (1, 9, 870)):
        _mitten(picture, spec, flip, turn, dx)


def _mitten(picture: Picture, spec: Spec, flip: int, turn: float, cx: float) -> None:
    data = ("M -130 300 C -150 100 -150 -60 -120 -180 C -90 -320 90 -320 120 -180 C 134 -120 138 -60 140 -20 "
            "C 170 -90 240 -120 262 -60 C 280 20 200 110 150 190 L 130 300 Z")  # fmt: skip
    points = [(cx + flip * x, 560 + y) for x, y in trace(data)[0]]
    body = polygon(turned(points, turn, (cx, 600)))
    picture.shadow(body, 16, 22, 22, 0.42)
    _yarn(picture, body, spec.base, spec, -turn)
    back = polygon(turned(box(cx - 120, 330, 240, 400), turn, (cx, 600))).within(body)
    _motif(picture, back, spec, -turn)
    picture.round_off(body, 34, 0.5, 0.3)
    cuff = polygon(turned(box(cx - 142, 846, 284, 150), turn, (cx, 600)))
    picture.dress(
        cuff,
        cloth(
            cuff.size, "sensuji", darker(spec.accent, 0.3), lighter(spec.accent, 0.1), unit=24, angle=-turn, weave=0.6
        ),
    )
    picture.round_off(cuff, 20, 0.5, 0.35)


def socks(picture: Picture, spec: Spec) -> None:
    data = (
        "M {0} 170 L {1} 170 C {1} 420 {2} 560 {2} 660 C {3} 740 {4} 800 {5} 880 "
        "C {5} 980 {4} 1000 {6} 990 C {7} 980 {0} 900 {0} 760 Z"
    )
    for k, shift in enumerate((0, 290)):
        xs = [x + shift for x in (300, 500, 500, 520, 640, 700, 560, 380)]
        sock = path(data.format(*xs))
        picture.shadow(sock, 16, 22, 20, 0.4)
        _yarn(picture, sock, spec.base, spec)
        _motif(picture, rect(290 + shift, 300, 230, 330).within(sock), spec)
        for zone in (rect(290 + shift, 160, 230, 96), ellipse(660 + shift, 930, 80, 90)):
            patch = zone.within(sock)
            picture.dress(
                patch,
                cloth(patch.size, "sensuji", darker(spec.accent, 0.3), lighter(spec.accent, 0.1), unit=24, weave=0.6),
            )
        picture.round_off(sock, 28, 0.5, 0.3)
        del k


def chopsticks(picture: Picture, spec: Spec) -> None:
    """Two pairs, each on its own porcelain rest."""
    for dx, dy, lacquer, ink in ((-150, -110, spec.base, spec.ink), (150, 110, spec.accent, spec.base)):
        _rest(picture, spec, 330 + dx * 0.55, 660 + dy + 60, ink if ink != spec.base else spec.ink)
        for gap in (0, 58):
            _stick(picture, spec, 600 + dx * 0.35 + gap * 0.4, 560 + dy + gap, lacquer, ink)


def _stick(picture: Picture, spec: Spec, cx: float, cy: float, lacquer: Colour, ink: Colour) -> None:
    def lay(x0: float, x1: float, h0: float, h1: float) -> Blob:
        points = [(cx + x0, cy - h0), (cx + x1, cy - h1), (cx + x1, cy + h1), (cx + x0, cy + h0)]
        return polygon(turned(points, -17, (cx, cy)))

    stick = lay(-470, 470, 7, 19)
    picture.shadow(stick, 10, 22, 11, 0.45)
    picture.fill(stick, lacquer)
    grip = lay(180, 420, 22, 22).within(stick)
    picture.dress(grip, cloth(grip.size, spec.pattern, lacquer, ink, unit=spec.unit, angle=17, weave=0))
    for x0, x1 in ((160, 172), (428, 436), (446, 480)):
        picture.fill(lay(x0, x1, 22, 22).within(stick), ink)
    picture.round_off(stick, 11, 0.6, 0.3)
    picture.soft(lay(-440, 460, 1, 4).moved(0, -5), WHITE, 3, 0.55, stick)


def _rest(picture: Picture, spec: Spec, cx: float, cy: float, ink: Colour) -> None:
    stone = ellipse(cx, cy, 62, 92)
    picture.shadow(stone, 8, 14, 11, 0.45)
    picture.dress(stone, ground(DYES["gofun"], spec.seed, stone.size, 0.05))
    picture.light(stone, ink, cloth(stone.size, "seigaiha", (0, 0, 0), (190, 190, 190), unit=46, weave=0).convert("L"))
    picture.round_off(stone, 24, 0.5, 0.5)


def cord(picture: Picture, data: str, colours: list[Colour], width: float = 13) -> None:
    """Parallel stiffened paper cords following one path, the way mizuhiki are laid."""
    points = trace(data)[0]
    for k, colour in enumerate(colours):
        offset = (k - (len(colours) - 1) / 2) * (width + 1)
        line = stroke(_beside(points, offset), width)
        picture.shadow(line, 3, 6, 5, 0.34)
        picture.fill(line, colour)
        picture.round_off(line, 6, 0.55, 0.6)


def _beside(points: list[tuple[float, float]], offset: float) -> list[tuple[float, float]]:
    moved = []
    for i, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[max(0, i - 1)], points[min(len(points) - 1, i + 1)]
        length = math.hypot(bx - ax, by - ay) or 1
        moved.append((x - (by - ay) / length * offset, y + (bx - ax) / length * offset))
    return moved


# One of the two strands, as the control points of its curves; the other is its mirror.
HALF_KNOT = [
    (-300, 210), (-200, 120), (-60, 60), (40, -40), (150, -150), (260, -190), (290, -80),
    (310, 20), (190, 70), (90, 20), (20, -20), (-20, -90), (0, -170),
]  # fmt: skip


def awaji(picture: Picture, cx: float, cy: float, k: float, colours: list[Colour], width: float) -> None:
    """The two crossing loops a mizuhiki knot begins with."""

    for side in (1, -1):
        half = [(cx + side * x * k, cy + y * k) for x, y in HALF_KNOT]
        starts = f"M {half[0][0]} {half[0][1]}"
        curves = [" ".join(f"{x} {y}" for x, y in half[i : i + 3]) for i in range(1, len(half), 3)]
        cord(picture, starts + "".join(f" C {one}" for one in curves), colours, width)


def brooch(picture: Picture, spec: Spec) -> None:
    card = polygon(turned(box(250, 200, 700, 800), -3, (600, 600)))
    picture.shadow(card, 16, 24, 22, 0.36)
    picture.dress(card, ground(DYES["gofun"], spec.seed, card.size, 0.04))
    edge = polygon(turned(box(250, 860, 700, 140), -3, (600, 600)))
    picture.dress(edge, cloth(edge.size, spec.pattern, DYES["gofun"], spec.ink, unit=spec.unit, angle=3, weave=0.3))
    colours = [spec.ink, lighter(spec.ink, 0.4), DYES["gofun"], lighter(spec.accent, 0.3), spec.accent]
    awaji(picture, 600, 540, 0.92, colours, 15)
    pearl = ellipse(600, 400, 34)
    picture.shadow(pearl, 5, 8, 7, 0.45)
    picture.fill(pearl, DYES["gofun"])
    picture.round_off(pearl, 24, 0.45, 0.6)


def earrings(picture: Picture, spec: Spec) -> None:
    card = rect(290, 170, 620, 880, 18)
    picture.shadow(card, 16, 24, 22, 0.36)
    picture.dress(card, ground(spec.base, spec.seed, card.size, 0.05))
    band = rect(290, 170, 620, 150, 18).within(card)
    picture.dress(band, cloth(band.size, spec.pattern, spec.base, spec.ink, unit=spec.unit, weave=0.3))
    for x in (450, 750):
        hook = stroke(f"M {x} 470 L {x} 410 C {x} 350 {x + 56} 350 {x + 56} 404 L {x + 56} 430", 6)
        picture.shadow(hook, 4, 7, 4, 0.4)
        picture.fill(hook, (190, 156, 92))
        petals(picture, x, 600, 118, 12, [spec.ink, lighter(spec.ink, 0.3)])
        petals(picture, x, 600, 72, 8, [spec.accent, lighter(spec.accent, 0.3)])
        pearl = ellipse(x, 600, 20)
        picture.fill(pearl, DYES["kariyasu"])
        picture.round_off(pearl, 14, 0.55, 0.7)
        for dy, r in ((150, 8), (180, 8), (216, 20)):
            bead = ellipse(x, 600 + dy, r)
            picture.shadow(bead, 4, 7, 5, 0.4)
            picture.fill(bead, spec.accent if r > 10 else (190, 156, 92))
            picture.round_off(bead, r * 0.8, 0.55, 0.7)


def petals(picture: Picture, cx: float, cy: float, radius: float, count: int, colours: list[Colour]) -> None:
    """One ring of pinched silk petals, each with its fold."""
    half = math.pi * radius / count * 0.8
    for i in range(count):
        degrees = 360 * i / count
        shape = [(cx, cy - radius * 0.2), (cx + half, cy - radius * 0.72), (cx + half * 0.6, cy - radius * 0.94),
                 (cx, cy - radius),
                 (cx - half * 0.6, cy - radius * 0.94), (cx - half, cy - radius * 0.72)]  # fmt: skip
        petal = polygon(turned(shape, degrees, (cx, cy)))
        picture.shadow(petal, 2, 4, 4, 0.4)
        picture.fill(petal, colours[i % len(colours)])
        picture.round_off(petal, max(4.0, half * 0.4), 0.45, 0.4)
        fold = turned([(cx, cy - radius * 0.3), (cx, cy - radius * 0.86)], degrees, (cx, cy))
        picture.soft(stroke(fold, 3), SHADE, 2, 0.5)


def hairpin(picture: Picture, spec: Spec) -> None:
    for dx in (-16, 16):
        prong = polygon(turned([(592 + dx, 520), (608 + dx, 520), (603 + dx, 1080), (597 + dx, 1080)], 38, (560, 440)))
        picture.shadow(prong, 10, 16, 9, 0.4)
        picture.fill(prong, (190, 156, 92))
        picture.round_off(prong, 5, 0.6, 0.7)
    leaf = [DYES["matcha"], DYES["matsuba"]]
    petals(picture, 800, 520, 130, 9, leaf)
    petals(picture, 700, 330, 180, 13, [spec.accent, lighter(spec.accent, 0.25)])
    for radius, count, tones in ((260, 16, [spec.ink, darker(spec.ink, 0.12)]),
                                 (190, 13, [lighter(spec.ink, 0.22), spec.ink]),
                                 (120, 9, [lighter(spec.ink, 0.5), lighter(spec.ink, 0.35)])):  # fmt: skip
        petals(picture, 540, 480, radius, count, tones)
    petals(picture, 700, 330, 100, 8, [lighter(spec.accent, 0.5), lighter(spec.accent, 0.35)])
    petals(picture, 800, 520, 70, 7, [lighter(DYES["matcha"], 0.4)])
    for x, y, r in ((540, 480, 32), (700, 330, 24), (800, 520, 18)):
        pearl = ellipse(x, y, r)
        picture.fill(pearl, DYES["kariyasu"])
        picture.round_off(pearl, r * 0.7, 0.5, 0.7)


def grain_closeup(picture: Picture, spec: Spec) -> None:
    """Wood near enough to feel, with the maker's inlay crossing it."""
    whole = rect(-2, -2, 1204, 1204)
    picture.dress(whole, grained(whole.size, spec.base, spec.seed))
    band = polygon([(-10, 720), (1210, 560), (1210, 860), (-10, 1020)])
    picture.dress(
        band,
        cloth(band.size, spec.pattern, lighter(spec.base, 0.3), spec.ink, unit=spec.unit * 1.6, angle=7.5, weave=0),
    )
    picture.soft(band.minus(band.moved(0, 8)), SHADE, 5, 0.5, band)
    picture.soft(ellipse(360, 260, 420, 180), WHITE, 120, 0.3)


def glaze_closeup(picture: Picture, spec: Spec) -> None:
    """The curve of a glazed or lacquered face filling the picture."""
    whole = rect(-2, -2, 1204, 1204)
    picture.dress(
        whole,
        cloth(whole.size, spec.pattern, spec.base, spec.ink, unit=spec.unit * 2, angle=18, seed=spec.seed, weave=0),
    )
    pool = path(
        "M 0 0 L 1200 0 L 1200 300 C 1040 380 940 300 800 380 C 660 460 560 330 400 400 C 260 460 120 380 0 440 Z"
    )
    picture.fill(pool, spec.accent, 0.93)
    picture.soft(pool.minus(pool.moved(0, -14)), SHADE, 9, 0.5)
    picture.soft(pool.moved(0, 16).minus(pool), SHADE, 12, 0.3)
    picture.across(whole, [(0, 40), (0.3, 0), (0.6, 30), (1, 190)])
    picture.soft(stroke("M 250 -40 C 200 400 210 800 300 1240", 60), WHITE, 50, 0.6)

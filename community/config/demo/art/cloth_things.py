"""Things sewn or folded from cloth."""

from __future__ import annotations

from PIL import Image

from .dye import cloth
from .palette import DYES, Colour, darker, lighter
from .picture import SHADE, SIZE, Picture
from .shapes import Blob, box, ellipse, path, polygon, rect, stroke, turned
from .spec import Spec

WHITE: Colour = (255, 252, 244)


def dyed(spec: Spec, blob: Blob, *, angle: float = 0) -> Image.Image:
    """The spec's cloth, just large enough for a shape."""
    return cloth(blob.size, spec.pattern, spec.base, spec.ink, unit=spec.unit, angle=spec.angle + angle, seed=spec.seed)


def paper_band(picture: Picture, x: float, y: float, width: float, height: float, seal: Colour) -> None:
    """The paper sleeve a maker puts round a piece, with a small red seal."""
    band = rect(x, y, width, height)
    picture.shadow(band, 2, 5, 6, 0.35)
    picture.fill(band, DYES["gofun"])
    picture.round_off(band, 5, 0.2, 0.2)
    for k in range(3):
        picture.fill(
            rect(x + width / 2 - 26 + k * 20, y + height * 0.24, 4, height * (0.3 - 0.06 * k)), DYES["sumi"], 0.6
        )
    picture.fill(rect(x + width / 2 - 16, y + height * 0.64, 30, 30, 5), seal, 0.92)


def tenugui_folded(picture: Picture, spec: Spec) -> None:
    for k in range(4, 0, -1):
        leaf = polygon(turned(box(330 + k * 3, 236 + k * 9, 540, 712), 0.25 * k, (600, 600)))
        picture.shadow(leaf, 6, 10, 14, 0.22)
        picture.fill(leaf, lighter(spec.base, 0.2) if k % 2 else darker(spec.base, 0.12))
    top = rect(330, 232, 540, 712, 10)
    picture.shadow(top, 4, 8, 8, 0.3)
    picture.dress(top, dyed(spec, top))
    for x in (510, 690):
        picture.soft(rect(x, 232, 5, 712), SHADE, 7, 0.42, top)
        picture.soft(rect(x - 12, 232, 5, 712), WHITE, 8, 0.35, top)
    picture.round_off(top, 10, 0.4)
    paper_band(picture, 318, 500, 564, 190, DYES["shu"])


def tenugui_hung(picture: Picture, spec: Spec) -> None:
    piece = path("M 372 170 L 828 170 C 834 420 824 700 836 1010 C 800 1020 760 1004 716 1014 "
                 "C 660 1024 620 1004 560 1014 C 500 1024 440 1006 366 1016 C 376 720 366 420 372 170 Z")  # fmt: skip
    picture.shadow(piece, 30, 26, 34, 0.4)
    picture.dress(piece, dyed(spec, piece))
    for x, bend, dark in ((430, 24, 0.3), (520, -22, 0.36), (600, 14, 0.26), (690, -26, 0.38), (770, 20, 0.3)):
        fold = stroke(f"M {x} 180 C {x + bend} 420 {x - bend} 700 {x + bend} 1010", 26)
        picture.soft(fold, SHADE, 20, dark, piece)
        picture.soft(fold.moved(-34, 0), WHITE, 18, dark * 0.8, piece)
    picture.round_off(piece, 8, 0.35)
    bar = rect(250, 146, 700, 34, 17)
    picture.shadow(bar, 14, 20, 14, 0.35)
    picture.fill(bar, DYES["hinoki"])
    picture.down(bar, [(0, 20), (0.3, 0), (1, 150)], DYES["kuri"])
    for x in (300, 900):
        picture.fill(stroke([(x, 0), (x, 160)], 5), DYES["kuri"])


def furoshiki(picture: Picture, spec: Spec) -> None:
    body = path("M 300 560 C 400 500 800 500 900 560 C 940 700 930 850 888 948 C 800 984 400 984 312 948 "
                "C 270 850 260 700 300 560 Z")  # fmt: skip
    picture.contact(600, 958, 300, 26)
    picture.dress(body, dyed(spec, body))
    picture.across(body, [(0, 120), (0.22, 0), (0.62, 0), (1, 170)])
    picture.across(body, [(0, 0), (0.25, 90), (0.5, 0), (1, 0)], WHITE)
    picture.down(body, [(0, 0), (0.7, 0), (1, 150)])
    folds = ["M 590 540 C 520 620 400 680 300 800", "M 600 550 C 560 680 470 820 400 960",
             "M 610 550 C 640 700 730 840 800 960", "M 616 540 C 690 620 820 690 910 790"]  # fmt: skip
    for data in folds:
        picture.soft(stroke(data, 10), SHADE, 8, 0.6, body)
        picture.soft(stroke(data, 8).moved(-14, -8), WHITE, 9, 0.45, body)
    for data, turn in (
        ("M 590 500 C 500 470 380 400 340 270 C 440 280 560 360 614 480 Z", 25),
        ("M 610 500 C 700 470 830 410 876 290 C 770 290 640 360 588 480 Z", -25),
    ):
        ear = path(data)
        picture.shadow(ear, 6, 14, 14, 0.35)
        picture.dress(ear, dyed(spec, ear, angle=turn))
        picture.round_off(ear, 26, 0.6, 0.4)
    knot = path("M 540 470 C 560 430 640 430 662 470 C 680 520 664 566 604 570 C 540 566 522 520 540 470 Z")
    picture.shadow(knot, 6, 12, 14, 0.45)
    picture.dress(knot, dyed(spec, knot, angle=45))
    picture.round_off(knot, 30, 0.6, 0.4)
    for data in ("M 560 456 C 590 500 586 530 570 556", "M 640 456 C 612 500 620 530 636 552"):
        picture.soft(stroke(data, 6), SHADE, 5, 0.55, knot)


def tote(picture: Picture, spec: Spec) -> None:
    picture.contact(610, 1012, 270, 20)
    for dx, dy, shade in ((26, -26, 0.3), (0, 0, 0)):
        handle = stroke(f"M {460 + dx} {520 + dy} C {450 + dx} 180 {750 - dx} 180 {740 + dx} {520 + dy}", 40)
        picture.shadow(handle, 6, 10, 8, 0.25)
        picture.fill(handle, darker(spec.accent, shade))
        picture.round_off(handle, 8, 0.5)
    body = path("M 312 480 C 500 492 700 492 888 480 L 866 1004 C 700 1024 500 1024 334 1004 Z")
    picture.dress(body, dyed(spec, body))
    for data in ("M 400 500 C 420 700 390 850 410 1000", "M 800 500 C 770 680 812 860 790 1000"):
        picture.soft(stroke(data, 30), SHADE, 26, 0.3, body)
        picture.soft(stroke(data, 24).moved(-44, 0), WHITE, 24, 0.28, body)
    hem = rect(300, 470, 600, 74).within(body)
    picture.fill(hem, spec.accent)
    picture.soft(rect(300, 538, 600, 6), SHADE, 4, 0.5, body)
    picture.down(body, [(0, 0), (0.75, 0), (1, 110)])
    picture.round_off(body, 14, 0.5)
    for x in (446, 726):
        patch = rect(x, 500, 32, 92)
        picture.fill(patch, spec.accent)
        picture.round_off(patch, 4, 0.4)
    picture.fill(rect(826, 600, 26, 40, 2), DYES["shu"], 0.9)


def shirt(picture: Picture, spec: Spec) -> None:
    outline = path("M 470 236 C 400 250 340 262 296 300 C 230 400 190 520 160 640 C 200 672 250 690 306 694 "
                   "C 330 640 350 590 372 548 C 378 700 366 860 360 1000 C 500 1020 700 1020 840 1000 "
                   "C 834 860 822 700 828 548 C 850 590 870 640 894 694 C 950 690 1000 672 1040 640 "
                   "C 1010 520 970 400 904 300 C 860 262 800 250 730 236 C 680 290 520 290 470 236 Z")  # fmt: skip
    picture.shadow(outline, 16, 22, 26, 0.42)
    picture.dress(outline, dyed(spec, outline))
    for data in ("M 372 548 C 384 460 390 400 380 320", "M 828 548 C 816 460 810 400 820 320",
                 "M 440 620 C 460 760 440 900 452 1000", "M 740 640 C 730 760 760 880 744 1000"):  # fmt: skip
        picture.soft(stroke(data, 16), SHADE, 13, 0.42, outline)
        picture.soft(stroke(data, 12).moved(-22, 0), WHITE, 13, 0.25, outline)
    inside = ellipse(600, 236, 128, 44)
    picture.fill(inside.within(path("M 470 236 L 730 236 C 680 290 520 290 470 236 Z")), darker(spec.base, 0.4))
    for data in ("M 462 232 C 480 300 540 352 600 376 L 584 410 C 510 384 440 320 424 244 Z",
                 "M 738 232 C 720 300 660 352 600 376 L 616 410 C 690 384 760 320 776 244 Z"):  # fmt: skip
        collar = path(data)
        picture.shadow(collar, 2, 6, 5, 0.4)
        picture.dress(collar, dyed(spec, collar, angle=30))
        picture.round_off(collar, 8, 0.4, 0.3)
    picture.soft(stroke([(600, 400), (600, 1010)], 5), SHADE, 3, 0.5, outline)
    for y in (480, 600, 720, 840, 950):
        button = ellipse(614, y, 12)
        picture.shadow(button, 1, 3, 3, 0.5)
        picture.fill(button, DYES["shiracha"])
        picture.round_off(button, 5, 0.5)
    picture.round_off(outline, 12, 0.45)


def gamaguchi(picture: Picture, spec: Spec) -> None:
    body = path("M 370 520 C 300 600 236 730 260 830 C 282 930 420 962 600 962 C 780 962 918 930 940 830 "
                "C 964 730 900 600 830 520 Z")  # fmt: skip
    picture.contact(606, 946, 290, 30)
    picture.dress(body, dyed(spec, body))
    for x, lean in ((400, -40), (470, -26), (540, -10), (660, 10), (730, 26), (800, 40)):
        gather = stroke(f"M {x} 524 C {x + lean} 580 {x + lean * 1.6} 620 {x + lean * 1.8} 690", 9)
        picture.soft(gather, SHADE, 8, 0.5, body)
    picture.soft(ellipse(470, 720, 130, 90), WHITE, 50, 0.32, body)
    picture.down(body, [(0, 60), (0.3, 0), (0.6, 0), (1, 150)])
    picture.round_off(body, 40, 0.6, 0.2)
    brass = (190, 156, 92)
    frame = stroke("M 362 556 C 340 470 380 424 460 420 L 740 420 C 820 424 860 470 838 556", 34)
    picture.shadow(frame, 6, 12, 9, 0.45)
    picture.fill(frame, brass)
    picture.round_off(frame, 15, 0.65, 0.75)
    for x, y, lean in ((566, 366, 20), (634, 366, -20)):
        picture.fill(stroke([(x + lean * 0.2, 424), (x, y)], 18), darker(brass, 0.2))
        ball = ellipse(x, y, 36)
        picture.shadow(ball, 6, 10, 7, 0.4)
        picture.fill(ball, brass)
        picture.round_off(ball, 30, 0.75, 0.6)
        picture.soft(ellipse(x - 12, y - 13, 8), WHITE, 4, 0.95)


def kinchaku(picture: Picture, spec: Spec) -> None:
    body = path("M 470 470 C 360 560 286 700 300 830 C 312 950 430 990 600 990 C 770 990 888 950 900 830 "
                "C 914 700 840 560 730 470 Z")  # fmt: skip
    picture.contact(606, 974, 270, 30)
    picture.dress(body, dyed(spec, body))
    frill = path("M 478 462 C 440 400 430 340 420 290 C 470 316 500 280 540 300 C 580 320 610 282 650 300 "
                 "C 700 320 730 286 782 292 C 770 350 760 400 722 462 Z")  # fmt: skip
    picture.dress(frill, dyed(spec, frill))
    picture.round_off(frill, 18, 0.55)
    for x, top, low in ((500, 400, 384), (548, 520, 492), (600, 600, 600), (652, 690, 708), (700, 790, 826)):
        gather = stroke(f"M {600 + (x - 600) * 1.3} 300 L {x} 466 C {x} 540 {(x + low) / 2} 600 {low} 700", 10)
        picture.soft(gather, SHADE, 9, 0.5, body)
        picture.soft(gather, SHADE, 8, 0.5, frill)
        picture.soft(gather.moved(-16, 0), WHITE, 9, 0.3, body)
        del top
    picture.down(body, [(0, 90), (0.25, 0), (0.65, 0), (1, 140)])
    picture.round_off(body, 36, 0.55, 0.25)
    for dy in (0, 20):
        cord = stroke(f"M 468 {456 + dy} C 520 {476 + dy} 680 {476 + dy} 732 {456 + dy}", 15)
        picture.shadow(cord, 2, 5, 4, 0.45)
        picture.fill(cord, spec.accent)
        picture.round_off(cord, 6, 0.6)
    for data in ("M 732 466 C 830 480 862 560 846 640", "M 730 470 C 800 520 816 590 800 690"):
        tail = stroke(data, 12)
        picture.shadow(tail, 6, 10, 6, 0.4)
        picture.fill(tail, spec.accent)
        picture.round_off(tail, 5, 0.6)
    for x, y in ((846, 650), (800, 700)):
        bead = ellipse(x, y, 20)
        picture.fill(bead, DYES["shu"])
        picture.round_off(bead, 14, 0.6, 0.6)


def book_cover(picture: Picture, spec: Spec) -> None:
    pages = polygon(turned(box(352, 238, 520, 736), 6, (600, 600)))
    picture.shadow(pages, 22, 30, 26, 0.42)
    picture.fill(pages, DYES["gofun"])
    for k in range(4):
        edge = polygon(turned(box(858 + k * 4, 242, 1.5, 728), 6, (600, 600)))
        picture.fill(edge, DYES["shiracha"])
    cover = polygon(turned(box(336, 230, 520, 744), 6, (600, 600)))
    picture.dress(cover, dyed(spec, cover, angle=-6))
    spine = polygon(turned(box(336, 230, 40, 744), 6, (600, 600)))
    picture.fill(spine.within(cover), spec.accent)
    for x, tone, strength in ((378, SHADE, 0.5), (392, WHITE, 0.35)):
        picture.soft(polygon(turned(box(x, 230, 5, 744), 6, (600, 600))), tone, 5, strength, cover)
    picture.round_off(cover, 10, 0.4)
    ribbon = stroke("M 560 968 C 556 1010 580 1030 566 1096", 14)
    picture.shadow(ribbon, 4, 8, 5, 0.35)
    picture.fill(ribbon, DYES["akane"])


def closeup(picture: Picture, spec: Spec) -> None:
    """The cloth itself, near enough to count the threads, with one corner folded back."""
    whole = rect(-2, -2, SIZE + 4, SIZE + 4)
    near = cloth(
        whole.size, spec.pattern, spec.base, spec.ink, unit=spec.unit * 2.4, angle=14, seed=spec.seed, thread=9
    )
    picture.dress(whole, near)
    for data in ("M -50 300 C 300 360 700 120 1260 240", "M -50 900 C 360 780 760 1040 1260 860"):
        picture.soft(stroke(data, 60), SHADE, 50, 0.34, whole)
        picture.soft(stroke(data, 50).moved(-20, -90), WHITE, 50, 0.3, whole)
    under = polygon([(1210, 640), (1210, 1210), (600, 1210)])
    picture.fill(under, picture.paper)
    flap = path("M 1210 640 L 600 1210 C 640 1080 700 960 760 880 C 900 760 1060 690 1210 640 Z")
    picture.shadow(flap, -14, -10, 20, 0.5)
    picture.fill(flap, lighter(spec.base, 0.25))
    picture.round_off(flap, 40, 0.4, 0.3)

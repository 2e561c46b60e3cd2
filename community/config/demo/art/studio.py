"""The door: a row of data in, a finished picture out."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image

from . import clay_things, cloth_things, small_things, wood_things
from .palette import DYES, darker, lighter
from .patterns import cloth
from .picture import SIZE, Picture
from .shapes import ellipse
from .spec import Spec

Drawing = Callable[[Picture, Spec], None]
STANDING: dict[str, tuple[Drawing, int]] = {
    # drawing, height of the table's far edge
    "furoshiki": (cloth_things.furoshiki, 790),
    "tote": (cloth_things.tote, 860),
    "gamaguchi": (cloth_things.gamaguchi, 760),
    "kinchaku": (cloth_things.kinchaku, 790),
    "yunomi": (clay_things.yunomi, 760),
    "chawan": (clay_things.chawan, 760),
    "vase": (clay_things.vase, 830),
    "kyusu": (clay_things.kyusu, 750),
    "lacquer_bowl": (clay_things.lacquer_bowl, 760),
    "tumbler": (clay_things.tumbler, 760),
    "wooden_box": (wood_things.wooden_box, 740),
    "wappa": (wood_things.wappa, 690),
    "kokeshi": (wood_things.kokeshi, 820),
    "candles": (wood_things.candles, 830),
    "cap": (small_things.cap, 740),
}
LYING: dict[str, Drawing] = {
    "tenugui_folded": cloth_things.tenugui_folded,
    "tenugui_hung": cloth_things.tenugui_hung,
    "shirt": cloth_things.shirt,
    "book_cover": cloth_things.book_cover,
    "cloth_closeup": cloth_things.closeup,
    "plate": clay_things.plate,
    "mamezara": clay_things.mamezara,
    "wind_chime": clay_things.wind_chime,
    "cutting_board": wood_things.cutting_board,
    "spoons": wood_things.spoons,
    "spinning_top": wood_things.spinning_top,
    "notebook": wood_things.notebook,
    "lantern": wood_things.lantern,
    "envelopes": wood_things.envelopes,
    "letter_set": wood_things.letter_set,
    "wallet": wood_things.wallet,
    "key_case": wood_things.key_case,
    "mittens": small_things.mittens,
    "socks": small_things.socks,
    "chopsticks": small_things.chopsticks,
    "brooch": small_things.brooch,
    "earrings": small_things.earrings,
    "hairpin": small_things.hairpin,
    "grain_closeup": small_things.grain_closeup,
    "glaze_closeup": small_things.glaze_closeup,
}


FULL = {"tenugui_hung", "cloth_closeup", "grain_closeup", "glaze_closeup", "spinning_top", "cap"}
NEAR = {"wind_chime": 1.02, "vase": 1.06, "candles": 1.06, "lantern": 1.08, "hairpin": 1.08, "yunomi": 1.35, "tumbler": 1.22,
        "chopsticks": 1.1, "kyusu": 1.24, "key_case": 1.06, "earrings": 1.1, "spoons": 1.1, "gamaguchi": 1.22, "cutting_board": 1.05}  # fmt: skip


def draw(row: dict[str, Any], *, seed: int) -> Image.Image:
    """Draw one picture (RGB, 1200 x 1200). Raises KeyError for an unknown thing, pattern or colour."""
    spec = Spec.read(row, seed=seed)
    if spec.thing in STANDING:
        drawing, table = STANDING[spec.thing]
        picture = Picture(spec.paper, seed=seed, table=table, moon=spec.moon)
    else:
        drawing = LYING[spec.thing]
        picture = Picture(spec.paper, seed=seed, moon=spec.moon)
    drawing(picture, spec)
    if spec.thing not in FULL:
        picture.nearer(NEAR.get(spec.thing, 1.16))
    return picture.finish()


def avatar(row: dict[str, Any], *, seed: int) -> Image.Image:
    """A roundel of pattern like a family crest (RGB, 400 x 400)."""
    spec = Spec.read({"thing": "", **row}, seed=seed)
    picture = Picture(spec.base, seed=seed)
    middle = SIZE // 2
    ground_ = ellipse(middle, middle, 760)
    picture.fill(ground_, spec.base)
    disc = ellipse(middle, middle, 470)
    stuff = cloth(disc.size, spec.pattern, lighter(spec.base, 0.06), spec.ink, unit=spec.unit * 2.6, angle=spec.angle, seed=seed)
    picture.dress(disc, stuff)
    picture.fill(ellipse(middle, middle, 500).minus(ellipse(middle, middle, 478)), spec.ink)
    picture.round_off(disc, 24, 0.25, 0.2)
    picture.soft(disc.minus(disc.moved(8, 10)), darker(spec.base, 0.8), 10, 0.3, disc)
    return picture.finish().resize((400, 400), Image.Resampling.LANCZOS)


def encoded(image: Image.Image) -> bytes:
    """WebP bytes, 40 to 120 KB for a full picture."""
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=2)
    return out.getvalue()


def things() -> list[str]:
    return [*STANDING, *LYING]


__all__ = ["DYES", "avatar", "draw", "encoded", "things"]

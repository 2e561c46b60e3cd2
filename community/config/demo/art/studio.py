"""The door: a row of data in, a finished picture out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from PIL import Image

from . import clay_things, cloth_things, leather_things, paper_things, small_things, wood_things
from .dye import cloth
from .palette import lighter
from .picture import Picture
from .shapes import ellipse
from .spec import Spec

THUMB, BYTES_LIMIT = 480, 120_000

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
    "candles": (paper_things.candles, 830),
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
    "notebook": paper_things.notebook,
    "lantern": paper_things.lantern,
    "envelopes": paper_things.envelopes,
    "letter_set": paper_things.letter_set,
    "wallet": leather_things.wallet,
    "key_case": leather_things.key_case,
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
NEAR = {
    "wind_chime": 1.02, "vase": 1.06, "candles": 1.06, "lantern": 1.08, "hairpin": 1.08, "yunomi": 1.35,
    "tumbler": 1.22, "chopsticks": 1.1, "kyusu": 1.24, "key_case": 1.06, "earrings": 1.1, "spoons": 1.1,
    "gamaguchi": 1.22, "cutting_board": 1.05, "mittens": 1.0,
}  # fmt: skip


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
    side = 400
    sheet = cloth((side, side), spec.pattern, lighter(spec.base, 0.06), spec.ink, unit=spec.unit * 0.88,
                  angle=spec.angle, seed=seed, weave=0.6)  # fmt: skip
    face = Image.new("RGB", (side, side), spec.base)
    for radius, paint in ((166, spec.ink), (159, spec.base)):
        ring = ellipse(side / 2, side / 2, radius)
        face.paste(paint, (ring.x, ring.y), ring.mask)
    disc = ellipse(side / 2, side / 2, 156)
    face.paste(sheet.crop((disc.x, disc.y, disc.x + disc.size[0], disc.y + disc.size[1])), (disc.x, disc.y), disc.mask)
    return face


Painted = tuple[bytes, bytes, int, int]


def painted(job: tuple[str, int]) -> Painted:
    """Draw a row given as JSON with its seed: the full picture and its thumbnail as WebP, and the size in pixels.

    A plain function of plain values, so that another process can do it.
    """
    text, seed = job
    row = json.loads(text)
    image = draw(row, seed=seed) if "thing" in row else avatar(row, seed=seed)
    small = image.resize((THUMB, THUMB), Image.Resampling.LANCZOS, reducing_gap=3.0) if image.width > THUMB else image
    return encoded(image), encoded(small), image.width, image.height


def encoded(image: Image.Image) -> bytes:
    """WebP bytes of at most BYTES_LIMIT: a busy pattern is given up a little sharpness."""
    data = b""
    for quality in (80, 66, 52, 38):
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=2)
        data = out.getvalue()
        if len(data) <= BYTES_LIMIT:
            break
    return data


def things() -> list[str]:
    return [*STANDING, *LYING]

"""What a picture shows: one row of the catalogue's `pictures`, with colours looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .palette import DYES, PAPERS, Colour

UNITS = {"knit": 26, "sensuji": 22, "juji": 44, "kikko": 52, "mameshibori": 66, "kanoko": 56, "koushi": 84}


@dataclass(frozen=True)
class Spec:
    """`thing` names a drawing; `base`, `ink` and `accent` are its colours; `unit` is the pattern's repeat in pixels."""

    thing: str
    pattern: str
    base: Colour
    ink: Colour
    accent: Colour
    paper: Colour
    unit: float
    angle: float
    seed: int
    moon: bool

    @classmethod
    def read(cls, row: dict[str, Any], *, seed: int) -> Spec:
        """Raises KeyError when a colour is unknown."""
        pattern = row.get("pattern", "asanoha")
        base = DYES[row.get("base", "kinari")]
        return cls(
            thing=row["thing"],
            pattern=pattern,
            base=base,
            ink=DYES[row.get("ink", "ai")],
            accent=DYES[row["accent"]] if "accent" in row else DYES["kakishibu"],
            paper=PAPERS[row.get("paper", "kinari")],
            unit=float(row.get("unit", UNITS.get(pattern, 110))),
            angle=float(row.get("angle", 0)),
            seed=seed,
            moon=bool(row.get("moon", False)),
        )

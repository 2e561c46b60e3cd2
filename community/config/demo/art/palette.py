"""Colours named after the natural dyes, clays and lacquers they come from (sRGB triples)."""

Colour = tuple[int, int, int]

DYES: dict[str, Colour] = {
    # indigo, from the deepest vat to the first dip
    "koiai": (24, 39, 64),
    "ai": (36, 63, 99),
    "hanada": (66, 108, 148),
    "asagi": (96, 146, 155),
    "kamenozoki": (190, 212, 212),
    # madder, sappan, safflower, cherry
    "akane": (166, 60, 56),
    "suo": (122, 48, 60),
    "shu": (190, 72, 48),
    "beni": (200, 96, 88),
    "sango": (219, 142, 122),
    "sakura": (236, 208, 202),
    # kariyasu, gardenia, persimmon tannin, ochre
    "kariyasu": (214, 182, 84),
    "yamabuki": (220, 164, 66),
    "oudo": (186, 142, 84),
    "kakishibu": (146, 82, 50),
    "kuri": (104, 70, 50),
    # greens
    "matcha": (142, 156, 92),
    "wakakusa": (184, 192, 128),
    "matsuba": (80, 100, 66),
    "seiji": (168, 190, 174),
    # violet
    "fuji": (160, 148, 182),
    "nasukon": (70, 60, 92),
    # undyed, ash, ink, clay
    "kinari": (240, 232, 214),
    "gofun": (250, 247, 238),
    "shiracha": (208, 188, 156),
    "hinoki": (222, 192, 150),
    "haizakura": (216, 198, 192),
    "nibi": (122, 120, 116),
    "usuzumi": (178, 176, 170),
    "sumi": (50, 48, 46),
    "shikkoku": (30, 26, 26),
}

PAPERS: dict[str, Colour] = {
    "kinari": (239, 231, 215),
    "gofun": (244, 241, 233),
    "usuzumi": (222, 221, 216),
    "sakura": (238, 221, 214),
    "sora": (216, 227, 229),
    "wakaba": (224, 228, 208),
    "shiracha": (226, 213, 191),
    "fuji": (225, 220, 230),
    "kaki": (231, 206, 184),
    "yoru": (58, 66, 82),
    "susu": (74, 68, 63),
}


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """Return `a` moved towards `b` by `part` (0 keeps a, 1 gives b)."""
    return (
        round(a[0] + (b[0] - a[0]) * part),
        round(a[1] + (b[1] - a[1]) * part),
        round(a[2] + (b[2] - a[2]) * part),
    )


def darker(colour: Colour, part: float) -> Colour:
    """Towards a warm black, never grey."""
    return mix(colour, (28, 22, 20), part)


def lighter(colour: Colour, part: float) -> Colour:
    """Towards the white of shell powder."""
    return mix(colour, (255, 252, 244), part)

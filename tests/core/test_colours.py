"""The colours of static/css/tokens.css, by computation (WCAG 2.2: 4.5 to 1 for text, 3 to 1 for controls)."""

import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "static/css/tokens.css").read_text(encoding="utf-8")
DARK_BY_CHOICE = ':root[data-theme="dark"]'
DARK_BY_SYSTEM = ':root:not([data-theme="light"], [data-theme="dark"])'
GROUNDS = ("paper", "surface", "sunken")
TEXTS = ("ink", "ink-soft", "muted", "accent", "accent-strong", "akane", "matcha", "ochre", "danger")
TINTED = [("accent-strong", "accent-soft"), ("akane", "akane-soft"), ("matcha", "matcha-soft"), ("ochre", "ochre-soft")]
ON = [
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("ink-soft", "chip"),
    ("muted", "chip"),
]
DYES = ("ai", "akane", "matcha", "kaki", "fuji", "sumi", "asagi", "kogane")


def colours(selector: str) -> dict[str, str]:
    block = TOKENS.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


THEMES = {"light": colours(":root"), "dark": colours(DARK_BY_CHOICE)}


def test_the_dark_colours_are_the_same_by_choice_and_by_system() -> None:
    assert colours(DARK_BY_CHOICE) == colours(DARK_BY_SYSTEM)
    assert THEMES["light"].keys() == THEMES["dark"].keys()


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_colour_is_readable_on_every_ground(theme: str) -> None:
    own = THEMES[theme]
    pairs = [*product(TEXTS, GROUNDS), *TINTED, *ON, *(("ink", soft) for _, soft in TINTED), ("ink", "danger-soft")]
    weak = {f"{a} on {b}": round(contrast(own[a], own[b]), 2) for a, b in pairs if contrast(own[a], own[b]) < 4.5}
    assert weak == {}


@pytest.mark.parametrize("theme", THEMES)
def test_the_lines_of_controls_and_the_focus_ring_stand_out(theme: str) -> None:
    own = THEMES[theme]
    pairs = product(("line-strong", "focus"), GROUNDS)
    weak = {f"{a} on {b}": round(contrast(own[a], own[b]), 2) for a, b in pairs if contrast(own[a], own[b]) < 3}
    assert weak == {}


@pytest.mark.parametrize("theme", THEMES)
def test_a_letter_is_readable_on_every_dye(theme: str) -> None:
    weak = {dye: contrast("#fffdf9", THEMES[theme][f"dye-{dye}"]) for dye in DYES}
    assert {dye: round(ratio, 2) for dye, ratio in weak.items() if ratio < 4.5} == {}

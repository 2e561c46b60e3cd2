"""Names that cannot be mistaken for each other.

Rules of Unicode Technical Standard #39 (skeletons, mixed scripts) over the table that the package
confusable-homoglyphs carries, and the lesson of 2013 that a canonical form must be idempotent (S25).
"""

import re
import unicodedata
from functools import cache

from confusable_homoglyphs import categories, confusables
from django.utils.translation import gettext as _

from community.core.errors import Invalid
from community.core.text.tidy import clean_line

NAME_LIMIT = 40
HANDLE_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9_]{1,28})[a-z0-9]")

_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u061c\u180e\u034f\u115f\u1160\u3164\uffa0]")
# Scripts that one name may mix (UTS #39 "highly restrictive"): Japanese, Korean and Chinese with Latin.
_TOGETHER = (
    {"LATIN", "HAN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"},
    {"LATIN", "HAN", "CJK", "HANGUL"},
    {"LATIN", "HAN", "CJK", "BOPOMOFO"},
)
_SCRIPTLESS = {"COMMON", "INHERITED", "UNKNOWN"}


def canonical_name(name: str) -> str:
    """NFKC and case folded until nothing changes: applying it twice is applying it once."""
    while True:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        if folded == name:
            return folded
        name = folded


def skeleton(name: str) -> str:
    """What the name looks like: two names with equal skeletons can be taken for each other."""
    text = unicodedata.normalize("NFKD", canonical_name(name))
    shapes = "".join(_prototype(char) for char in text if not char.isspace())
    return unicodedata.normalize("NFKD", shapes.casefold())[:200]


def check_display_name(name: str, *, field: str = "display_name") -> str:
    """A name fit to be shown; raises `Invalid` for hidden characters, mixed scripts and empty names."""
    if _HIDDEN.search(name):
        raise Invalid(
            _("This name has invisible characters in it. Type it again without copying."),
            code="name_hidden",
            field=field,
        )
    name = clean_line(name, field=field, limit=NAME_LIMIT)
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        raise Invalid(_("A name needs at least one letter or digit."), code="name_without_letters", field=field)
    if not _scripts_fit(name):
        raise Invalid(
            _("This name mixes scripts that look alike. Use one script, or Japanese with Latin letters."),
            code="name_mixed_scripts",
            field=field,
        )
    return name


def check_handle(handle: str, *, field: str = "handle") -> str:
    """A handle: 3 to 30 of a–z, 0–9 and _, not starting or ending with _; raises `Invalid`."""
    handle = canonical_name(handle.strip().lstrip("@"))
    if not HANDLE_PATTERN.fullmatch(handle) or handle in RESERVED:
        raise Invalid(
            _("A handle has 3 to 30 letters a–z, digits or underscores, like hanako_27."),
            code="handle_invalid",
            field=field,
        )
    return handle


# Words that would pretend to speak for the house, or collide with a page.
RESERVED = frozenset({
    *("admin", "administrator", "staff", "official", "hiroba", "moderator", "manager", "support", "help", "system"),
    *("root", "security", "everyone", "all", "here", "me", "api", "accounts", "settings", "static", "media", "live"),
    *("healthz", "readyz", "null", "none", "undefined", "former_member"),
})  # fmt: skip


def _scripts_fit(name: str) -> bool:
    """Whether the name keeps to scripts that are read together; looked at unfolded, for 𝚻 is a Greek letter too."""
    plain = {char: unicodedata.normalize("NFKC", char) for char in name if not char.isspace()}
    if any(shown.startswith(" ") for shown in plain.values()):
        return False  # an accent without its letter: a loose ogonek passes for an i
    scripts = {categories.alias(char) for shown in plain.values() for char in shown} - _SCRIPTLESS
    return len(scripts) <= 1 or any(scripts <= family for family in _TOGETHER)


def _prototype(char: str) -> str:
    """One stand-in for all characters that look like `char`: a Latin letter if it has one among its twins."""
    for _hop in range(3):  # 囗 looks like 口, which looks like ロ
        if char in _STAND_IN or char.isascii():
            break
        nearest = _nearest(char)
        if nearest == char:
            break
        char = nearest
    return _STAND_IN.get(char, char)


@cache
def _nearest(char: str) -> str:
    """The first of `char` and its twins in the table: Latin letters and digits before all others.

    One hop only: the table's twins are not transitive, and following them to the end would make u, v and z one letter.
    """
    found = confusables.confusables_data.get(char, [])
    twins = {unicodedata.normalize("NFKC", entry["c"]).casefold() for entry in found}
    single = {twin for twin in twins if len(twin) == 1} | {char}
    return min(single, key=lambda twin: (not (twin.isascii() and twin.isalnum()), twin))


# What the table leaves apart but a quick eye does not: digits in words, "rn" for "m".
_STAND_IN = {"0": "o", "1": "l", "i": "l", "|": "l", "m": "rn", "ƅ": "b"}  # ƅ: folded from Ƅ, which is a b to the eye

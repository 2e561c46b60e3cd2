"""Forms in which different spellings of one word are equal."""

import re
import unicodedata

from community.core.text.tidy import without_invisible

_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_TAG_GAPS = re.compile(r"[\s\-_・･]+")
_MARKUP = re.compile(r"[*_~`#>|]+|!?\[([^\]]*)\]\([^)]*\)")


def fold(text: str) -> str:
    """Width, case and kana folded: ｻｲﾌ, サイフ and さいふ become さいふ, Ｗallet becomes wallet. Idempotent."""
    text = unicodedata.normalize("NFKC", without_invisible(text)).casefold()
    return unicodedata.normalize("NFKC", text).translate(_KATAKANA)


def tag_key(name: str) -> str:
    """The canonical form of a tag: two names with one key are one tag."""
    return _TAG_GAPS.sub("-", fold(name).strip()).strip("-")


def plain_text(markdown: str, *, limit: int = 160) -> str:
    """About the first `limit` characters of a Markdown text without its marks, for descriptions and previews."""
    text = _MARKUP.sub(lambda found: found[1] or "", markdown[: limit * 4])
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

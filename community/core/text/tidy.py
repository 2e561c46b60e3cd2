"""Text made storable: no control characters, no hidden direction changes, within its size."""

import re
import unicodedata

from django.utils.translation import gettext as _

from community.core.errors import Invalid

# Bytes of UTF-8, checked before any parsing (S12).
BODY_LIMIT = 32 * 1024
# Characters that make the parser work. Prose has a few hundred; a text of nothing else costs a third of a second.
MARKS_LIMIT = 2500

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# Characters that turn the reading direction of what follows ("Trojan Source"), written as escapes on purpose.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u180e\u034f\u115f\u1160\u3164\uffa0]")
_MARKS = re.compile(r"[\n<>\[\]!*_~`|\\&:]")
_DECLARATIONS = re.compile(r"<(?:!(?!--)|\?)[^>]*>?")
_SPACES = re.compile(r"\s+")
# "Zalgo" text: more marks on one letter than any language writes.
_PILED_MARKS = re.compile(
    r"((?:[\u0300-\u036f\u0483-\u0489\u20d0-\u20f0]){4})[\u0300-\u036f\u0483-\u0489\u20d0-\u20f0]+"
)


def tidy(text: str) -> str:
    """Text that PostgreSQL and every page can hold: `\\n` line ends, no control characters, no lone surrogates.

    Direction controls become visible marks like ⟨U+202E⟩, so nobody is fooled by what they do (S26).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATES.sub("\ufffd", text)
    text = _CONTROLS.sub("", text)
    return _BIDI.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def check_body(text: str, *, field: str = "body", limit: int = BODY_LIMIT) -> str:
    """A tidy Markdown body; raises `Invalid` when nothing is written or it is longer than `limit` bytes."""
    text = tidy(text)
    if not _INVISIBLE.sub("", text).strip():
        raise Invalid(_("Write something first."), code="body_empty", field=field)
    size = len(text.encode())
    if size > limit:
        raise Invalid(
            _("This is too long by about %(count)s characters. Shorten it, or split it into two posts.")
            % {"count": max(1, (size - limit) * len(text) // size)},
            code="body_too_long",
            field=field,
        )
    if len(_MARKS.findall(text)) > MARKS_LIMIT:
        raise Invalid(
            _("This has more lines and marks like * or [ than we can show. Split it into two posts."),
            code="body_too_many_marks",
            field=field,
        )
    return text


def clean_line(text: str, *, field: str, limit: int, label: str = "") -> str:
    """One tidy line without invisible characters, spaces folded (titles, names, labels); plain text, never HTML.

    Raises `Invalid` when it is empty or has more than `limit` characters.
    """
    text = unicodedata.normalize("NFC", tidy(text))
    text = _PILED_MARKS.sub(r"\1", _INVISIBLE.sub("", text))
    text = _SPACES.sub(" ", text).strip()
    if not text:
        raise Invalid(_("Please fill in this field."), code=f"{field}_empty", field=field)
    if len(text) > limit:
        raise Invalid(
            _("At most %(limit)s characters; this has %(length)s.") % {"limit": limit, "length": len(text)},
            code=f"{field}_too_long",
            field=field,
        )
    return text


def without_declarations(html: str) -> str:
    """HTML without `<!…>` and `<?…>`, which browsers skip as well: Python's parsers give up or grumble at some.

    A space takes the place, so that what stood around it does not become another one. Comments stay.
    """
    return _DECLARATIONS.sub(" ", html)


def without_invisible(text: str) -> str:
    """The text as a reader sees it; for rules and search only, never for what is stored."""
    return _BIDI.sub("", _INVISIBLE.sub("", text))

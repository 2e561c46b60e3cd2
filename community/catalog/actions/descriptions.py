"""Descriptions as Markdown and as safe HTML. The costly part of an import, so only rows that changed come here."""

import re
from html import unescape

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from markdownify import MarkdownConverter

from community.core.text import BODY_LIMIT, render_markdown, tidy, without_declarations

_LINE_ENDS = re.compile(r"[ \t\u00a0]+\n")
_GAPS = re.compile(r"\n{3,}")
# Most shops' texts are words, breaks and bold headings. Those are read here, ten times quicker than by the library;
# a test holds both against each other on real texts.
_BREAKS_AND_BOLD = re.compile(r"(?:[^<]|<br ?/?>|<b>[^<>\s](?:[^<]*[^<\s])?</b>)*")
# Our Markdown keeps single line ends, so <br> needs no marks; pictures stay out (core.text shows none).
_converter = MarkdownConverter(heading_style="ATX", strip=["img"], bullets="-")


def to_markdown(text: str, form: str) -> tuple[str, list[str]]:
    """The description as Markdown of at most `BODY_LIMIT` bytes, and what happened to it on the way."""
    warnings: list[str] = []
    if form == "html":
        text = _from_html(text, warnings)
    text = tidy(text).strip()
    raw = text.encode()
    if len(raw) > BODY_LIMIT:
        text = raw[: BODY_LIMIT - 3].decode(errors="ignore").rstrip() + "…"
        warnings.append("description: " + _("cut at %(limit)s bytes") % {"limit": BODY_LIMIT})
    return text, warnings


def rendered(markdown: str) -> str:
    """Safe HTML of a description; addresses of people mean nothing here."""
    return render_markdown(markdown) if markdown else ""


def _from_html(html: str, warnings: list[str]) -> str:
    if "<" not in html and "&" not in html:
        return html
    if _BREAKS_AND_BOLD.fullmatch(html):
        return _GAPS.sub("\n\n", _LINE_ENDS.sub("\n", _quick(html)))
    html = without_declarations(html)
    try:
        text = _converter.convert(html)
    except RecursionError:
        # Thousands of elements in each other are no description; its words are still worth something.
        warnings.append("description: " + _("too deeply nested; only its text was kept"))
        text = strip_tags(html)
    return _GAPS.sub("\n\n", _LINE_ENDS.sub("\n", text))


def _quick(html: str) -> str:
    text = re.sub(r"([*_])", r"\\\1", re.sub(r"[ \t\r\n]+", " ", html))
    text = text.replace("<b>", "**").replace("</b>", "**")
    return unescape(re.sub(r"<br ?/?> ?", "\n", text)).strip()

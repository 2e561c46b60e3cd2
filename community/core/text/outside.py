"""Our own text as it is told outside of our pages: in feeds, and to machines that ask what a page is about.

The HTML is what `render_markdown` made: every `<` of a text is escaped in it, so what looks like a tag is one.
"""

import re
from html import unescape

_VALUE = r"""(?:"[^"]*"|'[^']*')"""
_TAG = re.compile(rf"<[^<>\"']*(?:{_VALUE}[^<>\"']*)*>")
_OWN_ADDRESS = re.compile(r"""(\s(?:href|src)=["'])(/(?!/))""")
# Where a tag ends a line of words; all other tags stand inside of one.
_ENDS_LINE = re.compile(r"</(?:p|li|h[1-6]|tr|pre|blockquote)>|<(?:br|hr)\b")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def with_whole_addresses(html: str, origin: str) -> str:
    """The same HTML with `origin` put before the addresses of our own pages and pictures."""
    return _TAG.sub(lambda tag: _OWN_ADDRESS.sub(rf"\1{origin}\2", tag[0]), html)


def words_of(html: str) -> str:
    """What a reader reads of the HTML, a line for each paragraph."""
    lined = _ENDS_LINE.sub(lambda tag: f"\n{tag[0]}", html)
    words = unescape(_TAG.sub("", lined))
    return _LINES.sub("\n", _SPACES.sub(" ", words)).strip()


def for_xml(text: str) -> str:
    """The text without the few characters that no XML document can hold, however they are written."""
    return _NOT_IN_XML.sub("", text)

"""Everything that is done to people's text, once, on the way in.

`tidy` makes text storable, `document` turns Markdown into safe HTML, `names` guards names against look-alikes and
`fold` gives text the form in which two spellings of one word are equal.
"""

from community.core.text.document import Document, parse, render_markdown
from community.core.text.fold import plain_text, tag_key
from community.core.text.names import canonical_name, check_display_name, check_handle, skeleton
from community.core.text.outside import for_xml, with_whole_addresses, words_of
from community.core.text.tidy import BODY_LIMIT, check_body, clean_line, tidy, without_declarations

__all__ = [
    "BODY_LIMIT",
    "Document",
    "canonical_name",
    "check_body",
    "check_display_name",
    "check_handle",
    "clean_line",
    "for_xml",
    "parse",
    "plain_text",
    "render_markdown",
    "skeleton",
    "tag_key",
    "tidy",
    "with_whole_addresses",
    "without_declarations",
    "words_of",
]

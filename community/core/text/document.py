"""Markdown in, safe HTML out: the only place that makes HTML of people's text.

markdown-it renders with raw HTML switched off, then bleach keeps only the tags and attributes listed here. bleach
thus never sees markup that people wrote (S11, S12; ADR 0002 says how to swap it). HTML that `grammar.holds` proves to
be in the allow-list already is not cleaned a second time: on a long table that saves a second of work.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from urllib.parse import urlsplit

import bleach
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from community.core.text import grammar
from community.core.text.names import HANDLE_PATTERN
from community.core.text.tidy import tidy

NESTING_LIMIT = 20  # block and inline levels that the parser follows; deeper marks stay text
MENTION_LIMIT = 20
LINK_LIMIT = 50

TAGS = frozenset({
    *("p", "br", "hr", "strong", "em", "s", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
})  # fmt: skip
ATTRIBUTES = {
    "a": ["href", "rel", "class"],
    "ol": ["start"],
    "code": ["class"],
    "th": ["class"],
    "td": ["class"],
}
SCHEMES = frozenset({"http", "https", "mailto"})
LINK_REL = "ugc nofollow noopener"

# ASCII only: folding the text first would move its letters ("ß" is two), and cost its length for every "@".
_HANDLE = re.compile(HANDLE_PATTERN.pattern, re.ASCII | re.IGNORECASE)

# Linkify and bleach keep state in their objects while they work. Rendering holds the interpreter anyway, so one
# lock costs nothing and each object is built once.
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text: what it mentions and links to, and its HTML once the mentioned people are known.

    `handles` are lower case, in order, without repeats; `links` are the targets as written, but for those in quotes.
    """

    tokens: list[Token] = field(repr=False)
    handles: tuple[str, ...]
    links: tuple[str, ...]

    def html(self, *, people: Mapping[str, str] | None = None) -> str:
        """Safe HTML. `people` maps the handles that exist to the URL of their page; others stay text."""
        env = {"people": people or {}}
        with _one_at_a_time:
            made = _parser().renderer.render(self.tokens, _parser().options, env).strip()
            return made if grammar.holds(made) else _cleaner().clean(made).strip()


def parse(source: str) -> Document:
    """Parse a tidy text of at most `BODY_LIMIT` bytes (check with `check_body` first)."""
    with _one_at_a_time:
        tokens = _parser().parse(tidy(source))
    handles = [token.content for token in _inline(tokens) if token.type == "mention"]
    own = _inline(_unquoted(tokens))
    links = [str(token.attrs["href"]) for token in own if token.type == "link_open" and "href" in token.attrs]
    return Document(
        tokens=tokens,
        handles=tuple(dict.fromkeys(handles))[:MENTION_LIMIT],
        links=tuple(dict.fromkeys(links))[:LINK_LIMIT],
    )


def _inline(tokens: Iterable[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or ()]


def _unquoted(tokens: Iterable[Token]) -> Iterator[Token]:
    """What the writer says, without the words of others that are quoted."""
    depth = 0
    for token in tokens:
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if not depth:
            yield token


def render_markdown(source: str, *, people: Mapping[str, str] | None = None) -> str:
    """Parse and render in one step."""
    return parse(source).html(people=people)


def clean_html(html: str) -> str:
    """Any HTML cut down to our allow-list by bleach; `clean_html(clean_html(x)) == clean_html(x)`."""
    with _one_at_a_time:
        return _cleaner().clean(html).strip()


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt(
        "commonmark",
        {"html": False, "linkify": True, "breaks": True, "xhtmlOut": False, "maxNesting": NESTING_LIMIT},
    ).enable(["table", "strikethrough", "linkify"])
    # Pictures are uploads of ours; a remote one would tell its server who reads us.
    parser.disable(["image", "html_block", "html_inline", "reference"])
    parser.linkify = _Addresses(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    parser.inline.ruler.push("mention", _mention)
    parser.core.ruler.push("house_style", _house_style)
    parser.add_render_rule("mention", _render_mention)
    parser.validateLink = _may_link  # type: ignore[method-assign]
    return parser


class _Addresses(LinkifyIt):
    """Addresses are linked when written with their scheme; "example.com" in a sentence stays a word.

    Every such address has "//" in it or "mailto:". Where neither is, linkify's own look, by patterns that weigh every
    letter in both cases, took a fifth of the time of all Markdown.
    """

    def pretest(self, text: str) -> bool:
        return "//" in text or "mailto:" in text.lower()

    def test(self, text: str) -> bool:
        return self.pretest(text) and bool(super().test(text))


@cache
def _cleaner() -> bleach.Cleaner:
    return bleach.Cleaner(tags=TAGS, attributes=ATTRIBUTES, protocols=SCHEMES, strip=True, strip_comments=True)


def _mention(state: StateInline, silent: bool) -> bool:
    """`@handle` where a word may begin."""
    if state.src[state.pos] != "@":
        return False
    before = state.src[state.pos - 1] if state.pos else " "
    if before.isascii() and (before.isalnum() or before in "_@./"):
        return False
    found = _HANDLE.match(state.src, state.pos + 1)
    if found is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content = found[0].lower()
        token.markup = state.src[state.pos : found.end()]
    state.pos = found.end()
    return True


def _render_mention(
    self: object, tokens: list[Token], idx: int, options: object, env: dict[str, Mapping[str, str]]
) -> str:
    token = tokens[idx]
    url = env["people"].get(token.content)
    if url is None:
        return token.markup  # as it was written
    return f'<a class="mention" href="{url}">@{token.content}</a>'


def _house_style(state: object) -> None:
    """Headings below the page's own, relations on links, column sides as classes (styles are forbidden).

    No heading is more than one level below the one before it, whatever was typed: who listens to a page walks by them.
    """
    level = 2
    for token in state.tokens:  # type: ignore[attr-defined]
        if token.type == "heading_open":
            level = min(int(token.tag[1]) + 2, level + 1, 6)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{level}"
        elif token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs["class"] = str(token.attrs.pop("style")).replace("text-align:", "align-")
        for child in token.children or ():
            if child.type == "link_open":
                child.attrs["rel"] = LINK_REL


def _may_link(url: str) -> bool:
    """Only addresses with one of our schemes, and paths of this site."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme.lower() in SCHEMES
    return url.startswith("/") and not url.startswith(("//", "/\\"))

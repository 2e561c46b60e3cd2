"""`{% kept %}`: a part of a template that is drawn once for all that it shows.

    {% kept "header" view_name user.handle %}
      …
      {% fresh %}{% csrf_token %}{% endfresh %}
    {% endkept %}

The name and the values are the key, with the language and the time zone: whoever writes the tag names there everything
that the part shows. What is another one each time stands in `{% fresh %}` and is drawn each time. With `unless=value`,
the part is drawn and not kept where the value is true (a form that comes back with somebody's words in it).

`{% fresh %}` may stand outside of `{% kept %}` too: where a whole page is kept (`core.edge.ready`), all that is fresh
in it is drawn for each reader. It then knows the request, its user and what the view names as the reader's own, and
nothing that the template around it has set.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString, mark_safe

from community.core.kept import Kept, speech

register = template.Library()

PARTS = Kept(budget=8_000_000)
# No page has a NUL character.
MARK = re.compile("\0([0-9]+)\0")
PAGE_MARK = re.compile("\0:([0-9]+)\0")
UNLESS = "unless="
# Whether a part is being drawn to be kept: what is fresh in a part inside of it would be kept along with it.
_drawing: ContextVar[bool] = ContextVar("drawing_a_kept_part", default=False)
# What is fresh in the page that is being drawn to be kept, in the order of its marks.
_page: ContextVar[list["FreshNode"] | None] = ContextVar("drawing_a_kept_page", default=None)


class FreshNode(template.Node):
    """Draws a mark while its part, or the page, is made to be kept; its words are put there for each reader."""

    def __init__(self, nodelist: NodeList, *, in_part: bool) -> None:
        self.nodelist = nodelist
        self.in_part = in_part
        self.place = 0

    def render(self, context: template.Context) -> SafeString:
        if not _drawing.get():
            return self.words(context)
        if not self.in_part:
            raise template.TemplateSyntaxError("fresh words stand in a kept part of another template")
        return mark_safe(f"\0{self.place}\0")  # noqa: S308  a number

    def words(self, context: template.Context) -> SafeString:
        page = _page.get()
        if page is None:
            return self.nodelist.render(context)
        page.append(self)
        return mark_safe(f"\0:{len(page) - 1}\0")  # noqa: S308  a number


@contextmanager
def page_to_keep() -> Iterator[list[FreshNode]]:
    """Inside of it, what is fresh comes out as marks (`PAGE_MARK`), each the index of its node in the list."""
    fresh: list[FreshNode] = []
    token = _page.set(fresh)
    try:
        yield fresh
    finally:
        _page.reset(token)


class KeptNode(template.Node):
    def __init__(
        self, name: str, values: list[FilterExpression], unless: list[FilterExpression], nodelist: NodeList
    ) -> None:
        self.name, self.values, self.unless, self.nodelist = name, values, unless, nodelist
        self.fresh: list[FreshNode] = nodelist.get_nodes_by_type(FreshNode)  # type: ignore[assignment]
        for place, node in enumerate(self.fresh):
            node.place = place

    def render(self, context: template.Context) -> SafeString:
        if self.fresh and _drawing.get():
            raise template.TemplateSyntaxError(f"kept part {self.name!r} has fresh words and stands in a kept part")
        if any(value.resolve(context, ignore_failures=True) for value in self.unless):
            return self._with_fresh(self._drawn(context), context)
        shown = tuple([value.resolve(context) for value in self.values])
        drawn = PARTS.get((self.name, speech(), shown), lambda: self._drawn(context))
        return self._with_fresh(drawn, context) if self.fresh else drawn

    def _drawn(self, context: template.Context) -> SafeString:
        token = _drawing.set(True)
        try:
            # A token of one reader that is not inside of {% fresh %} must never be kept for others.
            with context.push(csrf_token=""):
                return self.nodelist.render(context)
        finally:
            _drawing.reset(token)

    def _with_fresh(self, drawn: SafeString, context: template.Context) -> SafeString:
        pieces: list[str] = MARK.split(drawn)  # words, place, words, place, …
        pieces[1::2] = [self.fresh[int(place)].words(context) for place in pieces[1::2]]
        return mark_safe("".join(pieces))  # noqa: S308  parts of templates, escaped there


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """`{% kept "name" value value … unless=value %}…{% endkept %}`"""
    _tag, name, *rest = token.split_contents()
    values = [parser.compile_filter(one) for one in rest if not one.startswith(UNLESS)]
    unless = [parser.compile_filter(one.removeprefix(UNLESS)) for one in rest if one.startswith(UNLESS)]
    within = getattr(parser, "kept_depth", 0)
    parser.kept_depth = within + 1  # type: ignore[attr-defined]
    nodelist = parser.parse(("endkept",))
    parser.kept_depth = within  # type: ignore[attr-defined]
    parser.delete_first_token()
    return KeptNode(name.strip("\"'"), values, unless, nodelist)


@register.tag
def fresh(parser: Parser, token: Token) -> FreshNode:
    """`{% fresh %}…{% endfresh %}`; inside of `{% kept %}` it may stand in a condition, not in a loop."""
    nodelist = parser.parse(("endfresh",))
    parser.delete_first_token()
    return FreshNode(nodelist, in_part=bool(getattr(parser, "kept_depth", 0)))

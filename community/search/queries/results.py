"""A page of results as it is shown: what was found, how it looks, and what was not understood."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.safestring import SafeString

from community.members.permissions import Viewer
from community.search.models import Document
from community.search.permissions import visible_to
from community.search.queries.excerpts import excerpt, marked
from community.search.queries.find import SIZE, Found, Hit, find, finds_nothing
from community.search.queries.language import Asked, Filter, understood
from community.search.queries.terms import Term
from community.search.registry import Card, source, sources

SUGGESTED = 8
TRIED = 4  # filters of a question that found nothing
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Result:
    """`title` and `excerpt` are safe HTML with marks, and nothing else in it."""

    kind: str
    object_id: int
    card: Card
    title: SafeString
    excerpt: SafeString


@dataclass(frozen=True, slots=True)
class Kind:
    """A filter, and how many of the results it would leave."""

    kind: str
    name: Any
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    asked: Asked
    rows: Sequence[Result] = ()
    kinds: Sequence[Kind] = ()
    next: str | None = None
    previous: None = None  # a list by relevance has a way on and a way back to its beginning
    loose: bool = False
    more: bool = False
    pasted: bool = False
    gone: bool = False  # an address of ours, with nothing (any more) behind it
    page: str = ""  # an address of ours that is a page, but nothing that can be found
    vain: Sequence[Filter] = ()  # where nothing was found: the filters that nothing fits
    hints: Sequence[str] = field(default_factory=list)
    counted: Found = field(default_factory=Found)  # what `facets_of` tells of

    @property
    def total(self) -> int:
        return sum(one.count for one in self.kinds)


def search(
    *, text: str, viewer: Viewer, kind: str = "", cursor: str = "", size: int = SIZE, newest: bool = False
) -> Results:
    """Answer a question. Raises `Invalid` for a foreign cursor, and for nothing else."""
    asked = understood(text)
    address = _pasted(text, viewer)
    if address is not None:
        return Results(asked, shown([address], viewer, ()), pasted=True)
    if page := _own_page(text.strip()):
        return Results(asked, gone=page == GONE, page=page if page != GONE else "")
    if asked.is_empty:
        return Results(asked, hints=asked.hints)
    kind = kind if source(kind) else ""
    found = find(asked=asked, viewer=viewer, cursor=cursor, size=size, kind=kind, newest=newest)
    return Results(
        asked,
        rows=shown(found.hits, viewer, found.terms),
        kinds=_kinds(found),
        next=found.next,
        loose=found.loose,
        more=found.more,
        hints=asked.hints,
        counted=found,
        vain=() if found.kinds else [one for one in asked.filters[:TRIED] if finds_nothing(one.marks, viewer)],
    )


def _kinds(found: Found) -> list[Kind]:
    return [Kind(one.kind, one.name, found.kinds[one.kind]) for one in sources() if one.kind in found.kinds]


def shown(hits: Sequence[Hit], viewer: Viewer, terms: Sequence[Term]) -> list[Result]:
    """The rows behind the hits. Each app asks its own rules once more; what they refuse is left out."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for hit in hits:
        wanted[hit.kind].append(hit.object_id)
    cards: dict[tuple[str, int], Card] = {}
    for kind, ids in wanted.items():
        cards |= {(kind, pk): card for pk, card in _cards(kind, ids, viewer).items()}
    places = [(hit.kind, hit.object_id) for hit in hits if (hit.kind, hit.object_id) in cards]
    return [_result(*place, cards[place], terms) for place in places]


def _cards(kind: str, ids: Sequence[int], viewer: Viewer) -> Mapping[int, Card]:
    plugged = source(kind)
    return plugged.cards(ids, viewer) if plugged is not None else {}


def _result(kind: str, object_id: int, card: Card, terms: Sequence[Term]) -> Result:
    return Result(kind, object_id, card, marked(card.title, terms), excerpt(card.text, terms))


# --- An address instead of words -----------------------------------------------------------------------------


def _pasted(text: str, viewer: Viewer) -> Hit | None:
    """The document an address on this site leads to, if the viewer may see it."""
    path = own_path(text.strip())
    if not path:
        return None
    for plugged in sources():
        pk = plugged.pasted(path)
        if pk is None:
            continue
        row = Document.objects.filter(visible_to(viewer), kind=plugged.kind, object_id=pk).first()
        if row is not None:
            return Hit(row.pk, row.kind, row.object_id, row.thread_id, 0)
    return None


def _own_page(text: str) -> str:
    """What an address on this site that leads to no document is: its path if it is another page, `GONE`, or "" where
    it is no address at all.
    """
    path = own_path(text)
    if not path:
        return ""
    try:
        found = resolve(path)
    except Resolver404:
        return "" if text.startswith("/") else GONE
    return GONE if found.kwargs or found.args else path


def own_path(text: str) -> str:
    """The path of an address on this site, or of one without a host; else ""."""
    if not text.startswith(("/", "http://", "https://")) or any(letter.isspace() for letter in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    origin = f"{parts.scheme}://{parts.netloc}"
    return unquote(parts.path) if not parts.netloc or origin in settings.LIVE_ORIGINS else ""

"""What might be meant by what is being typed: titles and names that have the words, the last of them unfinished."""

from collections.abc import Sequence

from django.db import connection

from community.core.text.fold import fold
from community.members.permissions import Viewer
from community.search.permissions import readable_places, shunned_by
from community.search.queries.find import Hit
from community.search.queries.results import SUGGESTED, Result, shown
from community.search.queries.terms import terms_of
from community.search.registry import quoted

LOOKED_AT = 300  # titles
LIMIT = 60  # characters typed


def suggest(*, text: str, viewer: Viewer) -> Sequence[Result]:
    """At most eight. Items and makers before talk; of each the newest first."""
    typed = fold(text[:LIMIT]).strip()
    condition = _condition(typed)
    if not condition:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, object_id, thread_id, 0 FROM (SELECT * FROM search_document WHERE words @@ %s::tsquery "
            "AND place = ANY(%s) AND (author_id IS NULL OR author_id <> ALL(%s::bigint[])) LIMIT %s) AS some_titles "
            "ORDER BY CASE kind WHEN 'item' THEN 0 WHEN 'creator' THEN 1 WHEN 'tag' THEN 1 ELSE 2 END, "
            "created_at DESC, id DESC LIMIT %s",
            [condition, readable_places(viewer), sorted(shunned_by(viewer)), LOOKED_AT, SUGGESTED],
        )
        hits = [Hit(*row) for row in cursor.fetchall()]
    return shown(hits, viewer, terms_of(typed))


def _condition(typed: str) -> str:
    """The last word may go on; it is taken as it was typed, because half a word is in no dictionary."""
    *whole, last = typed.split() or [""]
    if not _long_enough(last):
        return ""
    before = [term.in_title for term in terms_of(" ".join(whole))]
    terms = terms_of(last)
    ways = [_begun(last)]
    if terms:
        ways.append(" & ".join(term.in_title for term in terms))
        # Without spaces the dictionary says where the last word begins.
        *inner, end = terms
        ways.append(" & ".join([*(term.in_title for term in inner), _begun(end.spellings[0])]))
    return " & ".join([*before, f"({' | '.join(f'({way})' for way in dict.fromkeys(ways))})"])


def _begun(word: str) -> str:
    return f"({quoted('=' + word)}:* | {quoted('=~' + word)}:*)"


def _long_enough(word: str) -> bool:
    """One kanji says something, one kana or letter does not."""
    return len(word) > 1 or word > "ヿ"

"""Writes of the index and of the log of searches."""

from community.search.actions.index import index, index_later, place_thread, put_at_the_end, remove, remove_thread
from community.search.actions.note import forget_lookups, note_lookup
from community.search.actions.rebuild import rebuild

__all__ = [
    "forget_lookups",
    "index",
    "index_later",
    "note_lookup",
    "place_thread",
    "put_at_the_end",
    "rebuild",
    "remove",
    "remove_thread",
]

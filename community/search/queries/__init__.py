"""Reads of the index and of the log of searches."""

from community.search.queries.examples import Example, examples
from community.search.queries.facets import facets_of
from community.search.queries.find import Found, Hit, find
from community.search.queries.language import LIMIT, Asked, understood
from community.search.queries.lookups import asked_in_vain, asked_most
from community.search.queries.results import Result, Results, search
from community.search.queries.statistics import forget
from community.search.queries.suggest import suggest

__all__ = [
    "LIMIT",
    "Asked",
    "Example",
    "Found",
    "Hit",
    "Result",
    "Results",
    "asked_in_vain",
    "asked_most",
    "examples",
    "facets_of",
    "find",
    "forget",
    "search",
    "suggest",
    "understood",
]

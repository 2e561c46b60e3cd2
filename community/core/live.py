"""Where the live log stands, for pages that go on live after they are made.

A page asks for the number BEFORE it reads its rows. What commits in between is then in the rows and comes again as an
event, which changes nothing; read the other way round, it would be in neither, and be lost to that page.
"""

from collections.abc import Callable, Mapping, Sequence

Source = Callable[[Sequence[str]], Mapping[str, int]]

_source: Source | None = None
_question = "SELECT 0"


def use_source(source: Source, question: str) -> None:
    """Say who knows the numbers (`community.config` passes the live log's `latest`), and how SQL asks for one."""
    global _source, _question
    _source, _question = source, question


def position(stream: str) -> int:
    """The newest number of `stream`; 0 while it has no event."""
    return positions([stream])[stream]


def positions(streams: Sequence[str]) -> Mapping[str, int]:
    """The newest number of each stream, all read in one query."""
    return _source(streams) if _source is not None else dict.fromkeys(streams, 0)


def position_sql(stream: str) -> str:
    """An expression for the newest number of the stream that the SQL expression `stream` names, as part of another
    question: what is read with it belongs to exactly that number.
    """
    return f"coalesce(({_question.format(stream=stream)}), 0)"

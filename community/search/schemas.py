"""What the search says over HTTP."""

from datetime import datetime

from ninja import Schema


class ResultOut(Schema):
    """`title_html` and `excerpt_html` hold escaped text and `<mark>`, nothing else."""

    kind: str
    id: int
    url: str
    label: str
    title: str
    title_html: str
    excerpt_html: str
    facts: list[str]
    at: datetime | None = None
    picture: str | None = None


class ResultPage(Schema):
    """`next` is the cursor of the next page. `kinds` counts results by kind, up to about a thousand; `more` says that
    there are more. `loose`: nothing has all the words. `hints` say what of the question was not understood.
    """

    results: list[ResultOut]
    next: str | None
    kinds: dict[str, int]
    more: bool
    loose: bool
    hints: list[str]

"""A small market in which things can be found."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from community.catalog.models import Item, Shop
from community.members.models import Member
from community.members.permissions import VISITOR, Viewer
from community.search import queries
from community.search.models import Document
from tests.factories import catalog as shops
from tests.threads.conftest import ana, ben, kanri, mori, square

__all__ = ["ana", "ben", "kanri", "mori", "square"]

Find = Callable[..., list[tuple[str, int]]]


@pytest.fixture(autouse=True)
def _fresh_statistics() -> Iterator[None]:
    queries.forget()
    yield
    queries.forget()


@pytest.fixture
def kobo(db: None) -> Shop:
    return shops.make_shop("kobo")


@pytest.fixture
def wallet(kobo: Shop) -> Item:
    shops.bring_creator(kobo, "c1", name="革工房もり")
    return shops.make_item(
        kobo,
        "i1",
        title="本革の財布",
        description="**牛革**を手で縫いました。",
        price="12000",
        creator="c1",
        tags=["革小物"],
    )


@pytest.fixture
def find() -> Find:
    """`find("財布", viewer=ana)`: what is found, best first, as (kind, id)."""

    def ask(text: str, viewer: Viewer | Member = VISITOR, **given: Any) -> list[tuple[str, int]]:
        return [(row.kind, row.object_id) for row in queries.search(text=text, viewer=viewer, **given).rows]

    return ask


def index_as_it_is() -> list[tuple[Any, ...]]:
    """Every document with its words, for comparing."""
    rows = Document.objects.order_by("kind", "object_id")
    names = ("kind", "object_id", "thread_id", "author_id", "place", "created_at", "price", "length", "words")
    return list(rows.values_list(*names))

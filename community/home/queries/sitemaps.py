"""What search engines are told there is. A map covers a range of ids: no rows are counted or skipped, and a row stays
in the map it was in.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple, cast

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from community.catalog import queries as catalog
from community.catalog.models import Creator, Item, Shop
from community.catalog.permissions import visible_creators, visible_items, visible_shops
from community.core.errors import NotVisible
from community.members.permissions import VISITOR
from community.threads import queries as threads
from community.threads.models import Thread
from community.threads.permissions import visible_threads

RANGE: Final = 1_000  # ids; making as many addresses takes 70 ms of CPU, and there may be 50,000 maps
TAGS: Final = 200
Rows = QuerySet[Thread] | QuerySet[Item] | QuerySet[Creator] | QuerySet[Shop]


class Place(NamedTuple):
    path: str
    changed: datetime | None = None


class Part(NamedTuple):
    """One of the maps: `number` counts ranges of ids, from 1."""

    kind: str
    number: int


def parts() -> list[Part]:
    """The maps that have an address in them. 4 queries."""
    return [Part(kind, number) for kind, rows in _kinds().items() for number in _ranges(rows)]


def places(*, kind: str, number: int) -> Iterator[Place]:
    """What one map lists; raises `NotVisible` for one that has nothing. 1 query, with kinds of `parts` alone."""
    rows = _kinds().get(kind)
    if rows is None or not 0 < number < 10**6:
        raise NotVisible(_("There is nothing here."))
    found = list(rows.filter(pk__gt=(number - 1) * RANGE, pk__lte=number * RANGE).order_by("pk"))
    if not found:
        raise NotVisible(_("There is nothing here."))
    return map(_place, cast(list[Thread | Item | Creator | Shop], found))


def fixed_places() -> Iterable[Place]:
    """The pages that there is one of each, the categories, and the tags with most behind them. 2 queries."""
    names = ("home:front", "home:about", "home:items", "threads:list", "home:creators", "home:tags")
    yield from (Place(reverse(name)) for name in names)
    for category in threads.categories(VISITOR):
        yield Place(reverse("threads:category", args=[category.slug]))
    for tag in catalog.popular_tags(limit=TAGS):
        yield Place(reverse("home:tag", args=[tag.slug]))


def _kinds() -> dict[str, Rows]:
    """The rows of each kind that visitors may see, with what a map shows of them."""
    return {
        "threads": Thread.objects.filter(visible_threads(VISITOR)).only("slug", "last_post_at"),
        "items": Item.objects.filter(visible_items(VISITOR)).only("slug", "published_at", "last_talk_at"),
        "creators": Creator.objects.filter(visible_creators(VISITOR), item_count__gt=0).only("slug"),
        "shops": Shop.objects.filter(visible_shops(VISITOR)).only("slug"),
    }


def _place(row: Thread | Item | Creator | Shop) -> Place:
    if isinstance(row, Thread):
        return Place(row.get_absolute_url(), row.last_post_at)
    if isinstance(row, Item):
        return Place(row.get_absolute_url(), max(row.published_at, row.last_talk_at or row.published_at))
    return Place(row.get_absolute_url())


_RANGES = """
SELECT part FROM generate_series(1, (SELECT coalesce(max(id), 0) / {size} + 1 FROM {table})) part
WHERE EXISTS (SELECT FROM ({rows}) shown WHERE shown.id > (part - 1) * {size} AND shown.id <= part * {size})
"""


def _ranges(rows: Rows) -> list[int]:
    """The ranges of ids in which there is a row: one look into the index for each."""
    inner, given = rows.values("id").query.sql_with_params()
    sql = _RANGES.format(size=RANGE, table=connection.ops.quote_name(rows.model._meta.db_table), rows=inner)
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [number for (number,) in cursor.fetchall()]

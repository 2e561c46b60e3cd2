"""Many rows in one statement, and what they add to counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from community.catalog.actions import tags_for
from community.catalog.actions.sql import as_json, recordset, run
from community.core.text import clean_line, tag_key
from community.members.models import Member
from community.threads.actions.counters import change_category
from community.threads.actions.tagging import LENGTH as TAG_LENGTH
from community.threads.actions.tagging import LIMIT as TAG_LIMIT
from community.threads.models import Post, TaggedThread, Thread


@dataclass(slots=True)
class Fresh:
    """Rows that a batch adds, and what they add to the counts of people (by id) and categories (by id)."""

    threads: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    tagged: list[tuple[int, list[str]]] = field(default_factory=list)  # thread id, names
    post_count: Counter[int] = field(default_factory=Counter)
    thread_count: Counter[int] = field(default_factory=Counter)
    accepted_count: Counter[int] = field(default_factory=Counter)
    category_threads: Counter[int] = field(default_factory=Counter)
    category_posts: Counter[int] = field(default_factory=Counter)

    def accepted(self, *, asker: int, author: int) -> None:
        """An accepted answer counts for its author, unless people answer themselves."""
        if author != asker:
            self.accepted_count[author] += 1

    def insert(self) -> None:
        """Write it all: threads, posts, tags, then counts of members and categories in the order all writers keep."""
        insert(Thread, self.threads)
        insert(Post, self.posts)
        _tag(self.tagged)
        _count_people(self)
        for category_id in sorted(self.category_posts):
            threads, posts = self.category_threads[category_id], self.category_posts[category_id]
            change_category(category_id, threads=threads, posts=posts)


def insert(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        columns = list(rows[0])
        names = ", ".join(f'"{name}"' for name in columns)
        table = model._meta.db_table
        run(
            f'INSERT INTO "{table}" ({names}) SELECT {names} FROM {recordset(model, columns)}',  # noqa: S608
            [as_json(rows)],
            fetch=False,
        )


def reserved(model: type[models.Model], count: int) -> Iterator[int]:
    """Ids of rows to come, so that rows of one batch can point at each other."""
    statement = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return (pk for (pk,) in run(statement, [model._meta.db_table, count])) if count else iter(())


def columns_of(model: type[models.Model]) -> dict[str, Any]:
    """The model's own defaults by column, in one order for all rows."""
    fields = [one for one in model._meta.concrete_fields if not one.primary_key]
    return {"id": None} | {str(one.column): one.get_default() for one in fields}


def _tag(tagged: Iterable[tuple[int, list[str]]]) -> None:
    wanted = [(thread_id, name) for thread_id, names in tagged for name in _tag_names(names)]
    if not wanted:
        return
    tags = {tag.key: tag.pk for tag in tags_for([name for _thread, name in wanted])}
    pairs = {(thread_id, tags[tag_key(name)]) for thread_id, name in wanted}
    rows = [{"content_object_id": thread_id, "tag_id": tag_id} for thread_id, tag_id in sorted(pairs)]
    insert(TaggedThread, rows)


def _tag_names(names: Iterable[str]) -> list[str]:
    usable = [clean_line(name[:TAG_LENGTH], field="tags", limit=TAG_LENGTH) for name in names if tag_key(name)]
    return usable[:TAG_LIMIT]


_COUNT_PEOPLE = """
UPDATE members_member m SET post_count = m.post_count + r.posts, thread_count = m.thread_count + r.threads,
    accepted_count = m.accepted_count + r.accepted
FROM json_to_recordset(%s) AS r(id bigint, posts int, threads int, accepted int) WHERE r.id = m.id
"""


def _count_people(fresh: Fresh) -> None:
    ids = sorted(set(fresh.post_count) | set(fresh.thread_count) | set(fresh.accepted_count))
    if not ids:
        return
    rows = [
        {
            "id": pk,
            "posts": fresh.post_count[pk],
            "threads": fresh.thread_count[pk],
            "accepted": fresh.accepted_count[pk],
        }
        for pk in ids
    ]
    # In the order of their ids, as every writer takes them.
    list(Member.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    run(_COUNT_PEOPLE, [as_json(rows)], fetch=False)

"""A page of a very long thread is read as a page of a short one: the database is asked how, not the clock how long."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members.models import Member
from community.threads.models import Category, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db

# Replies like the opening post, as many as wanted, written by the database itself.
_FILL = """
INSERT INTO threads_post (thread_id, number, author_id, body, body_html, state, version, created_at, edit_count,
  delete_reason, reactions, item_ids, picture_count, score, answer_number, esteem, origin, origin_id, origin_url,
  origin_licence)
SELECT thread_id, nth, author_id, body, body_html, state, version, created_at, 0,
  '', '{}', '[]', 0, 0, nth, 0, '', '', '', ''
FROM threads_post, generate_series(2, %s) nth WHERE thread_id = %s AND number = 1
"""


def filled(thread: Thread, *, replies: int) -> Thread:
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [replies + 1, thread.pk])
        cursor.execute("ANALYZE threads_post")
    Thread.objects.filter(pk=thread.pk).update(last_number=replies + 1, reply_count=replies)
    thread.refresh_from_db()
    return thread


def work_of(client: Client, thread: Thread, page: int) -> tuple[list[str], int, int]:
    """(how tables are read, rows read, blocks touched) by all questions of one page, as PostgreSQL counts them."""
    path = f"{thread.get_absolute_url()}?page={page}"
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    nodes = [node for query in asked.captured_queries for node in _nodes(_plan(query["sql"]))]
    posts = [node for node in nodes if node.get("Relation Name") == "threads_post"]
    rows = sum(node["Actual Rows"] * node["Actual Loops"] for node in nodes if "Relation Name" in node)
    blocks = sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in posts)
    return [node["Node Type"] for node in posts], int(rows), blocks


def _plan(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
        found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


@pytest.mark.parametrize("shown", [20, 50])
def test_the_middle_of_a_hundred_thousand_replies_costs_what_twenty_replies_cost(
    ana: Member, square: Category, settings: Any, shown: int
) -> None:
    settings.POSTS_PER_PAGE = shown
    client = Client()
    client.force_login(ana)
    short = filled(make.open_thread(ana, square), replies=shown - 1)
    long = filled(make.open_thread(ana, square), replies=100_000)
    _how, few_rows, few_blocks = work_of(client, short, 1)
    pages = -(-long.last_number // shown)
    for page in (1, pages // 2, pages - 1):
        how, rows, blocks = work_of(client, long, page)
        assert "Seq Scan" not in how
        assert rows <= few_rows
        # One level more of an index, for each time it is gone through: the length of the thread is not in it.
        assert blocks <= few_blocks + 3 * len(how)


def test_a_page_found_by_counting_would_be_seen(ana: Member, square: Category) -> None:
    long = filled(make.open_thread(ana, square), replies=20_000)
    plan = _plan(f"SELECT id FROM threads_post WHERE thread_id = {long.pk} ORDER BY number OFFSET 10000 LIMIT 20")
    assert max(node["Actual Rows"] for node in _nodes(plan)) > 10_000

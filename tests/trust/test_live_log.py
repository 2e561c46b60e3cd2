"""REL-7: stream numbers have no holes and become visible in the order of commits."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from realtime import log
from tests.realtime.harness import Note

WRITERS = 50
EACH = 200

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.usefixtures("live_tables")


def run_writers(write: Callable[[int], None], read_after: Callable[[int], list[int]]) -> list[int]:
    """50 threads write 200 times each while one reader polls "> last"; returns the numbers that the reader saw."""
    seen: list[int] = []
    done = threading.Event()

    def writer(number: int) -> None:
        try:
            for _ in range(EACH):
                write(number)
        finally:
            connection.close()

    def poll() -> None:
        try:
            while True:
                last_round = done.is_set()
                seen.extend(read_after(seen[-1] if seen else 0))
                if last_round:
                    return
        finally:
            connection.close()

    writers = [threading.Thread(target=writer, args=(n,)) for n in range(WRITERS)]
    poller = threading.Thread(target=poll)
    for thread in (*writers, poller):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    poller.join()
    return seen


def append_and_linger(_writer: int) -> None:
    with transaction.atomic():
        log.append_many([Note("probe.7")])
        time.sleep(0.0005 if _writer % 10 == 0 else 0)  # some commits are slower than others


def poll_log(after: int) -> list[int]:
    page = log.read("probe.7", after, 500)
    assert isinstance(page, log.Page)
    return [event.seq for event in page.events]


@pytest.fixture
def roomy_pool(live_tables: None) -> Iterator[None]:
    """50 writers at once need 50 connections; the site's own pool would let 16 of them in at a time."""
    connection.ensure_connection()
    pool = connection.pool
    assert pool is not None
    usual = (pool.min_size, pool.max_size)
    pool.resize(1, WRITERS + 4)
    yield
    pool.resize(*usual)


@pytest.mark.usefixtures("roomy_pool")
def test_a_poller_of_the_log_sees_all_10_000_events_of_50_writers_in_order() -> None:
    seen = run_writers(append_and_linger, poll_log)
    while len(rest := poll_log(seen[-1])):
        seen.extend(rest)
    assert seen == list(range(1, WRITERS * EACH + 1))


@pytest.fixture
def plain_table(live_tables: None) -> Iterator[None]:
    """What most projects do: an identity column as the number."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE control_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at real)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE control_event")


def insert_and_linger(writer: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO control_event (at) VALUES (0)")
        time.sleep(0.0005 if writer % 10 == 0 else 0)


def poll_table(after: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM control_event WHERE id > %s ORDER BY id LIMIT 500", [after])
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.usefixtures("roomy_pool", "plain_table")
def test_control_a_poller_of_an_identity_column_skips_events() -> None:
    seen = run_writers(insert_and_linger, poll_table)
    while len(rest := poll_table(seen[-1])):
        seen.extend(rest)
    assert len(seen) < WRITERS * EACH

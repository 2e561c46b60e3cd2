"""Servers that a test may kill. They live in a folder of the test's own and end with it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from realtime import valkey as door
from realtime.models import Stream, StreamEvent
from tests.realtime.harness import OwnValkey, Web


@pytest.fixture
def live_tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database with real commits, for tests that write the log alone: two tables are emptied in no time."""
    with django_db_blocker.unblock():
        yield
        StreamEvent.objects.all().delete()
        Stream.objects.all().delete()
        connection.close()


@pytest.fixture
def own_valkey(tmp_path: Path, settings: Any) -> Iterator[OwnValkey]:
    """A Valkey that this test may kill; the test's own publishes go there too."""
    server = OwnValkey(tmp_path / "valkey")
    server.start()
    settings.REDIS_URL = server.url
    door.breaker.answered()
    yield server
    door.breaker.answered()
    door._client(server.url, 0.25).close()
    server.stop()


@pytest.fixture
def server_kind() -> str:
    """Which server `web` starts: ours, or uvicorn, which has no prepared frames."""
    return os.environ.get("LIVE_SERVER", "hardened")


@pytest.fixture
def web(
    transactional_db: None, own_valkey: OwnValkey, tmp_path: Path, server_kind: str
) -> Iterator[Callable[..., Web]]:
    """`web()` starts a web process on the test's database and `own_valkey`; keyword arguments go to settings.LIVE."""
    started: list[Web] = []
    doors = tmp_path / "doors"
    doors.mkdir()

    def start(**live: Any) -> Web:
        log_file = tmp_path / f"web{len(started)}.log"
        process = Web(redis_url=own_valkey.url, doors=doors, live=live, log_file=log_file, server=server_kind)
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        process.stop()

"""CPU as a measure: unlike time on the clock it does not count what else the machine does."""

import os
import time
from pathlib import Path

import pytest
from django.db import connection


def server_process() -> int:
    """The process id of this connection's server process; fails where its figures cannot be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    if not os.access(f"/proc/{pid}/schedstat", os.R_OK):
        pytest.fail("This test needs PostgreSQL on the same machine: it reads the CPU time of its process.")
    return int(pid)


def spent(pid: int) -> float:
    """Seconds of CPU that this thread and the server process `pid` have had until now."""
    return time.thread_time() + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9

"""Small helpers of the core tests."""

import time
from collections.abc import Callable

from community.core.clock import now
from community.core.models import IdempotencyKey


def note(key: str) -> IdempotencyKey:
    """Write some row of the core, to see whether it stays."""
    return IdempotencyKey.objects.create(owner="test", operation="note", key=key, body_hash=b"", created_at=now())


PATIENCE = 30  # seconds that a test waits for what must come, on a machine with much else to do


def until(holds: Callable[[], bool]) -> None:
    """Wait for it; fails when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)

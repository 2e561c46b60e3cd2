"""Small helpers of the core tests."""

from community.core.clock import now
from community.core.models import IdempotencyKey


def note(key: str) -> IdempotencyKey:
    """Write some row of the core, to see whether it stays."""
    return IdempotencyKey.objects.create(owner="test", operation="note", key=key, body_hash=b"", created_at=now())

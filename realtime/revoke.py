"""Ends or re-asks what open sockets may see, on every web process, as soon as the transaction has committed.

With Valkey the sockets hear of it at once. Without it, `sweep.recheck_forever` finds the same within 30
seconds. For "who may see this thread has changed" there is a stronger way that needs no Valkey and no luck:
append an event of kind `log.ACCESS` to the stream in the same transaction; no event after it reaches anybody
before they were asked again.
"""

from typing import Any

from django.db import transaction

from realtime import valkey
from realtime.events import control_to_wire


def revoke_user(user_id: int) -> None:
    """Close every socket of a member (ban, password change): 4401."""
    _after_commit(revoke_user=user_id)


def revoke_session(session_key: str) -> None:
    """Close every socket of one sign-in (log-out): 4401."""
    _after_commit(revoke_session=session_key)


def revoke_stream(name: str) -> None:
    """Ask again for every reader of a stream; who may not watch it any more gets `revoked`."""
    _after_commit(revoke_stream=name)


def part(one: int, other: int) -> None:
    """From here on these two users get nothing of each other, on any socket (`registry.keep_apart`)."""
    _after_commit(part=[one, other])


def rejoin(one: int, other: int) -> None:
    """They get each other's events again."""
    _after_commit(rejoin=[one, other])


def _after_commit(**control: Any) -> None:
    wire = control_to_wire(**control)

    def tell() -> None:
        valkey.publish(wire)

    transaction.on_commit(tell, robust=True)

"""The peers that can be had here; one that cannot is left out, in words."""

import contextlib
from collections.abc import Iterator

from benchmarks.effort import Effort, say
from benchmarks.peers import system_postgres
from benchmarks.peers.running import LABELS, Peer, peer
from benchmarks.processes import Failed
from benchmarks.stores import Stores


@contextlib.contextmanager
def peers(stores: Stores, effort: Effort) -> Iterator[list[Peer]]:
    """django-spirit, and Misago where a PostgreSQL with hstore is to be had, filled and ready to serve."""
    with contextlib.ExitStack() as stack:
        found = []
        for name in LABELS:
            try:
                mine = stores
                if name == "misago":
                    if not system_postgres.available():
                        raise Failed("It needs a PostgreSQL with the hstore extension, and there is none here.")
                    mine = stack.enter_context(system_postgres.with_hstore(stores))
                found.append(peer(mine, name))
            except Failed as error:
                say(f"{LABELS[name]} is left out: {error}")
        yield found

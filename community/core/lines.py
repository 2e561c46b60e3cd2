"""Lines of callers, one for each thing that all of them want: who comes while others are being served is served with
those who came meanwhile.

The first one to come is served at once and alone. Whoever comes before it is done waits here, on a lock of the process,
and not each on a connection to the database. Then one of those who wait serves them all. So nobody waits for others to
come, and the more there are, the less each of them costs.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Place(Generic[T]):
    """Somebody in a line. `party`: those whom they serve, themselves first; empty as long as it is not their turn."""

    one: T
    party: "list[_Place[T]]" = field(default_factory=list)
    called: Event = field(default_factory=Event)


class Lines(Generic[T]):
    """`serve` is called with one or several of the same line, at most `most`, on the thread of the first of them.

    It never runs twice at once for one line of this process. What it raises is raised where it runs, by the first one
    alone; for the others it says on each what came of it.
    """

    def __init__(self, serve: Callable[[Sequence[T]], None], *, most: int) -> None:
        self._serve, self._most = serve, most
        self._lock = Lock()
        self._waiting: dict[Hashable, list[_Place[T]]] = {}

    def join(self, name: Hashable, one: T) -> None:
        """Come back when `one` was served, by this thread or by another."""
        mine = _Place(one)
        if not self._is_first(name, mine):
            mine.called.wait()
        if not mine.party:
            return
        try:
            self._serve([place.one for place in mine.party])
        finally:
            self._call_next(name)
            for place in mine.party[1:]:
                place.called.set()

    def _is_first(self, name: Hashable, mine: _Place[T]) -> bool:
        with self._lock:
            if name in self._waiting:
                self._waiting[name].append(mine)
                return False
            self._waiting[name] = []
            mine.party = [mine]
            return True

    def _call_next(self, name: Hashable) -> None:
        with self._lock:
            waiting = self._waiting[name]
            if not waiting:
                del self._waiting[name]  # whoever comes now is the first of a new line
                return
            party, self._waiting[name] = waiting[: self._most], waiting[self._most :]
        party[0].party = party
        party[0].called.set()

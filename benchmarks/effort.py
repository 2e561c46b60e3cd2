"""How much is measured: a few minutes, half an hour, or a little of everything to see that it works."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Effort:
    """Times are seconds, counts plain numbers. Every figure is a median of `turns` × `runs` runs, three at least.

    Contenders take turns, so that a slow minute of the machine hits them all; in a turn a server is started once and
    measured `runs` times.
    """

    full: bool
    turns: int
    runs: int
    readers: tuple[int, ...]
    messages: int  # at ten a second, for the latencies that promises are about
    fewer_messages: int  # the same for everything else in the table
    flat_seconds: float  # in the closed loop, for the highest rate
    page_seconds: int  # of load on one page, each run
    peer_seconds: int  # the same for peers, whose pages take longer
    write_seconds: float
    posters: tuple[int, ...]
    clicks: int  # replies from click to the last reader, twenty a second
    freshness: int  # replies looked for in the very next request
    scales: tuple[int, ...]  # times the common content; 0 is an empty community
    soak_seconds: int  # of load before memory is read again
    enough_after: float = 0  # on a machine that takes longer than this, what is left is measured once; 0: no haste

    def rounds(self) -> Iterator[int]:
        """The numbers of the turns."""
        return self._while_there_is_time(self.turns)

    def repeats(self) -> Iterator[int]:
        """The numbers of the runs of one turn."""
        return self._while_there_is_time(self.runs)

    def _while_there_is_time(self, times: int) -> Iterator[int]:
        for number in range(times):
            if number and self.enough_after and time.monotonic() - _began > self.enough_after:
                return
            yield number


QUICK = Effort(
    full=False,
    turns=1,
    runs=3,
    readers=(1000,),
    messages=40,
    fewer_messages=20,
    flat_seconds=1.5,
    page_seconds=1,
    peer_seconds=3,
    write_seconds=2,
    posters=(8,),
    clicks=40,
    freshness=100,
    scales=(),
    soak_seconds=0,
    enough_after=180,
)
FULL = Effort(
    full=True,
    turns=3,
    runs=1,
    readers=(500, 1000, 2000),
    messages=100,
    fewer_messages=30,
    flat_seconds=2.5,
    page_seconds=2,
    peer_seconds=3,
    write_seconds=4,
    posters=(8, 32),
    clicks=200,
    freshness=1000,
    scales=(0, 1, 10, 100),
    soak_seconds=600,
    enough_after=2010,
)
# Whether every part of the long run still works: its figures mean nothing.
SMALL = replace(
    FULL,
    turns=1,
    readers=(50, 1000),
    messages=10,
    fewer_messages=5,
    flat_seconds=0.5,
    page_seconds=1,
    peer_seconds=1,
    write_seconds=1,
    clicks=20,
    freshness=20,
    scales=(0, 1),
    soak_seconds=20,
    enough_after=0,
)

_began = time.monotonic()


def say(words: str) -> None:
    """A line for whoever waits."""
    print(f"{time.monotonic() - _began:6.0f} s  {words}", file=sys.stderr, flush=True)

"""How much is measured: a few minutes, or the best part of an hour."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass


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
    messages: int  # at ten a second, for latency
    flat_seconds: float  # in the closed loop, for the highest rate
    page_seconds: int  # of load on one page, each run
    peer_seconds: int  # the same for peers, whose pages take longer
    write_seconds: float
    posters: tuple[int, ...]
    clicks: int  # replies from click to the last reader, twenty a second
    freshness: int  # replies looked for in the very next request
    scales: tuple[int, ...]
    soak_seconds: int  # of load before memory is read again
    enough_after: float = 0  # on a machine that takes longer than this, what is left is measured once; 0: no haste

    def repeats(self) -> Iterator[int]:
        """The numbers of the runs of one turn."""
        for run in range(self.runs):
            if run and self.enough_after and time.monotonic() - _began > self.enough_after:
                return
            yield run


QUICK = Effort(
    full=False,
    turns=1,
    runs=3,
    readers=(1000,),
    messages=20,
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
    messages=60,
    flat_seconds=4,
    page_seconds=3,
    peer_seconds=4,
    write_seconds=5,
    posters=(8, 32),
    clicks=400,
    freshness=1000,
    scales=(0, 1, 10, 100),
    soak_seconds=600,
)

_began = time.monotonic()


def say(words: str) -> None:
    """A line for whoever waits."""
    print(f"{time.monotonic() - _began:6.0f} s  {words}", file=sys.stderr, flush=True)

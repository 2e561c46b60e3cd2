"""Two processes on two cores beside one, for pages and for fan-out.

One process has a core to itself and everything else the other; of two, each has a core, and the load generator and the
databases take what they need from both. So the machine's rate understates two processes; the cost of a unit of work,
read from the processes' own clocks, says whether a second process makes the first one's work dearer.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks import site
from benchmarks.effort import Effort, say
from benchmarks.fanout.contenders import Stage, ours
from benchmarks.load import load
from benchmarks.parts import fanout
from benchmarks.places import CORES, PORT, SERVER_CORE
from benchmarks.processes import Program

Row = dict[str, Any]
ONE = ((SERVER_CORE,),)
TWO = tuple((core,) for core in CORES[:2])
READERS = 1000
WARM = 2  # seconds
PAGES = (("visitor", "middle_of_long"), ("member", "middle_of_long"))


def run(stage: Stage, effort: Effort) -> Iterator[Row]:
    """Rows of kind `page` and `fanout`, for one and for two processes in turns; none on a machine with one core."""
    if len(CORES) < 2:
        say("cores: this machine has one; nothing to compare")
        return
    for turn in effort.rounds():
        for cores in (ONE, TWO):
            say(f"cores: {len(cores)} process{'es' if len(cores) > 1 else ''}, turn {turn + 1}")
            for row in (*_pages(stage, cores, effort), _fanout(stage, cores, effort)):
                yield {"processes": len(cores), "pass": turn, **row}


def _pages(stage: Stage, cores: tuple[tuple[int], ...], effort: Effort) -> list[Row]:
    rows = []
    with site.serving(stage.stores, stage.content, cores=cores) as webs:
        for reader, page in PAGES:
            cookie = stage.content.cookies[0] if reader == "member" else ""
            path = stage.content.path(page)
            _together(webs, path, cookie, WARM)
            row = _together(webs, path, cookie, max(2, effort.page_seconds))
            rows.append({"kind": "page", "reader": reader, **row})
    return rows


def _together(webs: list[Program], path: str, cookie: str, seconds: int) -> Row:
    """Load on every process at the same time, as many connections for each; rates added, costs averaged."""

    def on(index: int) -> Row:
        return load(
            path,
            connections=8,
            seconds=seconds,
            cookie=cookie,
            port=PORT + index,
            servers=(webs[index],),
        )

    with ThreadPoolExecutor(len(webs)) as crowd:
        found = list(crowd.map(on, range(len(webs))))
    requests = sum(row["requests"] for row in found)
    cost = sum(row["server_us"] * row["requests"] for row in found) / max(requests, 1)
    return {
        "rate": round(sum(row["rate"] for row in found), 1),
        "server_us": round(cost, 1),
        "bad": sum(row["bad"] for row in found),
    }


def _fanout(stage: Stage, cores: tuple[tuple[int], ...], effort: Effort) -> Row:
    """Readers spread over the processes. Each process sends every event to its own half."""
    with ours(stage, coalesce="0.02", batch=16, cores=cores) as up:
        fanout.warm_up(up)
        row = fanout.client(up, READERS, 64, effort.flat_seconds, effort.fewer_messages)
    keys = ("flat_rate", "flat_us", "flat_lost", "flat_client_cpu", "flat_server_cpu")
    return {"kind": "fanout", "readers": READERS} | {key: row[key] for key in keys}

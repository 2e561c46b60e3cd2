"""What content costs: the same pages and replies with an empty community, 14,000, 144,000 and a million replies.

Twenty posts a page here: the first page of a thread of 20 replies is compared with the middle of one of 100,000.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import site
from benchmarks.effort import Effort, say
from benchmarks.fanout.contenders import Stage
from benchmarks.load import load
from benchmarks.parts.writes import posting
from benchmarks.processes import Program

Row = dict[str, Any]
POSTERS = 8
SECONDS = 1
ROUNDS = 3
PAGES = ("small", "middle_of_longest", "middle_of_long", "list")
A_PAGE = "20"
USER = 5


def run(stage: Stage, effort: Effort) -> Iterator[Row]:
    """Rows of kind `page` and `rate` for each scale, in turns; one of kind `soak` at the largest."""
    stages = {}
    for scale in effort.scales:
        say(f"growth: filling {scale} × the content")
        stages[scale] = Stage(stage.stores, site.fill(stage.stores, scale))
    for turn in range(effort.turns):
        for scale, mine in stages.items():
            say(f"growth: {scale} × the content, turn {turn + 1}")
            yield from ({"scale": scale, "pass": turn, **row} for row in _measured(mine))
    if effort.soak_seconds and stages:
        yield _soak(stages[max(stages)], effort.soak_seconds)


def _measured(stage: Stage) -> Iterator[Row]:
    posts = stage.content.facts["posts"]
    with site.serving(stage.stores, stage.content, HIROBA_POSTS_PER_PAGE=A_PAGE) as [server]:
        for page in (page for page in PAGES if page in stage.content.facts["paths"]):
            for reader, cookie in (("visitor", ""), ("member", stage.content.cookies[USER])):
                path = stage.content.path(page)
                load(path, connections=2, seconds=1, cookie=cookie)
                row = load(path, connections=8, seconds=SECONDS, cookie=cookie, servers=(server,))
                yield {"kind": "page", "posts": posts, "page": page, "reader": reader, **row}
        yield from _alone(stage)
        names = stage.content.facts["sessions"][:POSTERS]
        row = asyncio.run(posting("hiroba", names, [stage.content.thread("small")], SECONDS))
        yield {"kind": "rate", "posts": posts, "posters": POSTERS, **row}


def _alone(stage: Stage) -> Iterator[Row]:
    """One request at a time, the pages by turns: how long each takes, PostgreSQL included. These are compared."""
    pages = [page for page in PAGES if page in stage.content.facts["paths"]]
    for reader, cookie in (("visitor", ""), ("member", stage.content.cookies[USER])):
        waits: dict[str, list[float]] = {page: [] for page in pages}
        for _round in range(ROUNDS):
            for page in pages:
                waits[page].append(load(stage.content.path(page), connections=1, seconds=1, cookie=cookie)["p50"])
        for page, found in waits.items():
            yield {"kind": "alone", "page": page, "reader": reader, "p50": statistics.median(found)}


def _soak(stage: Stage, seconds: int) -> Row:
    """Memory (PSS, MiB) of the web process warm, and again after minutes of pages and replies."""
    say(f"growth: {seconds} s of load, for the memory of a web process")
    with site.serving(stage.stores, stage.content) as [server]:
        row = {"kind": "soak", "started": round(server.memory(), 1)}
        _mixed(stage, server, 10)
        row["warm"] = round(server.memory(), 1)
        end = time.monotonic() + seconds
        requests = 0
        while time.monotonic() < end:
            requests += _mixed(stage, server, min(30, end - time.monotonic()))
        return row | {"after": round(server.memory(), 1), "seconds": seconds, "requests": requests}


def _mixed(stage: Stage, server: Program, seconds: float) -> int:
    """Visitors, members and posters, one after the other; returns how many requests there were."""
    each = max(1, int(seconds / 3))
    visited = load(stage.content.path("list"), connections=8, seconds=each)
    read = load(stage.content.path("small"), connections=8, seconds=each, cookie=stage.content.cookies[USER])
    names = stage.content.facts["sessions"][:POSTERS]
    posted = asyncio.run(posting("hiroba", names, [stage.content.thread("small")], each))
    return int(visited["requests"] + read["requests"] + posted["replies"])

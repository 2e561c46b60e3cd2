"""What content costs: the same pages and replies with an empty community, 14,000, 144,000 and a million replies.

Twenty posts a page here: the first page of a thread of 20 replies is compared with the middle of one of 100,000.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from benchmarks import site
from benchmarks.effort import Effort, say
from benchmarks.fanout.contenders import Stage
from benchmarks.load import BROWSER, load
from benchmarks.parts.writes import posting
from benchmarks.places import PORT
from benchmarks.wire import Client

Row = dict[str, Any]
POSTERS = 8
SECONDS = 1
ROUNDS = 3
COMPARED = ("small", "middle_of_longest")
PAGES = (*COMPARED, "middle_of_long", "list")
A_PAGE = "20"
USER = 5


def run(stage: Stage, effort: Effort) -> Iterator[Row]:
    """Rows of kind `page`, `alone` and `rate` for each scale, in turns; one of kind `soak`.

    The minutes of load go by while the databases are filled, when nothing is timed.
    """
    with ThreadPoolExecutor(1) as aside:
        filling = aside.submit(_filled, stage, effort.scales)
        if effort.soak_seconds:
            yield _soak(stage, effort.soak_seconds, filling)
        stages = filling.result()
    for turn in effort.rounds():
        for scale in effort.scales if turn % 2 == 0 else reversed(effort.scales):
            say(f"growth: {scale} × the content, turn {turn + 1}")
            yield from ({"scale": scale, "pass": turn, **row} for row in _measured(stages[scale], turn))


def _filled(stage: Stage, scales: Sequence[int]) -> dict[int, Stage]:
    """What is common is there already, and the soak posts into it; so it comes once more, untouched."""
    stages = {}
    for scale in scales:
        began = time.monotonic()
        stages[scale] = Stage(stage.stores, site.fill(stage.stores, scale, suffix="_grown"))
        say(f"growth: {scale} × the content was filled in {time.monotonic() - began:.0f} s")
    return stages


def _measured(stage: Stage, turn: int) -> Iterator[Row]:
    """One request at a time (`alone`: how long each takes, PostgreSQL included; these are compared); in the first turn
    the other pages and eight at once, too (`page`); then replies (`rate`).
    """
    posts = stage.content.facts["posts"]
    pages = [page for page in (COMPARED if turn else PAGES) if page in stage.content.facts["paths"]]
    with site.serving(stage.stores, stage.content, HIROBA_POSTS_PER_PAGE=A_PAGE) as [server]:
        for reader, cookie in (("visitor", ""), ("member", stage.content.cookies[USER])):
            yield from ({"posts": posts, "reader": reader, **row} for row in _alone(stage, pages, cookie))
            for page in pages if turn == 0 else ():
                row = load(stage.content.path(page), connections=8, seconds=SECONDS, cookie=cookie, servers=(server,))
                yield {"kind": "page", "posts": posts, "page": page, "reader": reader, **row}
        names = stage.content.facts["sessions"][:POSTERS]
        row = asyncio.run(posting("hiroba", names, [stage.content.thread("small")], SECONDS))
        yield {"kind": "rate", "posts": posts, "posters": POSTERS, **row}


def _alone(stage: Stage, pages: Sequence[str], cookie: str) -> Iterator[Row]:
    """The pages by turns, so that a slow second of the machine does not hit one of them alone."""
    waits: dict[str, list[float]] = {page: [] for page in pages}
    for number in range(ROUNDS):
        for page in pages if number == 0 else [page for page in pages if page in COMPARED]:
            asyncio.run(_look(stage.content.path(page), cookie))
            row = load(stage.content.path(page), connections=1, seconds=SECONDS, cookie=cookie)
            waits[page].append(row["p50"])
    for page, found in waits.items():
        yield {"kind": "alone", "page": page, "p50": statistics.median(found)}


async def _look(path: str, cookie: str) -> None:
    """A few times: what the first one finds cold is not what is asked."""
    client = Client(PORT)
    for _time in range(5):
        await client.request("GET", path, BROWSER | ({"Cookie": cookie} if cookie else {}))
    await client.close()


def _soak(stage: Stage, seconds: int, filling: "Future[Any]") -> Row:
    """Memory (PSS, MiB) of a web process warm, and again after minutes of pages and replies."""
    say(f"growth: {seconds} s of load, for the memory of a web process, while databases are filled")
    with site.serving(stage.stores, stage.content) as [server]:
        row = {"kind": "soak", "started": round(server.memory(), 1)}
        _mixed(stage, 10)
        row["warm"] = round(server.memory(), 1)
        began = time.monotonic()
        requests = 0
        while (left := began + seconds - time.monotonic()) > 0 or not filling.done():
            requests += _mixed(stage, min(30, max(left, 5)))
        return row | {
            "after": round(server.memory(), 1),
            "seconds": round(time.monotonic() - began),
            "requests": requests,
        }


def _mixed(stage: Stage, seconds: float) -> int:
    """Visitors, members and posters, one after the other; returns how many requests there were."""
    each = max(1, int(seconds / 3))
    visited = load(stage.content.path("list"), connections=8, seconds=each)
    read = load(stage.content.path("small"), connections=8, seconds=each, cookie=stage.content.cookies[USER])
    names = stage.content.facts["sessions"][:POSTERS]
    posted = asyncio.run(posting("hiroba", names, [stage.content.thread("small")], each))
    return int(visited["requests"] + read["requests"] + posted["replies"])

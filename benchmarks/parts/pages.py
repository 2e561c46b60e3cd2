"""Pages: rate and waits of ours, of django-spirit and Misago, and of the same bytes without an application."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks import bare, site
from benchmarks.effort import Effort, say
from benchmarks.fanout.contenders import Stage
from benchmarks.load import BROWSER, load
from benchmarks.parts.peers import peers
from benchmarks.peers.running import LABELS, Peer
from benchmarks.people import KINDS
from benchmarks.places import HOUSE, PORT, SERVER_CORE, WORK
from benchmarks.processes import Failed, Program, program
from benchmarks.wire import Client

Row = dict[str, Any]
PAGES = ("list", "small", "middle", "item")
PATHS = {"middle": "middle_of_long"}
QUICK = ("middle",)
BOTH = ("visitor", "member")
MANY = 8  # connections
KEPT = WORK / "page.ready"
USER = 3  # one of the members


def run(stage: Stage, effort: Effort) -> Iterator[Row]:
    """Rows of one page, one reader and one run each."""
    with peers(stage.stores, effort) as others:
        for turn in effort.rounds():
            yield from _ours(stage, effort)
            yield from _bare(effort)
            for peer in others:
                yield from _of_peer(peer, turn, effort)


def _ours(stage: Stage, effort: Effort) -> Iterator[Row]:
    say("pages: Hiroba")
    with site.serving(stage.stores, stage.content) as [server]:
        for page in PAGES if effort.full else QUICK:
            for reader, cookie in zip(BOTH, ("", stage.content.cookies[USER]), strict=True):
                head = {"server": "hiroba", "label": "Hiroba", "page": page, "reader": reader}
                yield from measured(head, stage.content.path(PATHS.get(page, page)), cookie, server, effort)
        asyncio.run(_keep(stage.content.path(PATHS["middle"])))


def _bare(effort: Effort) -> Iterator[Row]:
    say("pages: the same bytes before Django")
    words = [sys.executable, "-m", "benchmarks.bare", str(PORT), str(KEPT)]
    head = {"server": "bare", "label": "the same bytes, no application", "page": "middle", "reader": "visitor"}
    with program("bare", words, cores=[SERVER_CORE], cwd=HOUSE, ports=[PORT]) as server:
        yield from measured(head, "/", "", server, effort)


def _of_peer(peer: Peer, turn: int, effort: Effort) -> Iterator[Row]:
    """The page that promises are about in every turn, the others once."""
    say(f"pages: {peer.label}")
    readers = BOTH if effort.full or peer.name == "spirit" else ("member",)
    try:
        with peer.serving() as server:
            cookies = {"visitor": "", "member": asyncio.run(signed_in(peer.name))}
            for page in (page for page in (PAGES if effort.full and not turn else QUICK) if page in peer.facts):
                for reader in readers:
                    head = {"server": peer.name, "label": peer.label, "page": page, "reader": reader}
                    yield from measured(head, peer.facts[page], cookies[reader], server, effort)
    except Failed as error:
        say(str(error))


def measured(head: Row, path: str, cookie: str, server: Program, effort: Effort) -> Iterator[Row]:
    """Rows with many connections (`rate`, `p50`, `p99`), and one connection (`one_p50`, `one_p99`)."""
    seconds = effort.peer_seconds if head["server"] in LABELS else effort.page_seconds
    load(path, connections=2, seconds=1, cookie=cookie)
    for _run in effort.repeats():
        row = load(path, connections=MANY, seconds=seconds, cookie=cookie, servers=(server,))
        alone = load(path, connections=1, seconds=max(1, seconds // 2), cookie=cookie)
        row |= {"one_p50": alone["p50"], "one_p99": alone["p99"], "bad": row["bad"] + alone["bad"]}
        yield head | row | {"memory": round(server.memory(), 1)}


async def _keep(path: str) -> None:
    """A visitor's page with its headers, as it goes over the line, for `benchmarks.bare`."""
    client = Client(PORT)
    answer = await client.request("GET", path, BROWSER)
    await client.close()
    if "etag" not in answer.headers:
        raise Failed("The visitor's page does not come from the cache.")
    bare.keep(KEPT, answer.headers, answer.body)


async def signed_in(name: str) -> str:
    """The `Cookie` header of a member of a peer. Raises `Failed`."""
    client = Client(PORT)
    try:
        await KINDS[name](client).enter(f"user{USER}")
    except Exception as error:
        raise Failed(f"{name} lets nobody in: {error}") from error
    finally:
        await client.close()
    return "; ".join(f"{key}={value}" for key, value in client.cookies.items())

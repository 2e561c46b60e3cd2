"""Replies through the form that people use: how many a second, and how soon the last of a thousand readers has one."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks import site, tools
from benchmarks.effort import Effort, say
from benchmarks.fanout.contenders import Stage, Up, ours
from benchmarks.fanout.servers.message import mark
from benchmarks.figures import percentile
from benchmarks.load import BROWSER
from benchmarks.parts.peers import peers
from benchmarks.peers.inside.words import USERS, body
from benchmarks.peers.running import Peer
from benchmarks.people import KINDS, Person
from benchmarks.places import CORES, PORT
from benchmarks.processes import Failed, Program, output
from benchmarks.wire import Client

Row = dict[str, Any]
READERS = 1000
CLICKS_A_SECOND = 20
LATEST = 5  # seconds that the last reply may take
GONE = (OSError, EOFError)  # the server hung up, or did not answer in time
PROCESSES = 4  # where authors cross


def run(stage: Stage, effort: Effort) -> Iterator[Row]:
    """Rows of kind `rate`, `click`, `fresh` and `crossing`. Peers are asked by thirty-two once: it changes little."""
    with peers(stage.stores, effort) as others:
        for turn in effort.rounds():
            yield from _rate_of_ours(stage, turn, effort)
            for peer in others:
                yield from _rate_of_peer(peer, turn, effort)
            yield from _from_click_to_last(stage, turn, effort)
    yield _fresh(stage, effort)
    if effort.full:
        yield _crossing(stage, effort)


# --- How many a second --------------------------------------------------------------------------------------------


def _rate_of_ours(stage: Stage, turn: int, effort: Effort) -> Iterator[Row]:
    say(f"writes: Hiroba, turn {turn + 1}")
    with site.serving(stage.stores, stage.content) as [server]:
        names, thread = stage.content.facts["sessions"], stage.content.thread("long")
        yield from _rates({"server": "hiroba", "label": "Hiroba"}, names, thread, server, turn, effort)


def _rate_of_peer(peer: Peer, turn: int, effort: Effort) -> Iterator[Row]:
    say(f"writes: {peer.label}, turn {turn + 1}")
    try:
        with peer.serving() as server:
            names = [f"user{n}" for n in range(USERS)]
            head = {"server": peer.name, "label": peer.label}
            yield from _rates(head, names, peer.facts["thread"], server, turn, effort)
    except Failed as error:
        say(str(error))


def _rates(head: Row, names: Sequence[str], thread: int, server: Program, turn: int, effort: Effort) -> Iterator[Row]:
    for posters in effort.posters if head["server"] == "hiroba" or not turn else effort.posters[:1]:
        for _run in effort.repeats():
            before = server.cpu()
            row = asyncio.run(posting(head["server"], names[:posters], [thread], effort.write_seconds))
            # The first replies, which warm up, are paid for but not counted: a slight disfavour, the same for all.
            row["server_us"] = round((server.cpu() - before) / max(row["replies"], 1) * 1e6)
            yield {"kind": "rate", "posters": posters, **head, **row}


async def posting(
    kind: str, names: Sequence[str], threads: Sequence[int], seconds: float, ports: Sequence[int] = (PORT,)
) -> Row:
    """Everybody in `names` posts as fast as the answers come; in several threads, each in an order of their own."""
    people = await everybody(kind, names, ports)
    took: list[float] = []
    refused: list[str] = []

    async def one(index: int, person: Person) -> None:
        chance = random.Random(index)
        while (began := time.monotonic()) < end:
            try:
                where = await person.reply(chance.choice(threads), unlike(index, len(took)))
            except GONE as error:
                refused.append(repr(error))
                continue
            if where:
                took.append((time.monotonic() - began) * 1000)
            else:
                refused.append(why(person))

    # One reply each before the clock runs: the first one loads what the thousandth finds loaded.
    await asyncio.gather(*(person.reply(threads[0], unlike(n, -1)) for n, person in enumerate(people)))
    began, used = time.monotonic(), time.process_time()
    end = began + seconds
    await asyncio.gather(*(one(n, person) for n, person in enumerate(people)))
    lasted = time.monotonic() - began
    for person in people:
        await person.client.close()
    return {
        "rate": round(len(took) / lasted, 1),
        "replies": len(took),
        "p50": percentile(took, 0.5),
        "p99": percentile(took, 0.99),
        "bad": len(refused),
        "client_cpu": round((time.process_time() - used) / lasted, 3),
        "first_refusal": refused[0] if refused else "",
    }


async def everybody(kind: str, names: Sequence[str], ports: Sequence[int]) -> list[Person]:
    people = [KINDS[kind](Client(ports[n % len(ports)])) for n in range(len(names))]
    for person, name in zip(people, names, strict=True):
        await person.enter(name)
    return people


def unlike(person: int, number: int) -> str:
    """A text that nobody wrote before: products refuse the same text twice."""
    return f"{body(person * 1000 + number)}\n{time.monotonic_ns()} {person}"


def why(person: Person) -> str:
    return f"{person.last.status}: {person.last.text[:200]}" if person.last else "no answer"


# --- From the click to the last reader ----------------------------------------------------------------------------


def _from_click_to_last(stage: Stage, turn: int, effort: Effort) -> Iterator[Row]:
    """The bare push through the log first (`push_*`), then replies by the form with as many readers (`click_*`)."""
    say(f"writes: from the click to the last of {READERS} readers, turn {turn + 1}")
    with ours(stage, coalesce="0.02", batch=1) as up:
        for _run in effort.repeats():
            words = ["-n", READERS, "-m", effort.clicks, "-r", CLICKS_A_SECOND, *up.words]
            push = json.loads(output("push", [*tools.client(), *map(str, words)], seconds=300).splitlines()[-1])
            click, refused = asyncio.run(_clicks(stage, up, effort))
            row: Row = {"kind": "click", "readers": READERS, "bad": refused}
            row["lost"] = effort.clicks - refused - click["whole"]
            for name, found in (("push", push), ("click", click)):
                row |= {f"{name}_{key}": found[key] for key in ("p50", "p99", "last_p50", "last_p99")}
            yield row


async def _clicks(stage: Stage, up: Up, effort: Effort) -> tuple[Row, int]:
    """What the readers saw, and how many replies were refused."""
    people = await everybody("hiroba", stage.content.facts["sessions"][:CLICKS_A_SECOND], (PORT,))
    thread = stage.content.thread("small")
    await asyncio.gather(*(person.reply(thread, unlike(n, 0)) for n, person in enumerate(people)))
    words = [*tools.client(), "-n", READERS, "-l", effort.clicks / CLICKS_A_SECOND + LATEST, *up.words]
    readers = await asyncio.create_subprocess_exec(*map(str, words), stdout=asyncio.subprocess.PIPE)
    try:
        assert readers.stdout is not None
        if (await readers.stdout.readline()).strip() != b"ready":
            raise Failed("The readers did not come in.")
        refused = await _steadily(people, thread, effort.clicks)
        return json.loads(await readers.stdout.read()), refused
    finally:
        if readers.returncode is None:
            readers.kill()
        await readers.wait()
        for person in people:
            await person.client.close()


async def _steadily(people: Sequence[Person], thread: int, clicks: int) -> int:
    """`CLICKS_A_SECOND` replies, however long each takes; returns how many were refused."""
    began = time.monotonic()
    waiting = []
    for number in range(clicks):
        await asyncio.sleep(max(0.0, began + number / CLICKS_A_SECOND - time.monotonic()))
        person = people[number % len(people)]
        waiting.append(asyncio.create_task(person.reply(thread, f"{mark(number)} {body(number)}")))
    return (await asyncio.gather(*waiting)).count("")


# --- The very next request ----------------------------------------------------------------------------------------


def _fresh(stage: Stage, effort: Effort) -> Row:
    """Post, and look as a visitor at the page it stands on, while others read that thread."""
    say(f"writes: a reply in the very next request, {effort.freshness} times")
    with site.serving(stage.stores, stage.content):
        looked, stale, refused = asyncio.run(_post_and_look(stage, effort.freshness))
    return {"kind": "fresh", "looked": looked, "stale": stale, "bad": refused}


async def _post_and_look(stage: Stage, times: int) -> tuple[int, int, int]:
    [person] = await everybody("hiroba", stage.content.facts["sessions"][:1], (PORT,))
    visitor, looked, stale, refused = Client(PORT), 0, 0, 0
    done = asyncio.Event()
    crowd = [asyncio.create_task(_read_on(stage.content.path("small"), done.is_set)) for _ in range(4)]
    try:
        for number in range(times):
            word = f"fresh{number}x{time.monotonic_ns()}"
            where = await person.reply(stage.content.thread("small"), f"{body(number)}\n{word}")
            if not where:
                refused += 1
                continue
            looked += 1
            stale += word not in (await visitor.get(where, Accept="text/html")).text
    finally:
        done.set()
        await asyncio.gather(*crowd)
    return looked, stale, refused


async def _read_on(path: str, over: Callable[[], bool]) -> None:
    client = Client(PORT)
    while not over():
        await client.get(path, **{name.replace("-", "_"): value for name, value in BROWSER.items()})
        await asyncio.sleep(0.005)
    await client.close()


# --- Crossing authors ---------------------------------------------------------------------------------------------


def _crossing(stage: Stage, effort: Effort) -> Row:
    """Four processes, the same authors in the same threads: every one of their commits touches rows of the others."""
    say(f"writes: crossing authors on {PROCESSES} processes")
    cores = [CORES] * PROCESSES
    with site.serving(stage.stores, stage.content, cores=cores):
        ports = [PORT + n for n in range(PROCESSES)]
        threads = [stage.content.thread("small"), stage.content.thread("long")]
        # Each person twice, in two browsers, so that an author meets himself, too.
        names = stage.content.facts["sessions"][:16] * 2
        row = asyncio.run(posting("hiroba", names, threads, effort.write_seconds * 2, ports))
    return {"kind": "crossing", "processes": PROCESSES, **row}

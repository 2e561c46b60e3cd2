"""One message to N readers: latency at ten a second, the highest rate without loss, cost and memory of each."""

import json
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import tools
from benchmarks.effort import Effort, say
from benchmarks.fanout.contenders import CONTENDERS, Contender, Stage, Up
from benchmarks.processes import Failed, output

QUICK = ("hiroba", "socketio", "one_send", "coalesced", "channels")
EVERYWHERE = 1000  # readers: all contenders are measured with so many, the ones above with other numbers, too
RATE = 10  # messages a second, where latency is read
CLIENT_FULL = 0.9  # of a core: above it the row says more about the client than about the server


def run(stage: Stage, effort: Effort) -> Iterator[dict[str, Any]]:
    """Rows of one contender, one N and one run each."""
    for readers in effort.readers:
        for turn in range(effort.turns):
            for contender in CONTENDERS:
                wanted = contender.name in QUICK or (effort.full and readers == EVERYWHERE)
                if wanted and contender.there():
                    yield from measured(stage, contender, readers, turn, effort)


def measured(stage: Stage, contender: Contender, readers: int, turn: int, effort: Effort) -> Iterator[dict[str, Any]]:
    """A failure is a row, too: a server that loses readers is not left out of its own table."""
    head = {"server": contender.name, "label": contender.label, "readers": readers}
    say(f"fan-out: {contender.label}, {readers} readers, turn {turn + 1}")
    stage.stores.quiet()
    try:
        with contender.start(stage) as up:
            warm_up(up)
            for run in effort.repeats():
                # Sockets that the last run left behind are gone from the server's memory by now.
                time.sleep(1 if run else 0)
                yield head | {"pass": turn * effort.runs + run} | client(up, readers, contender.window, effort)
    except Failed as error:
        say(str(error))
        yield head | {"failed": str(error).splitlines()[-1]}


def warm_up(up: Up) -> None:
    """A few readers who come and go: what a first connection costs is not what the thousandth costs."""
    output("fanout-warm-up", [*tools.client(), "-n", "20", "-m", "20", "-r", "50", *up.words], seconds=60)


def client(up: Up, readers: int, window: int, effort: Effort) -> dict[str, Any]:
    words = ["-n", readers, "-m", effort.messages, "-r", RATE, "-f", effort.flat_seconds, "-w", window]
    pids = [word for server in up.servers for pid in server.pids for word in ("-P", pid)]
    command = [*tools.client(), *map(str, words), *up.words, *map(str, pids)]
    row: dict[str, Any] = json.loads(output("fanout-client", command, seconds=240).splitlines()[-1])
    row["client_bound"] = max(row.get("flat_client_cpu", 0), row.get("steady_client_cpu", 0)) > CLIENT_FULL
    return row

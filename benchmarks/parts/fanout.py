"""One message to N readers: latency at ten a second, the highest rate without loss, cost and memory of each."""

import json
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import tools
from benchmarks.effort import Effort, say
from benchmarks.fanout.contenders import CONTENDERS, Contender, Stage, Up
from benchmarks.processes import Failed, output

JUDGED = ("hiroba", "socketio", "one_send", "coalesced")  # those that promises compare
QUICK = (*JUDGED, "channels")
ELSEWHERE = ("hiroba", "socketio")
EVERYWHERE = 1000  # readers: all contenders are measured with so many, the ones above with other numbers, too
RATE = 10  # messages a second, where latency is read
CLIENT_FULL = 0.9  # of a core: above it the row says more about the client than about the server


def run(stage: Stage, effort: Effort) -> Iterator[dict[str, Any]]:
    """Rows of one contender, one N and one run each."""
    for readers in effort.readers:
        for turn in effort.rounds():
            # Every other turn the other way round: who comes after whom must not matter.
            for contender in CONTENDERS if turn % 2 == 0 else reversed(CONTENDERS):
                if _is_wanted(contender, readers, turn, effort) and contender.there():
                    yield from measured(stage, contender, readers, turn, effort)


def _is_wanted(contender: Contender, readers: int, turn: int, effort: Effort) -> bool:
    """Those that no promise compares come once; two of them with a thousand readers only."""
    if readers == EVERYWHERE:
        return contender.name in QUICK or (effort.full and turn == 0)
    return contender.name in ELSEWHERE or (contender.name in ("one_send", "channels") and turn == 0)


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
                judged = contender.name in JUDGED and readers == EVERYWHERE
                messages = effort.messages if judged else effort.fewer_messages
                row = client(up, readers, contender.window, effort.flat_seconds, messages)
                yield head | {"pass": turn * effort.runs + run} | row
    except Failed as error:
        say(str(error))
        yield head | {"failed": str(error).splitlines()[-1]}


def warm_up(up: Up) -> None:
    """A few readers who come and go: what a first connection costs is not what the thousandth costs."""
    output("fanout-warm-up", [*tools.client(), "-n", "20", "-m", "5", "-r", "50", *up.words], seconds=60)


def client(up: Up, readers: int, window: int, flat: float, messages: int) -> dict[str, Any]:
    words = ["-n", readers, "-m", messages, "-r", RATE, "-f", flat, "-w", window]
    pids = [word for server in up.servers for pid in server.pids for word in ("-P", pid)]
    command = [*tools.client(), *map(str, words), *up.words, *map(str, pids)]
    row: dict[str, Any] = json.loads(output("fanout-client", command, seconds=240).splitlines()[-1])
    row["client_bound"] = max(row.get("flat_client_cpu", 0), row.get("steady_client_cpu", 0)) > CLIENT_FULL
    return row

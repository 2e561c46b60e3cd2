"""Everybody in the fan-out table: how each is started, and how the client is to talk to it."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import site, tools
from benchmarks.places import HERE, HOUSE, PORT, SERVER_CORE
from benchmarks.processes import Program, program
from benchmarks.stores import Stores

SERVERS = HERE / "fanout" / "servers"
CONTROL = PORT + 5  # our publisher listens on the port after it
AT_ONCE = {"HIROBA_LIVE_OPENS_PER_SECOND": "1000"}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything runs: the stores, and our site's content for those that need it."""

    stores: Stores
    content: site.Content


@dataclass(frozen=True, slots=True)
class Up:
    """A contender that runs: the server's programs, and the client's words that lead to it."""

    servers: list[Program]
    words: list[str]


@dataclass(frozen=True, slots=True)
class Contender:
    """`window` messages are in flight in the closed loop."""

    name: str
    label: str
    start: Callable[[Stage], contextlib.AbstractContextManager[Up]]
    window: int = 4
    there: Callable[[], bool] = field(default=lambda: True)


@contextlib.contextmanager
def ours(
    stage: Stage, *, coalesce: str, batch: int, cores: Sequence[Sequence[int]] = ((SERVER_CORE,),)
) -> Iterator[Up]:
    """The real site; readers are visitors on a thread page's socket, all limits of the site in force but for how many
    are let in each second: nothing is measured while they come.
    """
    stream = f"thread.{stage.content.thread('small')}"
    words = [sys.executable, "-m", "benchmarks.fanout.publish", str(CONTROL), stream, str(batch)]
    inside = site.environment(stage.stores, stage.content.database)
    with contextlib.ExitStack() as stack:
        webs = stack.enter_context(
            site.serving(stage.stores, stage.content, cores=cores, HIROBA_LIVE_COALESCE=coalesce, **AT_ONCE)
        )
        stack.enter_context(program("publisher", words, environment=inside, cwd=HOUSE, ports=[CONTROL + 1]))
        ports = [word for index in range(len(webs)) for word in ("-p", str(PORT + index))]
        yield Up(webs, [*ports, "-c", str(CONTROL + 1), "-S", stream])


def plain() -> Callable[[Stage], contextlib.AbstractContextManager[Up]]:
    return lambda stage: ours(stage, coalesce="0", batch=1)


def coalesced() -> Callable[[Stage], contextlib.AbstractContextManager[Up]]:
    return lambda stage: ours(stage, coalesce="0.02", batch=16)


@contextlib.contextmanager
def channels(stage: Stage) -> Iterator[Up]:
    """Daphne with Channels' own layer on Valkey; the publisher is a process beside it, as ours is."""
    bin_folder = tools.environment("live")
    inside = {"REDIS_URL": stage.stores.redis(1), "PYTHONPATH": str(SERVERS)}
    serve: list[str | Path] = [
        bin_folder / "daphne",
        "-b",
        "127.0.0.1",
        "-p",
        str(PORT),
        "-v",
        "0",
        "--websocket_timeout",
        "-1",
    ]
    publish: list[str | Path] = [bin_folder / "python", SERVERS / "channels_app.py", str(CONTROL)]
    with (
        program(
            "channels",
            [*serve, "channels_app:application"],
            cores=[SERVER_CORE],
            environment=inside,
            cwd=SERVERS,
            ports=[PORT],
        ) as server,
        program("channels-publisher", publish, environment=inside, cwd=SERVERS, ports=[CONTROL + 1]),
    ):
        yield Up([server], ["-p", str(PORT), "-c", str(CONTROL + 1)])


def alone(name: str, *more: str, words: Sequence[str] = ()) -> Callable[[Stage], contextlib.AbstractContextManager[Up]]:
    """A server in one process that publishes itself: nothing lies between the request to publish and its loop."""

    @contextlib.contextmanager
    def start(stage: Stage) -> Iterator[Up]:
        command: list[str | Path] = [tools.environment("live") / "python", SERVERS / f"{name}.py", str(PORT), *more]
        if name == "socketio":
            command = ["node", (tools.socketio() or SERVERS) / "server.js", str(PORT)]
        with program(name, command, cores=[SERVER_CORE], ports=[PORT, PORT + 1]) as server:
            yield Up([server], ["-p", str(PORT), "-c", str(PORT + 1), *words])

    return start


CONTENDERS = (
    Contender("hiroba", "Hiroba", plain()),
    Contender("socketio", "socket.io", alone("socketio", words=["-s"]), there=lambda: tools.socketio() is not None),
    Contender("one_send", "bare: picows, one send(2) each", alone("picows_server", "one_send")),
    Contender("coalesced", "Hiroba, 20 ms coalescing, 64 in flight", coalesced(), window=64),
    Contender("channels", "Channels + Daphne, encoded once", channels),
    Contender("picows", "bare: picows", alone("picows_server", "send")),
    Contender("websockets", "bare: websockets broadcast", alone("websockets_server")),
)

"""Our publisher, a process beside the site: `python -m benchmarks.fanout.publish PORT STREAM BATCH`.

Each number that comes in on PORT + 1 becomes an event of STREAM, in a transaction of the real log: numbered under the
stream's lock, committed, then told to Valkey. With BATCH above 1, up to so many numbers that wait share a commit.
"""

import socket
import sys
from collections import deque
from dataclasses import dataclass
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402

from benchmarks.fanout.servers.message import post  # noqa: E402
from realtime import log  # noqa: E402


@dataclass(frozen=True, slots=True)
class Entry:
    stream: str
    kind: str
    payload: dict[str, Any]


def publish(stream: str, numbers: list[int]) -> None:
    with transaction.atomic():
        log.append_many([Entry(stream, "post_created", post(number)) for number in numbers])


def serve(door: socket.socket, stream: str, batch: int) -> None:
    """Answer one client after the other, for as long as we are let."""
    while True:
        client, _address = door.accept()
        waiting: deque[int] = deque()
        rest = b""
        while data := client.recv(65536):
            *lines, rest = (rest + data).split(b"\n")
            waiting.extend(int(line) for line in lines)
            while waiting:
                publish(stream, [waiting.popleft() for _ in range(min(batch, len(waiting)))])
        client.close()


def main(port: int, stream: str, batch: int) -> None:
    with socket.create_server(("127.0.0.1", port + 1)) as door:
        serve(door, stream, batch)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

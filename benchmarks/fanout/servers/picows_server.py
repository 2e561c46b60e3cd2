"""The limit: picows, a WebSocket server with a C core, and a bare loop over its readers.

usage: picows_server.py PORT send|one_send. `send`: the library builds and sends each frame. `one_send`: the frame is
built once, and one send(2) for each reader is all that is left.
"""

import asyncio
import socket
import sys

from message import control, encoded, framed
from picows import WSListener, WSTransport, WSUpgradeRequest, ws_create_server
from picows import WSMsgType as Kind


class Reader(WSListener):  # type: ignore[misc]
    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        opened = transport.underlying_transport.get_extra_info("socket")
        self.socket = socket.socket(fileno=opened.fileno())
        READERS.add(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.socket.detach()
        READERS.discard(self)


READERS: set[Reader] = set()


def send(number: int) -> None:
    data = encoded(number).encode()
    for reader in READERS:
        reader.transport.send(Kind.TEXT, data)


def one_send(number: int) -> None:
    frame = framed(encoded(number))
    for reader in READERS:
        if reader.socket.send(frame) != len(frame):
            sys.exit("a reader's buffer was full")


def greet(request: WSUpgradeRequest) -> Reader:
    return Reader()


async def main() -> None:
    port = int(sys.argv[1])
    server = await ws_create_server(greet, "127.0.0.1", port, backlog=4096)
    await control(port + 1, {"send": send, "one_send": one_send}[sys.argv[2]])
    await server.serve_forever()


asyncio.run(main())

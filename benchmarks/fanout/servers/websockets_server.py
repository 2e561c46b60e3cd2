"""The broadcast of the `websockets` library. usage: websockets_server.py PORT"""

import asyncio
import sys

from message import control, encoded
from websockets.asyncio.server import ServerConnection, broadcast, serve

READERS: set[ServerConnection] = set()


async def read(connection: ServerConnection) -> None:
    READERS.add(connection)
    try:
        await connection.wait_closed()
    finally:
        READERS.discard(connection)


async def main() -> None:
    port = int(sys.argv[1])
    async with serve(read, "127.0.0.1", port, compression=None, backlog=4096) as server:
        await control(port + 1, lambda number: broadcast(READERS, encoded(number)))
        await server.serve_forever()


asyncio.run(main())

"""Ready bytes under our own server, with nothing between: `python -m benchmarks.bare PORT FILE`.

What a visitor's cached page is compared with: the same server, the same bytes and headers, no application.
"""

import gc
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from realtime.server import HardenedServer

LARGEST_BODY = 1 << 20


def ready(file: Path) -> Callable[..., Awaitable[None]]:
    """An application that answers everything with what `keep` wrote."""
    head, body = file.read_bytes().split(b"\n", 1)
    headers = [(name.encode(), value.encode()) for name, value in json.loads(head).items()]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    end = {"type": "http.response.body", "body": body}

    async def application(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        await send(start)
        await send(end)

    return application


def keep(file: Path, headers: dict[str, str], body: bytes) -> None:
    """Write down an answer to be given again."""
    kept = {name: value for name, value in headers.items() if name not in {"date", "connection", "transfer-encoding"}}
    file.write_bytes(json.dumps(kept | {"content-length": str(len(body))}).encode() + b"\n" + body)


def main(port: int, file: Path) -> None:
    door = socket.create_server(("127.0.0.1", port))
    server = HardenedServer(ready(file), sockets=[door], body_limit=LARGEST_BODY)
    gc.freeze()
    server.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

"""A web process for the fault tests: the real settings, log, hub and socket, and one kind of stream, `probe.<n>`.

Run by `harness.Web` as `python -m tests.realtime.webapp hardened 8000`, or with uvicorn. Files in $PROBE_DOORS say who
may watch: nobody while `probe.<n>.closed` exists, only members while `probe.<n>.members` does; while `probe.<n>.slow`
exists, that question takes the database two seconds.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

settings.LIVE = json.loads(os.environ.get("LIVE_JSON", "{}"))
settings.ROOT_URLCONF = "tests.realtime.urls"

import django  # noqa: E402

django.setup(set_prefix=False)

from django.db import connection  # noqa: E402

from community.config.serving.handler import Handler  # noqa: E402
from community.config.serving.workers import Workers  # noqa: E402
from realtime import registry, runtime  # noqa: E402
from realtime.conf import live  # noqa: E402
from realtime.routing import websocket  # noqa: E402

_pages = Handler(Workers(threads=4, waiting=400, seconds=30))
DOORS = Path(os.environ["PROBE_DOORS"])


def may_watch(user: Any, pk: int) -> bool:
    if (DOORS / f"probe.{pk}.slow").exists():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")
    if (DOORS / f"probe.{pk}.closed").exists():
        return False
    return not (DOORS / f"probe.{pk}.members").exists() or bool(user.is_authenticated)


registry.register("probe", may_subscribe=may_watch, presence=True)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "websocket":
        await websocket(scope, receive, send)
    else:
        await _pages(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await runtime.stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def main(kind: str, port: str) -> None:
    from tests.realtime.served import SERVERS

    listening = socket.create_server(("127.0.0.1", int(port)))
    limits = live()
    SERVERS[kind](
        application,
        listening,
        frame_bytes=limits.frame_bytes,
        outbox_bytes=limits.outbox_bytes,
        on_drain=[runtime.stop],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The ASGI side: mount `websocket` for scopes of type "websocket", behind the site's Origin check (S4)."""

from realtime.auth import Receive, Scope, Send
from realtime.connection import UNKNOWN_PATH
from realtime.consumers import live_socket

PATH = "/live/ws"


async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """The live socket at `PATH`; any other path is refused with 4404."""
    if scope["path"].removeprefix(scope.get("root_path", "")) == PATH:
        await live_socket(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": UNKNOWN_PATH})

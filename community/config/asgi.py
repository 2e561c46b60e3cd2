"""The site as an ASGI application, for Daphne (`manage.py serve`), uvicorn, or any other server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.config.settings.production")
_pages = get_asgi_application()

# Below need the app registry, which the line above filled.
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from community.config.door import Door, Receive, Scope, Send  # noqa: E402
from community.config.health import Readiness, healthz  # noqa: E402
from realtime import runtime  # noqa: E402
from realtime.routing import websocket  # noqa: E402


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """For servers that tell when they start and stop (uvicorn; Daphne does not): sockets are asked to come back."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await runtime.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = Door(
    ProtocolTypeRouter({"http": _pages, "websocket": websocket, "lifespan": lifespan}),
    trusted_proxies=settings.TRUSTED_PROXIES,
    body_limit=settings.BODY_LIMIT,
    origins=settings.LIVE_ORIGINS,
    answers={"/healthz": healthz, "/readyz": Readiness()},
)

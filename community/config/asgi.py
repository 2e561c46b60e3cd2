"""The site as an ASGI application, for Daphne (`manage.py serve`), uvicorn, or any other server."""

import asyncio
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.config.settings.production")
django.setup(set_prefix=False)

# Below need the app registry, which the line above filled.
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from community.config.door import Door, Receive, Scope, Send  # noqa: E402
from community.config.health import Readiness, healthz  # noqa: E402
from community.config.metrics import Metrics  # noqa: E402
from community.config.pagecache import PageCache  # noqa: E402
from community.config.serving.collector import Collector  # noqa: E402
from community.config.serving.handler import Handler  # noqa: E402
from community.config.serving.numbers import publish  # noqa: E402
from community.config.serving.workers import Workers  # noqa: E402
from realtime import metrics, runtime  # noqa: E402
from realtime.routing import websocket  # noqa: E402

workers = Workers(threads=settings.WEB_THREADS, waiting=settings.WEB_WAITING, seconds=settings.WEB_WAIT_SECONDS)
collector = Collector()
publish(workers, collector)
visitors = PageCache(Handler(workers), budget=settings.PAGE_CACHE_BYTES)
metrics.gauge("hiroba_page_cache_bytes", "Bytes of visitors' pages kept ready.", lambda: visitors.shelf.size)
metrics.gauge("hiroba_page_cache_pages", "Visitors' pages kept ready.", lambda: len(visitors.shelf))
readiness = Readiness()


async def drain() -> None:
    """The process is told to end: balancers send nobody any more, and open pages are asked to come back elsewhere."""
    readiness.drain()
    collector.stop()
    await runtime.stop()


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """For servers that tell when they start and stop (uvicorn; ours calls the same by itself)."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            collector.start(asyncio.get_running_loop())
            await send({"type": "lifespan.startup.complete"})
        else:
            await drain()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = Door(
    ProtocolTypeRouter({"http": visitors, "websocket": websocket, "lifespan": lifespan}),
    trusted_proxies=settings.TRUSTED_PROXIES,
    body_limit=settings.BODY_LIMIT,
    origins=settings.LIVE_ORIGINS,
    answers={"/healthz": healthz, "/readyz": readiness, "/metrics": Metrics(settings.METRICS_TOKEN)},
    ready=visitors.at_once,
)

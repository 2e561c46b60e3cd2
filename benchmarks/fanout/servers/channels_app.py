"""Channels as its manual has it: a consumer for each reader, a group, `group_send`; the message encoded once.

Daphne serves `channels_app:application`; `channels_app.py PORT` is the publisher, a process beside it, as ours is.
"""

import asyncio
import os
import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="a benchmark's",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    LOGGING_CONFIG=None,
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
        }
    },
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402
from message import control, encoded  # noqa: E402

GROUP = "thread.201"


class Reader(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def post_created(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter({"websocket": Reader.as_asgi()})


async def publish(number: int) -> None:
    layer = get_channel_layer()
    await layer.group_send(GROUP, {"type": "post.created", "text": encoded(number)})


async def main() -> None:
    server = await control(int(sys.argv[1]) + 1, publish)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

"""`manage.py serve`: the web process, or several on one port."""

import argparse
import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from community.config.lifeline import follow_parent
from community.config.serving.__main__ import become_parent
from community.config.serving.family import say_ready
from community.config.serving.listening import Address, CannotListen, bound, forget, keep_paths
from community.core.stack import with_room


class Command(BaseCommand):
    help = "Serve the site (pages, API and sockets) until told to stop."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (HOST)")
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (PORT)")
        where.add_argument("--unix-socket", default="", metavar="PATH", help="listen on a unix socket instead")
        where.add_argument("--fd", type=int, default=None, help="listen on a socket that is already open")
        parser.add_argument(
            "--processes", type=int, default=settings.WEB_PROCESSES, help="how many share the address (WEB_PROCESSES)"
        )

    def handle(
        self, *args: Any, host: str, port: int, unix_socket: str, fd: int | None, processes: int, **options: Any
    ) -> None:
        address = Address(host=host, port=port, unix=unix_socket, fd=fd)
        if processes < 1:
            raise CommandError("--processes is a number from 1 up.")
        if processes > 1:
            become_parent(processes, address, settings.LOGGING)
        follow_parent()
        try:
            serve(address)
        except CannotListen as error:
            raise CommandError(str(error)) from error


def serve(address: Address) -> None:
    """One web process, in this one. Raises `CannotListen`."""
    listening = bound(address)
    # The server brings Twisted's reactor, the application its threads: only what serves imports them.
    from community.config import asgi
    from community.config.serving.refusals import refuse
    from community.config.serving.warm import warm_up
    from realtime.conf import live
    from realtime.server import HardenedServer

    warm_up()

    def ready() -> None:
        keep_paths(server.listeners)
        asgi.collector.start(asyncio.get_event_loop())
        say_ready()

    server = HardenedServer(
        asgi.application,
        sockets=[listening],
        body_limit=settings.BODY_LIMIT,
        refuse=refuse,
        at_once=asgi.application.at_once,
        frame_bytes=live().frame_bytes,
        outbox_bytes=live().outbox_bytes,
        on_drain=[asgi.drain],
        on_ready=[ready],
    )
    try:
        with_room(server.run)
    finally:
        if address.unix:
            forget(address.unix)

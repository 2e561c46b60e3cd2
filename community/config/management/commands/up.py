"""`manage.py up`, which `make run` calls: the whole site on this machine, from nothing to a page in the browser."""

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from community.config import private
from community.config.demo.people import DOORS
from community.config.management.commands.demo import WORD
from community.config.supervisor import Stopped, Supervisor, is_answered, port_is_free, stoppable, wait_for_port
from community.members.models import Member

LOOPBACK = "127.0.0.1"
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104


class Command(BaseCommand):
    help = (
        "Start the site here: private servers if none are named, tables, demo content the first time, web and worker."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = settings.HOST, settings.PORT
        # A browser that is sent to "localhost" asks ::1 first: nobody else may answer there.
        if not port_is_free(host, port) or (host == LOOPBACK and is_answered("::1", port)):
            raise CommandError(
                f"Port {port} is taken by another program. Stop that one, or choose another: make run PORT={port + 1}"
            )
        began = time.monotonic()
        with ExitStack() as stack:
            try:
                stack.enter_context(stoppable())
                self._hold_servers(stack)
                self._prepare()
                supervisor = Supervisor()
                stack.callback(supervisor.stop)
                self._serve(supervisor, host, port, began)
            except Stopped:
                self.stdout.write("\nStopping …")
        self.stdout.write("Stopped. Everything is kept; `make run` goes on from here.")

    def _hold_servers(self, stack: ExitStack) -> None:
        if private.database_is_private() or private.valkey_is_private():
            self.stdout.write("Starting PostgreSQL and Valkey …")
        try:
            stack.enter_context(private.attached())
        except private.PrivateServerError as error:
            raise CommandError(str(error)) from error

    def _prepare(self) -> None:
        """Tables, and on the first start demo content. What was cut off is taken up again at the next start."""
        pending = Path(settings.VAR_DIR) / "demo.pending"
        if not connection.introspection.table_names():
            pending.parent.mkdir(parents=True, exist_ok=True)
            pending.touch()
        call_command("messages", compile=True)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        if pending.exists() and settings.DEMO and "demo" in get_commands():
            self.stdout.write("Laying out the demo market (only this first time) …")
            call_command("demo")
            pending.unlink()
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]

    def _serve(self, supervisor: Supervisor, host: str, port: int, began: float) -> None:
        supervisor.start("the web process", "serve", "--host", host, "--port", str(port))
        supervisor.start("the worker", "worker")
        reached = LOOPBACK if host in EVERYWHERE else host
        if not wait_for_port(reached, port, list(supervisor.children.values())):
            raise CommandError(f"{supervisor.ended() or 'The web process'} did not start; its words are above.")
        self._greet(reached, port, time.monotonic() - began)
        while (ended := supervisor.ended()) is None:
            time.sleep(0.2)
        raise CommandError(f"{ended} ended by itself; its words are above. All else was stopped.")

    def _doors(self) -> list[str]:
        """The accounts of the demo, at every start: the first summary has long scrolled away."""
        if not (settings.DEBUG and Member.objects.filter(email=DOORS[0]).exists()):
            return []
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        return [f"Demo accounts (password {WORD}): {', '.join(DOORS)}"]

    def _greet(self, host: str, port: int, seconds: float) -> None:
        mail = getattr(settings, "EMAIL_FILE_PATH", "")
        address = f"http://{host}:{port}"
        at_home = host == LOOPBACK and f"http://localhost:{port}" == settings.SITE_ORIGIN
        shown = settings.SITE_ORIGIN if at_home else address
        lines = [f"{settings.SITE_NAME} is open at {shown}/  ({seconds:.1f} s)"]
        if at_home:
            lines.append(f"{address}/ is the same site, without passkeys: they belong to a name.")
        if mail:
            lines.append(f"Mails are written to {os.path.relpath(mail)}/ instead of being sent.")
            lines.append("The terminal shows a line for each, with the code to enter.")
        lines += self._doors()
        lines.append("Ctrl-C stops it.")
        self.stdout.write("\n" + "\n".join(f"  {line}" for line in lines) + "\n")
        self.stdout.flush()

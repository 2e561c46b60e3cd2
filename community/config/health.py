"""/healthz: the process answers. /readyz: it can do its work. Both stand before Django's middleware and sessions."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor

from community.config.door import Receive, Scope, Send, answer
from community.core.valkey import ValkeyError, client

FRESH_SECONDS = 1.0
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")


async def healthz(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, 200, '{"status": "alive"}', scope["request_id"])


class Readiness:
    """Asks the database and Valkey at most once a second, however many ask us."""

    def __init__(self) -> None:
        self._state: dict[str, str] = {}
        self._asked = -FRESH_SECONDS
        self._migrated = False
        self._leaving = False

    def drain(self) -> None:
        """Not ready from now on: this process was told to stop, and a balancer should send people elsewhere."""
        self._leaving = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._leaving:
            await answer(send, 503, '{"status": "stopping"}', scope["request_id"])
            return
        if time.monotonic() - self._asked >= FRESH_SECONDS:
            self._asked = time.monotonic()
            self._state = await asyncio.get_running_loop().run_in_executor(_pool, self.look)
        state = self._state or {"status": "starting"}
        status = 200 if state["status"] in {"ready", "degraded"} else 503
        await answer(send, status, json.dumps(state), scope["request_id"])

    def look(self) -> dict[str, str]:
        """Without Valkey the site works, only not live: that is degraded, and still ready (REL-11)."""
        database, valkey = self._database(), self._valkey()
        if database != "ok":
            return {"status": "not ready", "database": database, "valkey": valkey}
        return {"status": "ready" if valkey == "ok" else "degraded", "database": "ok", "valkey": valkey}

    def _database(self) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not self._migrated:
                executor = MigrationExecutor(connection)
                self._migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except Exception:
            # Whatever it is, the answer to "can you work?" is no.
            return "down"
        finally:
            connection.close()
            close_old_connections()
        return "ok" if self._migrated else "migrations missing"

    def _valkey(self) -> str:
        try:
            client().ping()
        except ValkeyError:
            return "down"
        return "ok"

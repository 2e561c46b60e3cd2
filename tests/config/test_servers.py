"""The same application under another ASGI server: it works, only without what is Daphne's own."""

import json
import os
import subprocess
import sys
import urllib.request

import pytest
from django.conf import settings

from tests.config.test_private import wait_until
from tests.support.site import free_port


@pytest.mark.django_db(transaction=True)
def test_uvicorn_serves_the_site_and_stops_cleanly() -> None:
    port = free_port()
    environment = os.environ | {"HIROBA_TEST_SITE": "1", "PORT": str(port)}
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "community.config.asgi:application",
        "--port",
        str(port),
        "--log-level",
        "info",
    ]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True) as server:
        state: dict[str, str] = {}

        def ready() -> bool:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                    state.update(json.load(answer))
            except OSError:
                return False
            return True

        wait_until(ready, 40)
        server.terminate()
        _out, words = server.communicate(timeout=20)
    assert state["status"] == "ready"
    assert "Application shutdown complete." in words
    assert "Traceback" not in words

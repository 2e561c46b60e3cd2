"""The fan-out client against a real server, the `websockets` library's: what it says it saw, it saw."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.places import HERE
from benchmarks.processes import Failed, output, program
from tests.support.site import free_port

SERVER = HERE / "fanout" / "servers" / "websockets_server.py"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    assert compiler, "A C compiler is part of what the tests need (Debian: gcc, libc6-dev)."
    made = tmp_path_factory.mktemp("fanout") / "client"
    command = [compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-o", made, HERE / "fanout" / "client.c", "-lm"]
    subprocess.run(command, check=True)
    return made


def two_free_ports() -> int:
    """The first of a pair: the server takes a port and the one after it."""
    while True:
        port = free_port()
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
            return port


def test_every_reader_has_every_message_and_the_costs_are_told(client: Path) -> None:
    port = two_free_ports()
    with program("test-websockets", [sys.executable, SERVER, str(port)], ports=[port, port + 1]) as server:
        words = ["-n", "20", "-m", "10", "-r", "50", "-f", "0.5", "-w", "4", "-p", port, "-c", port + 1]
        row = json.loads(output("test-client", [client, *map(str, words), "-P", str(server.process.pid)]))
    assert (row["readers"], row["seen"], row["whole"]) == (20, 10, 10)
    assert (row["lost"], row["flat_lost"]) == (0, 0)
    assert 0 < row["p50"] <= row["p99"] <= row["last_p99"] < 1000
    assert row["flat_rate"] * row["flat_seconds"] == pytest.approx(row["flat_messages"] * 20, rel=0.05)
    assert 0 <= row["flat_client_cpu"] <= 1.1


def test_a_server_that_hangs_up_is_a_failure_not_a_figure(client: Path) -> None:
    port = two_free_ports()
    closing = (
        "import asyncio, sys\n"
        "async def shut(reader, writer):\n    await reader.read(10); writer.close()\n"
        f"async def main():\n    await (await asyncio.start_server(shut, '127.0.0.1', {port})).serve_forever()\n"
        "asyncio.run(main())"
    )
    with (
        program("test-closing", [sys.executable, "-c", closing], ports=[port]),
        pytest.raises(Failed, match="hung up"),
    ):
        output("test-client", [client, "-n", "3", "-m", "1", "-p", str(port), "-c", str(port)])

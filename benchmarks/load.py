"""Many requests for one page: wrk, or a slower generator of ours where there is no wrk.

`python -m benchmarks.load PORT PATH CONNECTIONS SECONDS` with headers as JSON on standard input is that generator.
"""

import asyncio
import json
import re
import resource
import sys
import time
from typing import Any

from benchmarks import tools
from benchmarks.figures import percentile
from benchmarks.places import HOUSE, PORT
from benchmarks.processes import Failed, Program, output, program
from benchmarks.wire import Client

BROWSER = {"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "en", "Accept": "text/html"}
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}


def load(
    path: str, *, connections: int, seconds: int, cookie: str = "", port: int = PORT, servers: tuple[Program, ...] = ()
) -> dict[str, Any]:
    """`rate` (requests a second), `p50` and `p99` (ms), `bad` (answers that are none), `server_us` (CPU a request)."""
    headers = BROWSER | ({"Cookie": cookie} if cookie else {})
    before, mine, began = sum(server.cpu() for server in servers), _generators(), time.monotonic()
    wrk = tools.wrk()
    if wrk:
        words = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "20s"]
        words += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        row = parsed(output("wrk", [*words, f"http://127.0.0.1:{port}{path}"], seconds=seconds + 60))
    else:
        row = _slowly(port, path, connections, seconds, headers)
    used = sum(server.cpu() for server in servers) - before
    row["server_us"] = round(used / max(row["requests"], 1) * 1e6, 1)
    row["server_cpu"] = round(used / (time.monotonic() - began), 3)
    row["client_cpu"] = round((_generators() - mine) / (time.monotonic() - began), 3)
    return row


def _generators() -> float:
    """Seconds of processor of the generators that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def parsed(text: str) -> dict[str, Any]:
    """What wrk printed. Raises `Failed` when it is not what wrk prints."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    count = re.search(r"(\d+) requests in", text)
    if not rate or not count:
        raise Failed(f"wrk said:\n{text}")
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    # A server without keep-alive closes after each answer, which wrk counts as a read error; those are none.
    lost = int(errors[1]) + int(errors[4]) if errors else 0
    return {
        "rate": float(rate[1]),
        "requests": int(count[1]),
        "p50": _milliseconds(text, 50),
        "p99": _milliseconds(text, 99),
        "bad": (int(bad[1]) if bad else 0) + lost,
    }


def _milliseconds(text: str, share: int) -> float:
    found = re.search(rf"\n\s+{share}%\s+([\d.]+)(us|ms|s|m)", text)
    return float(found[1]) * MILLISECONDS[found[2]] if found else -1


def _slowly(port: int, path: str, connections: int, seconds: int, headers: dict[str, str]) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.load", str(port), path, str(connections), str(seconds)]
    with program("load", [*words, json.dumps(headers)], cwd=HOUSE) as running:
        running.process.wait(seconds + 60)
        row: dict[str, Any] = json.loads(running.last_words().splitlines()[-1])
        return row


async def _generate(port: int, path: str, connections: int, seconds: int, headers: dict[str, str]) -> dict[str, Any]:
    took: list[float] = []
    bad = 0
    end = time.monotonic() + seconds

    async def one() -> None:
        nonlocal bad
        client = Client(port)
        while (began := time.monotonic()) < end:
            answer = await client.get(path, **headers)
            took.append((time.monotonic() - began) * 1000)
            bad += answer.status >= 400
        await client.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return {
        "rate": len(took) / seconds,
        "requests": len(took),
        "p50": percentile(took, 0.5),
        "p99": percentile(took, 0.99),
        "bad": bad,
    }


if __name__ == "__main__":
    _port, _path, _connections, _seconds, _headers = sys.argv[1:6]
    print(json.dumps(asyncio.run(_generate(int(_port), _path, int(_connections), int(_seconds), json.loads(_headers)))))

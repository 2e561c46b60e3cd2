"""Posts to a web process at a steady rate until it is told to stop, then says what came of it. A process of its own, so
that the time of a post is not the time of a busy test.

    python -m tests.realtime.posting http://127.0.0.1:8000/post 20
"""

import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

DATA = b"stream=probe.1&text=x"
results: list[tuple[float, int]] = []


def post(url: str) -> None:
    started = time.monotonic()
    try:
        with urllib.request.urlopen(url, DATA, timeout=30) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    results.append((time.monotonic() - started, status))


def main(url: str, rate: str) -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    threads = []
    print("ready", flush=True)
    while not stopped.wait(1 / float(rate)):
        threads.append(threading.Thread(target=post, args=(url,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])

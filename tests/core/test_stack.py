"""Threads that work for requests have room for their calls; without it a loop at an edge asks for memory each time."""

import resource
import sys
import threading
from collections.abc import Callable

import pytest

from community.config.serving.workers import Worker
from community.core.stack import with_room

DEPTHS, CALLS = 400, 100
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts the page faults of one thread, as Linux does")


def faults() -> int:
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt


def nothing() -> None:
    pass


def worst_of_all_depths() -> int:
    """The most page faults that `CALLS` calls take at any of `DEPTHS` depths."""
    worst = [0]

    def loop() -> int:
        before = faults()
        for _ in range(CALLS):
            nothing()
        return faults() - before

    def down(left: int) -> None:
        worst[0] = max(worst[0], loop())
        if left:
            down(left - 1)

    down(DEPTHS)
    return worst[0]


def on_a_thread(call: Callable[[], int]) -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join()
    return found[0]


def on_a_worker(call: Callable[[], int]) -> int:
    return Worker("test", lambda _worker: None).submit(call).result(timeout=30)


def test_a_worker_crosses_no_edge_at_any_depth() -> None:
    on_a_worker(worst_of_all_depths)
    assert on_a_worker(worst_of_all_depths) <= 2


def test_without_room_some_depth_pays_for_each_call() -> None:
    """The control. Where it fails, Python keeps a piece at hand by itself, and the room can go."""
    assert on_a_thread(worst_of_all_depths) >= CALLS


def test_the_result_and_the_error_come_through() -> None:
    assert with_room(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 // 0)


def test_runaway_calls_still_end_in_an_error() -> None:
    def again() -> None:
        again()

    with pytest.raises(RecursionError):
        with_room(again)

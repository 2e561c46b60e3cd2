"""Who comes while others are served is served with those who came meanwhile."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from community.core.lines import Lines
from tests.core.support import PATIENCE, until


class Desk:
    """Serves on demand, and keeps who was served together, and on whose thread."""

    def __init__(self, *, most: int = 16, fails: int | None = None) -> None:
        self.parties: list[list[int]] = []
        self.busy, self.go_on = Event(), Event()
        self.fails = fails
        self.lines: Lines[int] = Lines(self._serve, most=most)

    def _serve(self, party: Sequence[int]) -> None:
        self.parties.append(list(party))
        if not self.busy.is_set():
            self.busy.set()
            assert self.go_on.wait(PATIENCE)
        if self.fails in party:
            raise ValueError(self.fails)

    def waiting(self, name: str) -> int:
        return len(self.lines._waiting.get(name, ()))


def crowd(desk: Desk, pool: ThreadPoolExecutor, many: int) -> list["Future[None]"]:
    """One who is being served, and the others in line behind them, in the order of their numbers."""
    coming = [pool.submit(desk.lines.join, "a", 0)]
    assert desk.busy.wait(PATIENCE)
    for number in range(1, many):
        coming.append(pool.submit(desk.lines.join, "a", number))
        until(lambda n=number: desk.waiting("a") == n)  # type: ignore[misc]
    return coming


def test_the_first_is_served_at_once_and_the_others_together() -> None:
    desk = Desk()
    with ThreadPoolExecutor(5) as pool:
        coming = crowd(desk, pool, 5)
        desk.go_on.set()
        for one in coming:
            one.result(PATIENCE)
    assert desk.parties == [[0], [1, 2, 3, 4]]
    assert desk.lines._waiting == {}


def test_no_party_is_larger_than_it_may_be() -> None:
    desk = Desk(most=2)
    with ThreadPoolExecutor(6) as pool:
        coming = crowd(desk, pool, 6)
        desk.go_on.set()
        for one in coming:
            one.result(PATIENCE)
    assert desk.parties == [[0], [1, 2], [3, 4], [5]]


def test_another_line_does_not_wait() -> None:
    desk = Desk()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(desk.lines.join, "a", 0)
        assert desk.busy.wait(PATIENCE)
        pool.submit(desk.lines.join, "b", 1).result(PATIENCE)
        assert not first.done()
        desk.go_on.set()
        first.result(PATIENCE)
    assert desk.parties == [[0], [1]]


@pytest.mark.parametrize("fails", [0, 1, 3])
def test_what_fails_holds_nobody_up(fails: int) -> None:
    desk = Desk(most=2, fails=fails)
    with ThreadPoolExecutor(5) as pool:
        coming = crowd(desk, pool, 5)
        desk.go_on.set()
        failed = [number for number, one in enumerate(coming) if one.exception(PATIENCE)]
    # Whoever served them hears of it.
    assert failed == [fails]
    assert desk.parties == [[0], [1, 2], [3, 4]]
    assert desk.lines._waiting == {}

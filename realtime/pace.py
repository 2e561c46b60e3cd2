"""Lets sockets open at a steady rate: after a restart a thousand pages come back within a second, and pages and posts
still have to be answered meanwhile (REL-19).
"""

import asyncio

BURST = 30
"""How many may open at once after a quiet moment."""


LATE = 0.03
"""Seconds by which a turn may come late; beyond that the loop has enough to do, and fewer are let in."""

SLOWEST = 3.0
"""How much longer the steps may become."""


class Pace:
    def __init__(self, per_second: float, longest: float) -> None:
        self._usual = self._step = 1 / per_second
        self._longest = longest
        self._next = 0.0

    async def turn(self) -> bool:
        """Wait for one's turn; False at once when that would take longer than `longest` seconds."""
        instant = asyncio.get_running_loop().time()
        turn = max(self._next, instant - BURST * self._step)
        if turn - instant > self._longest:
            return False
        self._next = turn + self._step
        if turn > instant:
            await asyncio.sleep(turn - instant)
            self._adapt(asyncio.get_running_loop().time() - turn)
        return True

    def _adapt(self, late: float) -> None:
        longer = 1.1 if late > LATE else 0.95
        self._step = min(max(self._step * longer, self._usual), self._usual * SLOWEST)

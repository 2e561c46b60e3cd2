"""Room for deep calls, taken once by a thread for as long as it lives.

CPython (3.11 and later) keeps the frames of a thread in pieces of 16 KiB. A call that does not fit into the last piece
asks the system for another, and its return gives that back. Where a loop happens to stand close to the edge, each of
its calls is two system calls and a page of memory, some ten microseconds. Django nests deeply enough to cross an edge
70 times for a page and 200 times for a reply: a fifth of what the reply took.

A piece is made as large as the frame that needs it. So a frame that asks for much and uses none of it leaves one large
piece to all that it calls; what is not touched takes up no memory.
"""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SLOTS = 2**15
"""Places of 8 bytes that the frame asks for: Python makes a piece of 512 KiB for them, and half of it is left. A
thousand calls, as many as Python allows inside each other, take about 200 KiB."""


def with_room(call: Callable[[], T]) -> T:
    """`call()`, and all that it calls, without an edge to cross."""
    return call()


with_room.__code__ = with_room.__code__.replace(co_stacksize=SLOTS)

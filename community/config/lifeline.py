"""A child that ends with its parent, however the parent ended.

The parent keeps the write end of a pipe and says its read end's number in the environment. When the parent is gone, the
kernel closes the pipe, and the child asks itself to stop.
"""

import os
import signal
import threading

VARIABLE = "HIROBA_LIFELINE"


def follow_parent() -> None:
    """Stop, as if by SIGTERM, when the process that holds the other end of the lifeline is gone."""
    number = os.environ.pop(VARIABLE, "")
    if number.isdigit():
        threading.Thread(target=_watch, args=(int(number),), name="lifeline", daemon=True).start()


def _watch(end: int) -> None:
    while os.read(end, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

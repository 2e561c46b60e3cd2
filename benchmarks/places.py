"""Where the measuring keeps its things, and which core does what."""

import os
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
HERE = HOUSE / "benchmarks"
WORK = Path(os.environ.get("HIROBA_VAR") or HOUSE / "var").expanduser().resolve() / "bench"
# What a whole run of each kind measured; parts that were asked for by name have a file of their own.
FULL_RUN, SHORT_RUN, PARTS_RUN = WORK / "full.json", WORK / "short.json", WORK / "parts.json"
REPORT = HOUSE / "docs" / "performance.md"
LOGS = WORK / "log"

PORT = int(os.environ.get("BENCH_PORT", "8770"))  # and the nine that follow

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVER_CORE = CORES[0]  # the server that is measured has it alone
OTHER_CORE = CORES[1] if len(CORES) > 1 else CORES[0]  # load generator, publisher, databases


def pin_self() -> None:
    """Put this process, and whatever it starts without a word about cores, on the other core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {OTHER_CORE})

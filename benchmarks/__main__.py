"""`python -m benchmarks [PART …] [--full]`: measure; `python -m benchmarks report`: write docs/performance.md.

Parts: fanout, pages, writes, growth, cores; all that the effort has without a name. Everything runs on loopback, is
bounded in time, and is stopped at the end, on Ctrl-C too. What was measured is kept after each part; `--again` takes up
a run that was stopped, or of which something fell over, and measures only what is missing.
"""

import argparse
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from benchmarks import report, results, site
from benchmarks.effort import FULL, QUICK, SMALL, Effort, say
from benchmarks.fanout.contenders import Stage
from benchmarks.parts import cores, fanout, growth, pages, writes
from benchmarks.places import CORES, FULL_RUN, PARTS_RUN, SHORT_RUN, pin_self
from benchmarks.processes import Failed, stoppable
from benchmarks.stores import stores

PARTS = {"fanout": fanout, "pages": pages, "writes": writes, "growth": growth, "cores": cores}
SHORT = ("fanout", "pages", "writes")


def main() -> None:
    arguments = _arguments()
    if arguments.parts == ["report"]:
        report.write(results.stored())
        return
    effort = SMALL if arguments.small else FULL if arguments.full else QUICK
    wanted = arguments.parts or (list(PARTS) if effort.full else list(SHORT))
    file = PARTS_RUN if arguments.parts or arguments.small else FULL_RUN if arguments.full else SHORT_RUN
    run = (results.left_over(file) if arguments.again else None) or results.begin(_words(arguments))
    try:
        with stoppable():
            measure(missing(wanted, run), effort, run, file)
    except KeyboardInterrupt:
        sys.exit("\nStopped. Nothing is left running.")
    except Failed as error:
        sys.exit(str(error))
    print(f"\n{report.text(run)}\n\nAll runs: {file}\nInto docs/performance.md: python -m benchmarks report")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    # argparse looks for "no part at all", an empty list, among the choices, too.
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "report", []], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--full", action="store_true", help="the long run: half an hour instead of five minutes")
    parser.add_argument("--small", action="store_true", help="all of the long run in small: whether it works")
    parser.add_argument("--again", action="store_true", help="measure only what the last such run has not")
    return parser.parse_args()


def _words(arguments: argparse.Namespace) -> str:
    """The command that a person types to have the run again."""
    if not arguments.parts:
        return "make bench-full" if arguments.full else "make bench"
    return " ".join(
        [
            "python -m benchmarks",
            *arguments.parts,
            *(["--full"] if arguments.full else []),
            *(["--small"] if arguments.small else []),
        ]
    )


def missing(wanted: list[str], run: dict[str, Any]) -> list[str]:
    """Of the parts, those that have not come to their end in this run."""
    return [name for name in wanted if name not in run["seconds"]]


def measure(wanted: list[str], effort: Effort, run: dict[str, Any], file: Path) -> None:
    """Run the parts one after the other. Results are written after each, and when one stops half way."""
    if len(CORES) < 2:
        say("This machine has one core: server and load share it, and no figure is worth much.")
    pin_self()
    with stores() as mine:
        say("making the site ready")
        site.prepare(mine)
        stage = Stage(mine, site.fill(mine, 1))
        for name in wanted:
            try:
                _part(name, stage, effort, run)
            finally:
                results.store(run, file)


def _part(name: str, stage: Stage, effort: Effort, run: dict[str, Any]) -> None:
    """What was measured before something fell over stays, and the other parts are measured all the same."""
    began = time.monotonic()
    rows: list[dict[str, Any]] = []
    run["parts"][name] = rows
    run["failed"].pop(name, None)
    try:
        rows.extend(PARTS[name].run(stage, effort))
    except Exception as error:
        say(f"{name} was given up: {error}")
        run["failed"][name] = traceback.format_exc()
    else:
        run["seconds"][name] = round(time.monotonic() - began)


if __name__ == "__main__":
    main()

"""`python -m benchmarks [PART …] [--full]`: measure; `python -m benchmarks report`: write docs/performance.md.

Parts: fanout, pages, writes, growth, cores; all that the effort has without a name. Everything runs on loopback, is
bounded in time, and is stopped at the end, on Ctrl-C too.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import report, results, site
from benchmarks.effort import FULL, QUICK, Effort, say
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
    effort = FULL if arguments.full else QUICK
    wanted = arguments.parts or (list(PARTS) if arguments.full else list(SHORT))
    file = PARTS_RUN if arguments.parts else FULL_RUN if arguments.full else SHORT_RUN
    try:
        with stoppable():
            run = measure(wanted, effort, results.begin(_words(arguments)), file)
    except KeyboardInterrupt:
        sys.exit("\nStopped. Nothing is left running.")
    except Failed as error:
        sys.exit(str(error))
    print(f"\n{report.text(run)}\n\nAll runs: {file}\nInto docs/performance.md: python -m benchmarks report")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    # argparse looks for "no part at all", an empty list, among the choices, too.
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "report", []], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--full", action="store_true", help="the long run: about an hour instead of five minutes")
    return parser.parse_args()


def _words(arguments: argparse.Namespace) -> str:
    """The command that a person types to have the run again."""
    if not arguments.parts:
        return "make bench-full" if arguments.full else "make bench"
    return " ".join(["python -m benchmarks", *arguments.parts, *(["--full"] if arguments.full else [])])


def measure(wanted: list[str], effort: Effort, run: dict[str, Any], file: Path) -> dict[str, Any]:
    """Run the parts one after the other; results are written after each, so that a stop loses one part only."""
    if len(CORES) < 2:
        say("This machine has one core: server and load share it, and no figure is worth much.")
    pin_self()
    with stores() as mine:
        say("making the site ready")
        site.prepare(mine)
        stage = Stage(mine, site.fill(mine, 1))
        for name in wanted:
            began = time.monotonic()
            rows: list[dict[str, Any]] = []
            run["parts"][name] = rows
            try:
                rows.extend(PARTS[name].run(stage, effort))  # what was measured before something fell over stays
            except (Failed, OSError, EOFError) as error:
                say(f"{name} was given up: {error}")
            run["seconds"][name] = round(time.monotonic() - began)
            results.store(run, file)
    return run


if __name__ == "__main__":
    main()

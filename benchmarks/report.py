"""The figures of a run as tables: on the terminal, and between two marks in docs/performance.md."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import Row, grouped, one
from benchmarks.places import REPORT
from benchmarks.results import rows
from benchmarks.verdicts import Verdict, verdicts

BEGIN, END = "<!-- figures: begin (written by `python -m benchmarks report`) -->", "<!-- figures: end -->"
Cells = Sequence[str]
ENOUGH = 3  # runs


def text(run: dict[str, Any]) -> str:
    """Everything that was measured, as Markdown."""
    return "\n\n".join(part for part in _sections(run) if part)


def write(run: dict[str, Any], file: Path = REPORT) -> None:
    """Put the figures between the marks. Raises ValueError where the file has no marks."""
    before, begin, rest = file.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{file} has no place for figures: {BEGIN} … {END}")
    file.write_text(f"{before}{BEGIN}\n\n{text(run)}\n\n{END}{after}")


def _sections(run: dict[str, Any]) -> Iterator[str]:
    yield _about(run)
    if failed := run.get("failed"):
        yield "Not all of it was measured: " + "; ".join(
            f"{name} fell over ({trace.strip().splitlines()[-1]})" for name, trace in failed.items()
        )
    yield _promises(verdicts(run["parts"]))
    for title, make in TABLES:
        lines = make(run)
        if lines:
            yield f"### {title}"
            yield lines


def _about(run: dict[str, Any]) -> str:
    machine = run["machine"]
    named = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    took = sum(run["seconds"].values()) / 60
    return (
        f"`{run['command']}`, {run['began']}, commit {run['commit']}, {took:.0f} minutes.\n"
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, {machine['system']}, kernel "
        f"{machine['kernel']}; load before the run {machine['load_before']}.\n{named}."
    )


def _promises(found: list[Verdict]) -> str:
    cells = [
        (
            each.group,
            each.what,
            f"{'≥' if each.at_least else '≤'} {number(each.wanted)}",
            number(each.got),
            "reached" if each.reached else "**not reached**",
        )
        for each in found
        if each.reached is not None
    ]
    left = sorted({each.group for each in found if each.reached is None})
    words = f"\n\nNot measured in this run: something of {', '.join(left)}." if left else ""
    return "### Promises\n\n" + table(("", "what", "wanted", "got", ""), cells) + words


# --- Tables -------------------------------------------------------------------------------------------------------


def _fanout(run: dict[str, Any]) -> str:
    found = grouped(rows(run, "fanout"), "readers", "server")
    cells = [
        (
            number(row["readers"]),
            runs(row),
            f"{number(row['p50'])} / {number(row['p99'])}",
            number(row["last_p99"]),
            number(row["flat_rate"]),
            number(row["flat_us"]),
            number(row["lost"] + row["flat_lost"]),
            number(row["kib_each"]),
            _client(row),
        )
        for row in found
    ]
    head = (
        "readers",
        "server",
        "p50 / p99 ms",
        "p99 to the last",
        "deliveries/s",
        "µs each",
        "lost",
        "KiB each",
        "client",
    )
    return table(head, cells) + _failures(rows(run, "fanout"))


def _client(row: Row) -> str:
    share = f"{row['flat_client_cpu']:.2f}"
    return f"{share} **client-bound**" if row["client_bound"] else share


def _failures(found: list[Row]) -> str:
    failed = [f"- {row['label']}, {row['readers']} readers: {row['failed']}" for row in found if "failed" in row]
    return "\n\nRuns that failed:\n\n" + "\n".join(failed) if failed else ""


def _pages(run: dict[str, Any]) -> str:
    found = grouped(rows(run, "pages"), "page", "reader", "server")
    cells = [
        (
            row["page"],
            row["reader"],
            runs(row),
            number(row["rate"]),
            f"{number(row['p50'])} / {number(row['p99'])}",
            f"{number(row['one_p50'])} / {number(row['one_p99'])}",
            number(row["server_us"] / 1000),
            number(row["bad"]),
            number(row["memory"]),
            f"{row['client_cpu']:.2f}",
        )
        for row in found
    ]
    head = (
        "page",
        "reader",
        "product",
        "pages/s",
        "p50 / p99 ms, 8 at once",
        "one at a time",
        "CPU ms",
        "bad",
        "MiB",
        "client",
    )
    return table(head, cells)


def _writes(run: dict[str, Any]) -> str:
    found = [row for row in rows(run, "writes") if row["kind"] == "rate"]
    cells = [
        (
            number(row["posters"]),
            runs(row),
            number(row["rate"]),
            f"{number(row['p50'])} / {number(row['p99'])}",
            number(row["server_us"] / 1000),
            number(row["bad"]),
            f"{row['client_cpu']:.2f}",
        )
        for row in grouped(found, "posters", "server")
    ]
    return table(("posters", "product", "replies/s", "p50 / p99 ms", "CPU ms", "refused", "client"), cells)


def _live(run: dict[str, Any]) -> str:
    found = rows(run, "writes")
    cells: list[Cells] = []
    if click := one(found, kind="click"):
        for name, what in (("push", "bare push, 20 a second"), ("click", "from the click, 20 replies a second")):
            last = f"{number(click[f'{name}_last_p50'])} / {number(click[f'{name}_last_p99'])}"
            cells.append((what, f"{number(click[f'{name}_p50'])} / {number(click[f'{name}_p99'])}", last))
    lines = table(("1,000 readers", "p50 / p99 ms to each", "to the last"), cells) if cells else ""
    if fresh := one(found, kind="fresh"):
        lines += (
            f"\n\nLooked for in the very next request: {number(fresh['looked'])} replies, {fresh['stale']} not there."
        )
    if crossing := one(found, kind="crossing"):
        lines += (
            f"\n\nCrossing authors on {number(crossing['processes'])} processes: {number(crossing['replies'])} replies "
            f"({number(crossing['rate'])} a second), {number(crossing['bad'])} refused."
        )
    return lines


def _growth(run: dict[str, Any]) -> str:
    found = grouped(rows(run, "growth"), "kind", "page", "reader", "scale")
    alone = {_by_thing(row)[1:]: row["p50"] for row in found if row["kind"] == "alone"}
    cells = [
        (
            PAGE_NAMES.get(row.get("page", ""), "a reply, 8 posters"),
            row.get("reader", "member"),
            number(row["posts"]),
            number(row["rate"]),
            number(row["p50"]),
            number(alone[_by_thing(row)[1:]]) if _by_thing(row)[1:] in alone else "",
            number(row["server_us"] / 1000) if "server_us" in row else "",
        )
        for row in sorted(found, key=_by_thing)
        if row["kind"] in {"page", "rate"}
    ]
    lines = (
        table(("what", "reader", "posts in all", "a second", "p50 ms, 8 at once", "one at a time", "CPU ms"), cells)
        if cells
        else ""
    )
    if soak := one(rows(run, "growth"), kind="soak"):
        lines += (
            f"\n\nMemory of a web process (PSS): {number(soak['started'])} MiB at its start, {number(soak['warm'])} "
            f"warm, {number(soak['after'])} after {number(soak['seconds'] / 60)} minutes and "
            f"{number(soak['requests'])} requests."
        )
    return lines


PAGE_NAMES = {
    "small": "first page of a 20-reply thread",
    "middle_of_longest": "middle of a 100,000-reply thread",
    "middle_of_long": "middle of a 10,000-reply thread",
    "list": "list of threads",
}


def _by_thing(row: Row) -> tuple[str, str, str, int]:
    return row["kind"], row.get("page", ""), row.get("reader", ""), row.get("scale", 0)


def _cores(run: dict[str, Any]) -> str:
    cells = []
    for row in grouped(rows(run, "cores"), "kind", "reader", "processes"):
        fan = row["kind"] == "fanout"
        cells.append(
            (
                "deliveries, coalesced" if fan else f"a {row['reader']}'s page",
                number(row["processes"]),
                number(row["flat_rate"] if fan else row["rate"]),
                number(row["flat_us"] if fan else row["server_us"]),
            )
        )
    return table(("what", "processes", "a second", "CPU µs each"), cells) if cells else ""


TABLES: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
    ("One message to many readers", _fanout),
    ("Pages", _pages),
    ("Replies", _writes),
    ("From the click to the readers", _live),
    ("Growth", _growth),
    ("Two processes", _cores),
)


# --- Words --------------------------------------------------------------------------------------------------------


def table(head: Cells, lines: Sequence[Cells]) -> str:
    """A Markdown table whose columns stand under each other in a terminal, too; "" without lines."""
    if not lines:
        return ""
    wide = [max(len(line[n]) for line in (head, *lines)) for n in range(len(head))]
    rule = ["-" * width for width in wide]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, wide, strict=True)) + " |"
        for line in (head, rule, *lines)
    )


def runs(row: Row) -> str:
    """The product's name; with how few runs the figure rests on, where they are fewer than three."""
    return row["label"] if row["passes"] >= ENOUGH else f"{row['label']} ({row['passes']} of {ENOUGH} runs)"


def number(value: float | None) -> str:
    """Three digits that mean something, and thousands told apart."""
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"

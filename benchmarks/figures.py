"""Medians and percentiles."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank); -1 of none."""
    if not values:
        return -1
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def medians(rows: Iterable[Mapping[str, Any]]) -> Row:
    """Of rows about one thing: the median of every number, the first of everything else, and `passes`.

    Counts of what must not happen (`bad`, `lost`, `stale`, …) are summed: a median would hide one bad run. Of the
    memory of a reader the largest reading counts: a server that had as many before takes no more for the next ones.
    """
    kept = [row for row in rows if "failed" not in row]
    if not kept:
        return {}
    together: Row = {"passes": len(kept)}
    for key, first in kept[0].items():
        values = [row[key] for row in kept if key in row]
        if isinstance(first, bool):
            together[key] = any(values)
        elif isinstance(first, int | float):
            together[key] = OTHERWISE.get(key, statistics.median)(values)
        else:
            together[key] = first
    return together


OTHERWISE: dict[str, Callable[[list[Any]], Any]] = dict.fromkeys(("bad", "lost", "flat_lost", "stale", "looked"), sum)
OTHERWISE["kib_each"] = max


def grouped(rows: Iterable[Row], *keys: str) -> list[Row]:
    """One row of medians for each combination of `keys`, in the order of their first appearance."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(key) for key in keys), []).append(row)
    return [found for group in groups.values() if (found := medians(group))]


def one(rows: Iterable[Row], **wanted: Any) -> Row | None:
    """The medians of the rows with these values; None when there is none."""
    return medians(row for row in rows if all(row.get(key) == value for key, value in wanted.items())) or None


def ratio(above: Row | None, below: Row | None, key: str, other: str = "") -> float | None:
    """`above[key] / below[other or key]`, None where one of them is missing or zero."""
    if not above or not below:
        return None
    top, bottom = above.get(key), below.get(other or key)
    return top / bottom if top is not None and bottom else None

"""Numbers of this process in the text format of Prometheus. A module declares its own: `metrics.counter("…", "…")`.

Hand-written: three kinds of number need no dependency. Change them on the event loop; two threads that add at the same
instant may lose one addition.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metric(Protocol):
    name: str
    help: str
    kind: str

    def lines(self) -> Iterator[str]: ...


M = TypeVar("M", bound=Metric)


class Counter:
    """Only grows. With a `label`, one number per value of it."""

    kind = "counter"

    def __init__(self, name: str, help: str, label: str | None) -> None:
        self.name, self.help = name, help
        self._label = label
        self._values: dict[str, float] = {} if label else {"": 0}

    def add(self, amount: float = 1, *, label: str = "") -> None:
        self._values[label] = self._values.get(label, 0) + amount

    def value(self, label: str = "") -> float:
        return self._values.get(label, 0)

    def lines(self) -> Iterator[str]:
        for label, value in sorted(self._values.items()):
            labels = f'{{{self._label}="{label}"}}' if self._label else ""
            yield f"{self.name}{labels} {_number(value)}"


class Gauge:
    """Goes up and down; read when asked."""

    kind = "gauge"

    def __init__(self, name: str, help: str, read: Callable[[], float]) -> None:
        self.name, self.help = name, help
        self._read = read

    def lines(self) -> Iterator[str]:
        yield f"{self.name} {_number(self._read())}"


class Histogram:
    """How often a measure was at most so much; `buckets` are the bounds, ascending."""

    kind = "histogram"

    def __init__(self, name: str, help: str, buckets: Sequence[float]) -> None:
        self.name, self.help = name, help
        self._bounds = tuple(buckets)
        self._counts = [0] * (len(buckets) + 1)
        self._sum = 0.0

    def observe(self, measure: float) -> None:
        self._counts[bisect_left(self._bounds, measure)] += 1
        self._sum += measure

    def lines(self) -> Iterator[str]:
        total = 0
        for bound, count in zip((*map(_number, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            yield f'{self.name}_bucket{{le="{bound}"}} {total}'
        yield f"{self.name}_sum {self._sum:.6f}"
        yield f"{self.name}_count {total}"


_known: dict[str, Metric] = {}


def counter(name: str, help: str, *, label: str | None = None) -> Counter:
    """Declare a counter; its name ends in `_total`. Raises ValueError for a name that is taken."""
    return _declare(Counter(name, help, label))


def gauge(name: str, help: str, read: Callable[[], float]) -> Gauge:
    """Declare a gauge; `read` is called on the event loop, so it must be quick. Raises ValueError for a taken name."""
    return _declare(Gauge(name, help, read))


def histogram(name: str, help: str, buckets: Sequence[float] = SECONDS) -> Histogram:
    """Declare a histogram. Raises ValueError for a name that is taken."""
    return _declare(Histogram(name, help, buckets))


def _declare(metric: M) -> M:
    if metric.name in _known:
        raise ValueError(f"metric declared twice: {metric.name}")
    _known[metric.name] = metric
    return metric


def text() -> str:
    """Everything declared in this process."""
    lines: list[str] = []
    for name, metric in sorted(_known.items()):
        lines += [f"# HELP {name} {metric.help}", f"# TYPE {name} {metric.kind}", *metric.lines()]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"

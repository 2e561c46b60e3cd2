"""What issue-sized promises ask of one run, and whether the run kept them. Ratios are of medians in the same run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Row, grouped, one, ratio

Parts = Mapping[str, list[Row]]
THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`got` against `wanted`: at least it, or at most it. None where it was not measured."""

    group: str
    what: str
    wanted: float
    at_least: bool
    got: float | None

    @property
    def reached(self) -> bool | None:
        if self.got is None:
            return None
        return self.got >= self.wanted if self.at_least else self.got <= self.wanted


def verdicts(parts: Parts) -> list[Verdict]:
    """Every promise, in the order of the list it comes from."""
    return [*_fanout(parts), *_click(parts), *_visitor(parts), *_member(parts), *_growth(parts), *_cores(parts)]


def _least(group: str, what: str, wanted: float, got: float | None) -> Verdict:
    return Verdict(group, what, wanted, at_least=True, got=got)


def _most(group: str, what: str, wanted: float, got: float | None) -> Verdict:
    return Verdict(group, what, wanted, at_least=False, got=got)


def _fanout(parts: Parts) -> Iterator[Verdict]:
    rows = parts.get("fanout", [])
    row = {name: one(rows, server=name, readers=THOUSAND) for name in ("hiroba", "coalesced", *OTHERS)}
    rate = "flat_rate"
    yield _least("1", "deliveries/s ÷ socket.io", 1.3, ratio(row["hiroba"], row["socketio"], rate))
    yield _least("1", "deliveries/s ÷ bare picows (one send each)", 0.65, ratio(row["hiroba"], row["one_send"], rate))
    yield _least("1", "deliveries/s ÷ Channels + Daphne", 25, ratio(row["hiroba"], row["channels"], rate))
    yield _least("1", "coalesced deliveries/s ÷ socket.io", 6, ratio(row["coalesced"], row["socketio"], rate))
    mine = [found for name in OURS if (found := row[name])]
    yield _most("1", "messages lost", 0, sum(found["lost"] + found["flat_lost"] for found in mine) if mine else None)
    yield from _latency(rows, row)


OTHERS = ("socketio", "one_send", "channels")
OURS = ("hiroba", "coalesced")


def _latency(rows: list[Row], row: Mapping[str, Row | None]) -> Iterator[Verdict]:
    last = "last_p99"
    yield _most("2", "p99 to the last of 1,000 ÷ socket.io", 1, _worst(row, "socketio", last))
    yield _most("2", "p99 to the last of 1,000 ÷ bare", 1.5, _worst(row, "one_send", last))
    mine = [found for found in grouped(rows, "server", "readers") if found["server"] in OURS]
    spread = [found["p99"] / found["p50"] for found in mine if found["p50"] > 0]
    yield _most("2", "p99 ÷ p50, the worst of all numbers of readers", 3, max(spread, default=None))
    memory = [found["kib_each"] for found in mine if found["readers"] >= THOUSAND]
    yield _most("2", "KiB for an idle reader", 32, max(memory, default=None))


def _worst(row: Mapping[str, Row | None], other: str, key: str) -> float | None:
    """Of the site with and without coalescing: whichever is slower."""
    found = [each for name in OURS if (each := ratio(row[name], row[other], key)) is not None]
    return max(found, default=None)


def _click(parts: Parts) -> Iterator[Verdict]:
    row = one(parts.get("writes", []), kind="click")
    yield _most(
        "3", "p99 from click to the last of 1,000 ÷ bare push", 5, ratio(row, row, "click_last_p99", "push_last_p99")
    )
    yield _most("3", "replies lost or refused on the way", 0, row["lost"] + row["bad"] if row else None)


def _page(parts: Parts, server: str, reader: str) -> Row | None:
    return one(parts.get("pages", []), server=server, page="middle", reader=reader)


def _visitor(parts: Parts) -> Iterator[Verdict]:
    mine = _page(parts, "hiroba", "visitor")
    bare, spirit = _page(parts, "bare", "visitor"), _page(parts, "spirit", "visitor")
    fresh = one(parts.get("writes", []), kind="fresh")
    yield _least("4", "visitor's cached page/s ÷ the same bytes before Django", 0.6, ratio(mine, bare, "rate"))
    yield _least("4", "visitor's cached page/s ÷ django-spirit", 130, ratio(mine, spirit, "rate"))
    yield _most("4", "replies not there in the next request", 0, fresh["stale"] + fresh["bad"] if fresh else None)


def _member(parts: Parts) -> Iterator[Verdict]:
    mine, writes = _page(parts, "hiroba", "member"), parts.get("writes", [])
    rate = {name: one(writes, kind="rate", server=name, posters=8) for name in ("hiroba", "spirit", "misago")}
    crossing = one(writes, kind="crossing")
    yield _least("5", "member's page/s ÷ django-spirit", 15, ratio(mine, _page(parts, "spirit", "member"), "rate"))
    yield _least("5", "member's page/s ÷ Misago", 30, ratio(mine, _page(parts, "misago", "member"), "rate"))
    yield _least("5", "replies/s of 8 posters ÷ django-spirit", 4, ratio(rate["hiroba"], rate["spirit"], "rate"))
    yield _least("5", "replies/s of 8 posters ÷ Misago", 10, ratio(rate["hiroba"], rate["misago"], "rate"))
    yield _most("5", "replies refused with crossing authors on 4 processes", 0, crossing["bad"] if crossing else None)


def _growth(parts: Parts) -> Iterator[Verdict]:
    rows = parts.get("growth", [])
    for reader in ("visitor", "member"):
        deep = one(rows, kind="alone", scale=100, page="middle_of_longest", reader=reader)
        first = one(rows, kind="alone", scale=100, page="small", reader=reader)
        empty = one(rows, kind="alone", scale=0, page="small", reader=reader)
        middle = f"{reader}: time of the middle of 100,000 replies ÷ first page of 20"
        million = f"{reader}: time of a page with a million replies ÷ in an empty community"
        yield _most("6", middle, 1.05, ratio(deep, first, "p50"))
        yield _most("6", million, 1.3, ratio(first, empty, "p50"))
    full, none = (one(rows, kind="rate", scale=scale) for scale in (100, 0))
    yield _most("6", "replies/s in an empty community ÷ with a million", 1.3, ratio(none, full, "rate"))


def _cores(parts: Parts) -> Iterator[Verdict]:
    rows = parts.get("cores", [])
    for what, wanted, rate, cost in CORES:
        single, double = (one(rows, processes=count, **wanted) for count in (1, 2))
        yield _least("7", f"{what}: two processes ÷ one, as this machine gives it", 1.6, ratio(double, single, rate))
        each = ratio(single, double, cost)
        yield _least("7", f"{what}: two processes ÷ one, by the cost of each", 1.6, 2 * each if each else None)


CORES: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("visitor's page", {"kind": "page", "reader": "visitor"}, "rate", "server_us"),
    ("member's page", {"kind": "page", "reader": "member"}, "rate", "server_us"),
    ("fan-out", {"kind": "fanout"}, "flat_rate", "flat_us"),
)

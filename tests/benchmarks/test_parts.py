"""A long run loses nothing: when a part falls over, what was measured stays, and the next run measures the rest."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import results, site
from benchmarks.effort import SMALL


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that ran, in their order: `first` works, `second` falls over half way once, `third` works."""
    ran: list[str] = []
    falls_over = {"second"}

    def part(name: str) -> SimpleNamespace:
        def run(_stage: Any, _effort: Any) -> Iterator[dict[str, Any]]:
            ran.append(name)
            yield {"of": name, "number": 1}
            if name in falls_over:
                falls_over.remove(name)
                raise KeyError("something nobody thought of")
            yield {"of": name, "number": 2}

        return SimpleNamespace(run=run)

    monkeypatch.setattr(command, "PARTS", {name: part(name) for name in ("first", "second", "third")})
    monkeypatch.setattr(command, "stores", lambda: nullcontext(SimpleNamespace()))
    monkeypatch.setattr(command, "pin_self", lambda: None)
    monkeypatch.setattr(site, "prepare", lambda _stores: None)
    monkeypatch.setattr(site, "fill", lambda _stores, _scale: None)
    return ran


def test_a_part_that_falls_over_keeps_its_rows_and_stops_no_other(measured: list[str], tmp_path: Path) -> None:
    file, run = tmp_path / "run.json", results.begin("make bench-full")
    command.measure(["first", "second", "third"], SMALL, run, file)
    kept = json.loads(file.read_text())
    assert measured == ["first", "second", "third"]
    assert [len(kept["parts"][name]) for name in measured] == [2, 1, 2]
    assert list(kept["seconds"]) == ["first", "third"]
    assert "something nobody thought of" in kept["failed"]["second"]


def test_the_next_run_measures_what_is_missing(measured: list[str], tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    assert results.left_over(file) is None
    command.measure(["first", "second", "third"], SMALL, results.begin("make bench-full"), file)
    measured.clear()
    run = results.left_over(file)
    assert run is not None
    command.measure(command.missing(["first", "second", "third"], run), SMALL, run, file)
    assert measured == ["second"]
    kept = json.loads(file.read_text())
    assert (kept["failed"], sorted(kept["seconds"])) == ({}, ["first", "second", "third"])


def test_a_stop_by_hand_keeps_what_there_is(
    measured: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_stage: Any, _effort: Any) -> Iterator[dict[str, Any]]:
        yield {"of": "second", "number": 1}
        raise KeyboardInterrupt

    monkeypatch.setitem(command.PARTS, "second", SimpleNamespace(run=stopped))
    file = tmp_path / "run.json"
    with pytest.raises(KeyboardInterrupt):
        command.measure(["first", "second", "third"], SMALL, results.begin("make bench-full"), file)
    kept = json.loads(file.read_text())
    assert (list(kept["seconds"]), len(kept["parts"]["second"])) == (["first"], 1)

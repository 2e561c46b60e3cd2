"""The report is written from the JSON alone, between its two marks, and nothing else of the page moves."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import report
from benchmarks.places import REPORT
from tests.benchmarks.test_verdicts import fanout_row


def run_with(**parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "command": "make bench",
        "began": "2026-11-22T02:00:00+00:00",
        "commit": "abc1234",
        "machine": {
            "cores": 2,
            "processor": "Some CPU",
            "memory_gib": 24,
            "system": "Some Linux",
            "kernel": "6.1",
            "load_before": 0.1,
        },
        "versions": {"Python": "3.11.7"},
        "seconds": {"fanout": 90},
        "parts": parts,
    }


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "performance.md"
    file.write_text(f"# Before\n{report.BEGIN}\nold figures\n{report.END}\nAfter\n")
    return file


def row(**more: Any) -> dict[str, Any]:
    figures = {"label": "Hiroba", "flat_us": 6.2, "flat_client_cpu": 0.61, "client_bound": False}
    return fanout_row("hiroba", **figures | more)


def test_only_what_lies_between_the_marks_is_replaced(page: Path) -> None:
    report.write(run_with(fanout=[row()]), page)
    text = page.read_text()
    assert text.startswith(f"# Before\n{report.BEGIN}\n")
    assert text.endswith(f"{report.END}\nAfter\n")
    assert "old figures" not in text
    assert "`make bench`" in text
    assert "100,000" in text
    report.write(run_with(fanout=[row()]), page)
    assert page.read_text() == text


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text("# Mine\n")
    with pytest.raises(ValueError, match="no place"):
        report.write(run_with(), file)
    assert file.read_text() == "# Mine\n"


def test_the_committed_page_has_its_marks() -> None:
    text = REPORT.read_text()
    assert text.index(report.BEGIN) < text.index(report.END)


def test_a_row_that_the_client_limited_says_so() -> None:
    assert "client-bound" in report.text(run_with(fanout=[row(client_bound=True)]))
    assert "client-bound" not in report.text(run_with(fanout=[row()]))


def test_a_figure_of_few_runs_says_so() -> None:
    assert "Hiroba (1 of 3 runs)" in report.text(run_with(fanout=[row()]))
    assert "runs)" not in report.text(run_with(fanout=[row()] * 3))


def test_a_run_that_failed_is_named() -> None:
    failed = {"server": "channels", "label": "Channels", "readers": 2000, "failed": "the server hung up"}
    assert "Channels, 2000 readers: the server hung up" in report.text(run_with(fanout=[row(), failed]))


def test_what_was_not_measured_has_no_table_and_is_said() -> None:
    text = report.text(run_with(fanout=[row()]))
    assert "### Pages" not in text
    assert "Not measured in this run" in text


def test_columns_stand_under_each_other() -> None:
    lines = report.table(("a", "bbb"), [("1", "2"), ("333", "4")]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert report.table(("a",), []) == ""


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(None, "–"), (0, "0"), (1.0, "1"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (1234567.8, "1,234,568")],
)
def test_numbers_have_the_digits_that_mean_something(value: float | None, wanted: str) -> None:
    assert report.number(value) == wanted

"""Medians, percentiles and ratios: what every figure of docs/performance.md rests on."""

import pytest

from benchmarks.figures import grouped, medians, one, percentile, ratio


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [([], 0.5, -1), ([7], 0.99, 7), ([3, 1, 2], 0.5, 2), ([1, 2, 3, 4], 0.5, 2), (list(range(1, 101)), 0.99, 99)],
)
def test_a_percentile_is_a_value_that_was_measured(values: list[float], share: float, wanted: float) -> None:
    assert percentile(values, share) == wanted


def test_numbers_become_medians_and_words_stay() -> None:
    found = medians([{"server": "a", "rate": 3, "p50": 1.0}, {"server": "a", "rate": 1}, {"server": "a", "rate": 2}])
    assert found == {"passes": 3, "server": "a", "rate": 2, "p50": 1.0}


def test_what_must_not_happen_is_summed_not_hidden_in_a_median() -> None:
    found = medians([{"lost": 0, "bad": 0}, {"lost": 0, "bad": 1}, {"lost": 5, "bad": 0}])
    assert (found["lost"], found["bad"]) == (5, 1)


def test_of_a_readers_memory_the_largest_counts() -> None:
    assert medians([{"kib_each": 20.5}, {"kib_each": 0.1}, {"kib_each": 0.1}])["kib_each"] == 20.5


def test_one_run_that_the_client_limited_marks_the_row() -> None:
    assert medians([{"client_bound": False}, {"client_bound": True}])["client_bound"] is True


def test_a_failed_run_does_not_count_as_a_run() -> None:
    assert medians([{"failed": "it fell"}]) == {}
    assert medians([{"failed": "it fell"}, {"rate": 4}]) == {"passes": 1, "rate": 4}


def test_rows_are_grouped_in_the_order_they_came() -> None:
    rows = [{"n": 2, "rate": 1}, {"n": 1, "rate": 5}, {"n": 2, "rate": 3}]
    assert [(row["n"], row["rate"]) for row in grouped(rows, "n")] == [(2, 2), (1, 5)]
    assert one(rows, n=1) == {"passes": 1, "n": 1, "rate": 5}
    assert one(rows, n=9) is None


def test_a_ratio_needs_both_sides_and_no_zero_below() -> None:
    assert ratio({"rate": 6}, {"rate": 4}, "rate") == 1.5
    assert ratio({"click": 6}, {"push": 4}, "click", "push") == 1.5
    assert ratio({"rate": 6}, {"rate": 0}, "rate") is None
    assert ratio(None, {"rate": 4}, "rate") is None
    assert ratio({"rate": 6}, {}, "rate") is None

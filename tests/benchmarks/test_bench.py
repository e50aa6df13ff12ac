"""That the benchmark measures what it says; how fast is for `make bench` to tell."""

from __future__ import annotations

import pytest

from tests.benchmarks.bench import Row, measure, table
from tests.stack import Stack


def test_quantiles_are_of_the_times_in_milliseconds() -> None:
    row = Row("something", [0.001 * n for n in range(100, 0, -1)])
    assert row.quantile(0.5) == pytest.approx(51)
    assert row.quantile(0.95) == pytest.approx(96)
    assert row.quantile(1.0) == pytest.approx(100)


def test_every_line_is_measured_on_the_running_stack(stack: Stack) -> None:
    rows = measure(stack, conversations=1)
    assert [len(row.times) for row in rows[:2]] == [5, 40]
    assert all(len(row.times) > 100 for row in rows[2:])
    assert all(min(row.times) > 0 for row in rows)
    assert table(rows).count("\n") == len(rows)

"""The ledger that is made for measuring is a sound one of the size that was asked for."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.benchmarks.bench_ledger import lines, size
from tests.ledger import many
from tests.ledger.conftest import url_of


@pytest.fixture
async def url(tmp_path: Path) -> str:
    url = url_of(tmp_path / "ledger.db")
    await many.fill(url, 600, 150)
    return url


async def test_as_many_payments_as_asked_for(url: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "ledger.db")
    counts = dict(connection.execute("SELECT customer_id = 'cust_heavy', count(*) FROM payments GROUP BY 1"))
    indexes = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE name = 'payments_recent'"
    ).fetchone()
    connection.close()
    assert counts == {0: 600, 1: 150}
    assert indexes == (1,), "made again after the rows"


async def test_every_line_is_measured(url: str) -> None:
    rows = await lines(url, 600, 150, times=5)
    assert [row.what.split(": ")[1] for row in rows] == ["payments", "facts", "diagnose"] * 2
    assert all(len(row.times) == 5 and min(row.times) > 0 for row in rows)


def test_sizes_are_written_short() -> None:
    assert [size(text) for text in ("5000", "100k", "10M")] == [5_000, 100_000, 10_000_000]
    with pytest.raises(ValueError, match="not a size"):
        size("many")

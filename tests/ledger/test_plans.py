"""Every statement that the ledger is asked finds its rows through an index, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from actions.ledger import Ledger, open_read_only
from actions.ledger.check.plans import OWNED, asked, explain, scans
from tests.ledger import many
from tests.ledger.conftest import url_of
from tests.ledger.postgres import database_for_tests, for_sqlalchemy, needs_postgres

ORDINARY, HEAVY = 30_000, 10_000  # enough that reading a table whole costs more than its index


@pytest.fixture(scope="module")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = url_of(tmp_path_factory.mktemp("plans") / "ledger.db")
    many.asyncio_fill(url, ORDINARY, HEAVY)
    return url


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with database_for_tests() as own:
        url = for_sqlalchemy(own)
        many.asyncio_fill(url, ORDINARY, HEAVY)
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs_postgres)])
def big_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def big(big_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_read_only(big_url)
    yield engine
    await engine.dispose()


async def who_paid(engine: AsyncEngine) -> str:
    """An ordinary customer with payments."""
    sql = text("SELECT customer_id FROM payments WHERE customer_id <> :heavy ORDER BY id DESC LIMIT 1")
    async with engine.connect() as connection:
        return str((await connection.execute(sql, {"heavy": many.HEAVY})).scalar())


async def test_no_statement_reads_a_whole_table(big: AsyncEngine) -> None:
    for customer in (await who_paid(big), many.HEAVY):
        statements = await asked(big, customer)
        touched = {name for sql, _ in statements for name in re.findall(r"(?:FROM|JOIN) (\w+)", str(sql))}
        assert {"payments", "attempts", "postings", "refunds", "client_log"} <= touched
        # Tables that are as good as empty are read whole with good reason: those PostgreSQL is told
        # to avoid reading whole; the big ones it must avoid of its own accord.
        assert await scans(big, statements, forced=True) == {}
        assert not set(await scans(big, statements, forced=False)) & {
            *("payments", "attempts", "postings", "refunds")
        }


async def test_a_table_without_its_index_is_noticed(tmp_path: Path) -> None:
    url = url_of(tmp_path / "ledger.db")
    await many.fill(url, 200, 50)
    writable = create_async_engine(url, future=True)
    async with writable.begin() as connection:
        await connection.execute(text("DROP INDEX refunds_of_payment"))
    await writable.dispose()
    engine = open_read_only(url)
    assert set(await scans(engine, await asked(engine, many.HEAVY), forced=True)) == {"refunds"}
    await engine.dispose()


@needs_postgres
async def test_on_postgresql_too(postgres_url: str) -> None:
    engine = open_read_only(postgres_url)
    whole = text("SELECT count(*) FROM postings WHERE minor = 7 AND customer_id <> :customer")
    assert set(await scans(engine, [(whole, {"customer": "x"})], forced=True)) == {"postings"}
    await engine.dispose()


def rows_read(node: dict[str, Any]) -> int:
    """Rows that the plan's scans found, those that a filter threw away again included."""
    own = 0
    if "Relation Name" in node:
        found = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        own = int(found * node["Actual Loops"])
    return own + sum(map(rows_read, node.get("Plans", [])))


@needs_postgres
async def test_a_question_about_one_payment_of_a_busy_customer_reads_little(postgres_url: str) -> None:
    """An index that only finds the customer would pass as an index, and read all that they ever did."""
    engine = open_read_only(postgres_url)
    newest = (await Ledger(engine).payments(many.HEAVY, since=many.START, limit=1))[0]
    statements = [
        (sql, values)
        for sql, values in await asked(engine, many.HEAVY, payments=1)
        if values.get("ids") == [newest.id] or values.get("payment") == newest.id
    ]
    assert len(statements) > 3
    async with engine.connect() as connection:
        for sql, values in statements:
            plan = await explain(connection, sql, values, analyze=True)
            tree = json.loads(plan[0][0]) if isinstance(plan[0][0], str) else plan[0][0]
            assert rows_read(tree[0]["Plan"]) < 100, f"{sql}\n{tree}"
    await engine.dispose()


def test_what_is_owned() -> None:
    assert {"payments", "attempts", "postings", "refunds", "customers"} <= OWNED
    assert not OWNED & {"merchants", "incidents", "app_releases", "fx_quotes"}

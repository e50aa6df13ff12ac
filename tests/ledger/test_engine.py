"""The ledger opens read only, and nothing in it may take long."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.ledger import LedgerError, open_read_only, open_writable
from actions.ledger.engine import postgres_settings
from actions.ledger.models import AppRelease, Payment
from tests.ledger.small import NOON, payment


@pytest.mark.parametrize(
    "write",
    [
        "UPDATE wallet_accounts SET total_minor = 999999 WHERE customer_id = 'alice'",
        "DELETE FROM postings",
        "INSERT INTO app_releases (version, released_at) VALUES ('9', '2026-01-01')",
        "DROP TABLE payments",
        "CREATE TABLE notes (text TEXT)",
    ],
)
async def test_the_database_refuses_every_write(engine: AsyncEngine, write: str) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="readonly"):
            await connection.execute(text(write))


async def test_a_statement_that_takes_too_long_is_stopped_and_the_next_one_runs(small_url: str) -> None:
    engine = open_read_only(small_url, statement_seconds=0.2)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="interrupted"):
            await connection.execute(text(endless))
        assert (await connection.execute(text("SELECT count(*) FROM customers"))).scalar() == 3
    await engine.dispose()


def test_a_missing_ledger_is_said_in_one_sentence_and_not_created(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(LedgerError, match=r"There is no ledger at .*none\.db"):
        open_read_only(f"sqlite+aiosqlite:///{path}")
    assert not path.exists()


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "mysql+aiomysql://localhost/ledger"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(LedgerError):
        open_read_only(url)


def test_postgresql_sessions_are_read_only_with_a_time_limit() -> None:
    settings = postgres_settings(3.0)
    assert settings["default_transaction_read_only"] == "on"
    assert settings["statement_timeout"] == "3000"
    assert settings["plan_cache_mode"] == "force_custom_plan"
    assert open_read_only("postgresql+asyncpg://reader@db/ledger").dialect.name == "postgresql"


async def test_naive_times_are_refused(tmp_path: Path, small_url: str) -> None:
    engine = open_writable(small_url)
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 (the point of the test)
    async with engine.connect() as connection:
        with pytest.raises(StatementError, match="time zone"):
            await connection.execute(AppRelease.__table__.insert(), {"version": "3", "released_at": naive})
    await engine.dispose()


async def test_times_come_back_as_aware_utc(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        row = (await connection.execute(AppRelease.__table__.select())).first()
    assert row.released_at.tzinfo is timezone.utc


async def test_a_row_cannot_hang_on_another_customers_payment(small_url: str) -> None:
    engine = open_writable(small_url)
    stolen = payment("pay_x", "charlie", NOON, method_id="mth_bob")
    async with engine.connect() as connection:
        with pytest.raises(IntegrityError):
            await connection.execute(Payment.__table__.insert(), stolen)
    await engine.dispose()

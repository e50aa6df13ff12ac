"""The example in docs/examples/yuan_wallet: another wallet's tables, read through views, on PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from actions.diagnosis import diagnose
from actions.diagnosis.facts import Money, PaymentStatus
from actions.diagnosis.result import Cause
from actions.ledger import Ledger, open_read_only
from actions.ledger.check import check
from tests.ledger.postgres import database_for_tests, for_sqlalchemy, needs_postgres, run, server

pytestmark = needs_postgres

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "yuan_wallet"


def now() -> datetime:
    """The rows are as old as the test, not as this module."""
    return datetime.now(timezone.utc)


def script(name: str) -> str:
    return (EXAMPLE / f"{name}.sql").read_text(encoding="utf-8")


class Wallet:
    """The example in a database of its own, with a role of its own; `views` and `role` may be changed."""

    def __init__(self, own: str) -> None:
        self.own = own
        self.role = f"support_bot_{uuid.uuid4().hex[:8]}"
        self.url = for_sqlalchemy(own, username=self.role)

    def make(self, views: str, role: str) -> None:
        asyncio.run(
            run(self.own, script("tables"), script("rows"), views, role.replace("support_bot", self.role))
        )


def made(views: str | None = None, role: str | None = None) -> Iterator[Wallet]:
    wallet = None
    try:
        with database_for_tests() as own:
            wallet = Wallet(own)
            wallet.make(views or script("views"), role or script("role"))
            yield wallet
    finally:
        if wallet is not None:
            asyncio.run(run(server(), f"DROP ROLE IF EXISTS {wallet.role}"))


@pytest.fixture(scope="module")
def wallet() -> Iterator[Wallet]:
    yield from made()


async def test_the_checker_finds_nothing(wallet: Wallet) -> None:
    assert [str(finding) for finding in await check(wallet.url, now())] == []


async def test_money_times_and_words_are_translated(wallet: Wallet) -> None:
    engine = open_read_only(wallet.url)
    ledger = Ledger(engine)
    payments = {p.id: p for p in await ledger.payments("u1001", since=now() - timedelta(days=30))}
    customer = await ledger.customer("u1001")
    await engine.dispose()
    assert customer is not None
    assert customer.accounts[0].available == Money(27_350, "CNY")
    assert customer.accounts[0].frozen == Money(20_000, "CNY")
    assert set(payments) == {"o1", "o2", "o3", "o4"}
    failed = payments["o3"]
    assert (failed.status, failed.amount) == (PaymentStatus.FAILED, Money(88_800, "CNY"))
    assert abs(now() - timedelta(hours=1) - failed.created_at) < timedelta(minutes=5)
    assert failed.attempts[0].available_before == Money(47_350, "CNY")
    assert payments["o2"].postings[-1].reverses in {"l07", "l08"}
    assert [r.amount for r in payments["o1"].refunds] == [Money(1_000, "CNY")]


@pytest.mark.parametrize(
    ("payment", "cause"),
    [
        ("o1", Cause.REFUND_PARTIAL),
        ("o2", Cause.REVERSAL_COMPLETED),
        ("o3", Cause.INSUFFICIENT_BALANCE),
    ],
)
async def test_the_diagnosis_is_right(wallet: Wallet, payment: str, cause: Cause) -> None:
    engine = open_read_only(wallet.url)
    facts = await Ledger(engine).facts("u1001", payment)
    await engine.dispose()
    first = diagnose(facts, now())[0]
    assert first.cause is cause
    if cause is Cause.INSUFFICIENT_BALANCE:
        assert first.values["shortfall"] == Money(41_450, "CNY")


async def test_another_customer_sees_nothing_of_it(wallet: Wallet) -> None:
    engine = open_read_only(wallet.url)
    assert (await Ledger(engine).facts("u1002", "o3")).payment is None
    await engine.dispose()


@pytest.mark.parametrize(
    "write",
    [
        "UPDATE orders SET state = 2",
        "UPDATE support.payments SET status = 'captured'",
        "INSERT INTO qianbao.t_user VALUES ('x', 'x', 1, NULL, 0, now())",
        "CREATE TABLE support.notes (text text)",
    ],
)
async def test_the_role_cannot_write_even_if_the_session_allowed_it(wallet: Wallet, write: str) -> None:
    engine = open_read_only(wallet.url)
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match=r"read-only|permission denied|cannot update|does not exist"):
            await connection.execute(text("SET TRANSACTION READ WRITE"))
            await connection.execute(text(write))
    await engine.dispose()


VIEWS, ROLE = "views", "role"
FAULTS = {
    "yuan": (
        (VIEWS, "fen(order_amt) AS minor", "order_amt AS minor"),
        "payments.minor is numeric(18,2), but amounts are whole minor units",
    ),
    "floats": (
        (
            VIEWS,
            "fen(amt) AS minor, ccy::text AS currency, utc(apply",
            "amt::float8 AS minor, ccy::text AS currency, utc(apply",
        ),
        "refunds.minor is double precision",
    ),
    "no zone": (
        (VIEWS, "utc(create_time) AS created_at", "create_time AS created_at"),
        "payments.created_at is timestamp without time zone, but times must carry their zone",
    ),
    "the session's zone": (
        (VIEWS, "utc(begin_time) AS started_at", "begin_time::timestamptz AS started_at"),
        "attempts.started_at changes with the session's time zone",
    ),
    "a state left out": (
        (VIEWS, "WHEN 10 THEN 'authorized'", ""),
        "payments.status is empty in 1 of 5 rows looked at",
    ),
    "a missing view": (
        (VIEWS, "CREATE VIEW refunds", "CREATE VIEW their_refunds"),
        "no table or view refunds",
    ),
    "a number for a flag": (
        (VIEWS, "false AS device_new", "0 AS device_new"),
        "attempts.device_new is integer, but give true or false",
    ),
    "a balance that leaves frozen money out": (
        (VIEWS, "fen(balance + frozen) AS total_minor", "fen(balance) AS total_minor"),
        "The balance after the last posting is not the account's",
    ),
    "a leg left out": (
        (VIEWS, "FROM qianbao.bill;", "FROM qianbao.bill WHERE subject <> 3;"),
        "Transactions do not balance",
    ),
    "no index": (
        (VIEWS, "CREATE INDEX ON qianbao.refund_order (uid, order_id);", ""),
        "reads all of refund_order (through refunds)",
    ),
    "a cast on a key": (
        (
            VIEWS,
            "uid AS customer_id, order_id AS payment_id, shop_id",
            "lower(uid) AS customer_id, order_id AS payment_id, shop_id",
        ),
        "reads all of pay_flow",
    ),
    "a role that writes": (
        (ROLE, "GRANT SELECT ON ALL TABLES", "GRANT SELECT, UPDATE ON ALL TABLES"),
        "may write to support.",
    ),
    "a role that makes tables": (
        (ROLE, "GRANT USAGE ON SCHEMA support", "GRANT USAGE, CREATE ON SCHEMA support"),
        "may create tables in the schema support",
    ),
    "a role that may not read": (
        (ROLE, "GRANT SELECT ON ALL TABLES IN SCHEMA support TO", "GRANT SELECT ON support.customers TO"),
        "The account may not read payments: GRANT SELECT",
    ),
    "a superuser": (
        (ROLE, "LOGIN NOSUPERUSER", "LOGIN SUPERUSER"),
        "is a superuser and may write anything",
    ),
}


@pytest.fixture
def spoilt(request: pytest.FixtureRequest) -> Iterator[Wallet]:
    which, old, new = FAULTS[request.param][0]
    assert old in script(which)
    yield from made(**{which: script(which).replace(old, new)})


@pytest.mark.parametrize("spoilt", FAULTS, indirect=True)
async def test_a_fault_in_the_mapping_is_said(spoilt: Wallet, request: pytest.FixtureRequest) -> None:
    sentence = FAULTS[request.node.callspec.params["spoilt"]][1]
    found = [str(finding) for finding in await check(spoilt.url, now()) if finding.fatal]
    assert [text for text in found if sentence in text], found

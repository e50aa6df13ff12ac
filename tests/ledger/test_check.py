"""The checker says each fault of a ledger in a sentence that tells what to do, and nothing of a sound one."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from actions.ledger.__main__ import main
from actions.ledger.check import check
from actions.ledger.demo import DemoLedger
from tests.ledger import many
from tests.ledger.conftest import url_of


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that keeps the contract."""
    path = tmp_path_factory.mktemp("sound") / "ledger.db"
    many.asyncio_fill(url_of(path), 1_000, 100)
    return path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copy(sound, tmp_path / "ledger.db"))


def spoil(path: Path, script: str) -> None:
    """Runs SQL on the copy, with its own guards switched off, as a view would have none."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.executescript(script)
    connection.close()


async def test_a_sound_ledger(sound: Path) -> None:
    assert [finding for finding in await check(url_of(sound), many.END) if finding.fatal] == []


LATER = "strftime('%Y-%m-%d %H:%M:%S', {}, '+8 hours')"
FAULTS = {
    "a missing table": ("DROP TABLE refunds", "There is no table or view refunds: make it"),
    "a missing column": (
        "ALTER TABLE payments RENAME COLUMN order_no TO out_trade_no",
        "payments has no column order_no: add it as text",
    ),
    "a column of fractions": (
        "ALTER TABLE refunds RENAME COLUMN minor TO old; ALTER TABLE refunds ADD COLUMN minor DECIMAL(18, 2)",
        "refunds.minor is decimal(18, 2), but amounts are whole minor units",
    ),
    "a missing index": (
        "DROP INDEX payments_recent",
        "payments has no index on (customer_id, created_at, id), so that answers get slower",
    ),
    "an index in another order": (
        "DROP INDEX refunds_of_payment; CREATE INDEX r ON refunds (payment_id, customer_id)",
        "refunds has no index on (customer_id, payment_id)",
    ),
    "times with an offset": (
        "UPDATE payments SET created_at = created_at || '+08:00'",
        "payments.created_at holds",
    ),
    "local times, just now": (
        f"UPDATE refunds SET completed_at = {LATER.format('completed_at')};"
        f"UPDATE attempts SET started_at = datetime('{many.END:%Y-%m-%d %H:%M}', '+8 hours')",
        "attempts.started_at lies in the future",
    ),
    "one table in local time": (
        f"UPDATE attempts SET started_at = {LATER.format('started_at')}"
        f" WHERE started_at < '{many.END:%Y-%m-%d}'",
        "attempts.started_at is 8 hours after payments.created_at",
    ),
    "floats": ("UPDATE payments SET minor = minor + 0.5", "payments.minor holds"),
    "one table in yuan": ("UPDATE payments SET minor = minor / 100", "postings.minor is 100 times"),
    "everything in yuan": (
        "UPDATE payments SET minor = minor / 100 + 1; UPDATE refunds SET minor = minor / 100 + 1;"
        "UPDATE postings SET minor = minor / 100, balance_after = balance_after / 100",
        "payments.minor looks like major units",
    ),
    "a currency of their own": ("UPDATE payments SET currency = 'RMB'", "payments.currency holds 'RMB'"),
    "a state of their own": (
        "UPDATE payments SET status = 'SUCCESS' WHERE status = 'captured'",
        "payments.status holds 'SUCCESS', which the bot does not know: translate it",
    ),
    "an empty state": ("UPDATE attempts SET outcome = ''", "attempts.outcome holds ''"),
    "one leg": (
        "UPDATE postings SET minor = minor - 1 WHERE account = 'merchant'",
        "Transactions do not balance",
    ),
    "a gap": (
        "DELETE FROM postings WHERE transaction_id IN (SELECT transaction_id FROM postings"
        " WHERE kind = 'debit' AND customer_id = 'cust_heavy' ORDER BY sequence LIMIT 1 OFFSET 20)",
        "Balances have gaps (acc_cust_heavy customer at pst_",
    ),
    "another balance": (
        "UPDATE wallet_accounts SET total_minor = total_minor + 1",
        "The balance after the last posting is not the account's",
    ),
    "a negative balance": (
        "UPDATE postings SET balance_after = balance_after - 100000000 WHERE balance_after IS NOT NULL",
        "Balances fall below zero",
    ),
    "no running balance": ("UPDATE postings SET balance_after = NULL", "postings.balance_after is empty"),
    "a merchant that is not there": (
        "UPDATE payments SET merchant_id = 'gone'",
        "payments.merchant_id names gone, which merchants has not",
    ),
    "someone else's method": (
        "UPDATE payments SET method_id = 'mth_cust_0000001' WHERE customer_id = 'cust_heavy'",
        "payments.method_id names mth_cust_0000001",
    ),
    "captured ones said to have failed": (
        "UPDATE payments SET status = 'failed' WHERE status = 'captured'",
        "payments looked at contradict themselves",
    ),
    "nobody": ("DELETE FROM customers; DELETE FROM payments", "There are no customers"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_said(copy: Path, fault: str) -> None:
    script, sentence = FAULTS[fault]
    spoil(copy, script)
    found = await check(url_of(copy), many.END, customers=8, named=[many.HEAVY])
    said = [finding.text for finding in found if finding.fatal]
    assert [text for text in said if sentence in text], "\n".join(map(str, found))
    assert all(text.endswith((".", ")")) for text in said)


async def test_one_payment_in_hundreds_that_contradicts_itself_is_only_noted(copy: Path) -> None:
    newest = "SELECT id FROM payments WHERE status = 'captured' ORDER BY created_at DESC LIMIT 1"
    spoil(copy, f"UPDATE payments SET status = 'failed' WHERE id = ({newest})")
    found = [f for f in await check(url_of(copy), many.END) if "contradict" in f.text]
    assert [finding.fatal for finding in found] == [False]


async def test_views_are_checked_by_their_plans(copy: Path) -> None:
    spoil(
        copy,
        "ALTER TABLE refunds RENAME TO their_refunds; DROP INDEX refunds_of_payment;"
        "CREATE VIEW refunds AS SELECT * FROM their_refunds",
    )
    found = await check(url_of(copy), many.END)
    assert [f.text for f in found if f.fatal and "reads all of" in f.text]


async def test_a_named_customer_is_always_looked_at(copy: Path) -> None:
    spoil(copy, "UPDATE wallet_accounts SET total_minor = total_minor + 1 WHERE customer_id = 'cust_0000019'")
    assert not [f for f in await check(url_of(copy), many.END, customers=3) if f.fatal]
    assert [f for f in await check(url_of(copy), many.END, customers=3, named=["cust_0000019"]) if f.fatal]


async def test_the_demo_ledger_keeps_the_contract(demo: DemoLedger, demo_url: str) -> None:
    found = await check(demo_url, demo.now, customers=100)
    assert not [finding for finding in found if finding.fatal]
    assert [f for f in found if "pay_xu_jing_01" in f.text], "told on purpose: a refund that was never posted"


def test_exit_codes(sound: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", url_of(sound), "--customers", "5"]) == 0
    assert "The ledger keeps the contract." in capsys.readouterr().out
    spoil(copy, "DROP INDEX payments_recent")
    assert main(["check", url_of(copy), "--customers", "5"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("WRONG  payments has no index") and "1 thing to mend." in said


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite+aiosqlite:////nowhere/ledger.db", "There is no ledger at"),
        ("mysql+aiomysql://localhost/ledger", "LEDGER_URL must be"),
        ("not an address", "Could not parse"),
        ("postgresql+asyncpg://nobody@127.0.0.1:1/none", "The ledger cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere(url: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", url]) == 1
    assert sentence in capsys.readouterr().err

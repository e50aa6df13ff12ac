"""What a scenario is in the ledger: sound books, and the very facts that were told."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from actions.diagnosis import diagnose
from actions.diagnosis.facts import Money
from actions.diagnosis.result import Cause
from actions.ledger import Ledger, open_read_only
from tests.scenarios.document import BadScenario
from tests.scenarios.ledger import records, write
from tests.scenarios.reading import read_file
from tests.scenarios.scenario import Scenario
from tests.scenarios.test_play import SCENARIOS

# At every time of day, whatever the customer's zone: what a file tells must hold at each.
HOURS = [datetime(2026, 3, 14, hour, 27, tzinfo=timezone.utc) for hour in (4, 11, 16)]
TAKEN = ("captured", "partially_refunded", "refunded", "disputed")


def made(text: str, folder: Path, now: datetime = HOURS[1]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the scenario in `text`."""
    return records(read(text, folder), 1, now).tables


def read(text: str, folder: Path) -> Scenario:
    file = folder / "one.yml"
    file.write_text(f"format: 1\nname: one\n{text}\nturns: [{{say: hi}}]\n", encoding="utf-8")
    return read_file(file)[0]


@pytest.mark.parametrize("now", HOURS, ids=lambda now: f"{now:%H}h")
def test_the_books_of_every_scenario_balance(now: datetime) -> None:
    for number, scenario in enumerate(SCENARIOS, 1):
        tables = records(scenario, number, now).tables
        legs = sorted(tables["postings"], key=lambda leg: leg["sequence"])
        sums: Counter[tuple[str, str]] = Counter()
        running: Counter[tuple[str, str]] = Counter()
        for leg in legs:
            sums[leg["transaction_id"], leg["currency"]] += leg["minor"]
            if leg["wallet_account_id"]:
                side = (leg["wallet_account_id"], leg["account"])
                running[side] += leg["minor"]
                assert leg["balance_after"] == running[side] >= 0, (scenario.name, leg)
            assert leg["posted_at"] <= now, (scenario.name, leg)
        assert not [key for key, total in sums.items() if total], scenario.name
        for account in tables["wallet_accounts"]:
            frozen = running[account["id"], "customer_hold"]
            assert account["frozen_minor"] == frozen
            assert account["total_minor"] == running[account["id"], "customer"] + frozen


def test_customers_and_their_rows_have_ids_of_their_own() -> None:
    now = HOURS[0]
    customers = [
        records(scenario, number, now).customer["id"] for number, scenario in enumerate(SCENARIOS, 1)
    ]
    assert len(set(customers)) == len(SCENARIOS)
    for number, scenario in enumerate(SCENARIOS, 1):
        for table, rows in records(scenario, number, now).tables.items():
            ids = [row["id"] for row in rows if "id" in row]
            assert len(set(ids)) == len(ids), (scenario.name, table)
            assert all(len(id) <= 64 for id in ids)


async def test_the_first_cause_told_is_what_the_rules_find(tmp_path: Path) -> None:
    """For talks that begin with the customer's only payment, just after midnight in Shanghai."""
    now, wrong = HOURS[-1], []
    url = f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}"
    for number, scenario in enumerate(SCENARIOS, 1):
        first = scenario.turns[0].cause
        if len(scenario.payments) != 1 or first in (None, Cause.NO_RECORD):
            continue
        rows = records(scenario, number, now)
        await write(url, rows)
        engine = open_read_only(url)
        own = {row["customer_id"]: row["id"] for row in rows.tables["payments"] + rows.tables["client_log"]}
        not_me = first is Cause.FRAUD_SUSPECTED
        id = rows.customer["id"]
        facts = await Ledger(engine).facts(id, own[id], not_me=not_me, claims_duplicate=True)
        causes = [found.cause for found in diagnose(facts, now)]
        if causes[0] is not first:
            wrong.append(f"{scenario.name}: told {first}, found {causes}")
        await engine.dispose()
    assert wrong == []


def test_what_could_be_spent_before_is_exact_and_so_is_the_balance_now(tmp_path: Path) -> None:
    tables = made(
        "customer: {balance: {available: 7.50, frozen: 20.00}}\n"
        "payments: [{merchant: jd, amount: 38.00, when: 3h ago, code: '51', available_before: 12.10}]",
        tmp_path,
    )
    (account,) = tables["wallet_accounts"]
    assert (account["total_minor"], account["frozen_minor"]) == (2750, 2000)
    before = HOURS[1] - timedelta(hours=3)
    spendable = [
        leg["balance_after"]
        for leg in tables["postings"]
        if leg["account"] == "customer" and leg["wallet_account_id"] and leg["posted_at"] < before
    ]
    assert spendable[-1] == 1210


def test_a_refused_payment_moves_nothing_and_a_paid_one_its_cost(tmp_path: Path) -> None:
    tables = made(
        "payments:\n"
        "- {merchant: jd, amount: 38.00, when: 3h ago, code: '05'}\n"
        "- {merchant: jd, amount: 50.00, fee: 0.50, when: 5h ago}\n"
        "- {merchant: amazon, amount: 10.00 USD, when: 6h ago}",
        tmp_path,
    )
    moved = Counter(
        {payment["id"]: 0 for payment in tables["payments"]},
    )
    for leg in tables["postings"]:
        if leg["account"] == "customer" and leg["payment_id"]:
            moved[leg["payment_id"]] -= leg["minor"]
    (conversion,) = tables["fx_conversions"]
    cost = conversion["converted_minor"] + conversion["fee_minor"]
    assert [moved[payment["id"]] for payment in tables["payments"]] == [0, 5050, cost]
    assert [payment["status"] for payment in tables["payments"]] == ["failed", "captured", "captured"]


def test_the_wallets_own_codes_find_their_rail(tmp_path: Path) -> None:
    tables = made(
        "payments:\n"
        "- {merchant: jd, amount: 1, when: 3h ago, code: LIMIT_DAILY}\n"
        "- {merchant: jd, amount: 2, when: 4h ago, code: '51'}\n"
        "- {merchant: jd, amount: 3, when: 5h ago, code: Z9}",
        tmp_path,
    )
    assert [attempt["rail"] for attempt in tables["attempts"]] == ["wallet", "iso8583", "iso8583"]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("when: 3h ago, captured: 5h ago", "lies before what it follows"),
        ("when: 1h ago, captured: +2h", "has not come yet"),
        ("when: 3h ago, refunds: [{accepted: 4h ago}]", "lies before what it follows"),
        ("when: 9h ago, refunds: [{accepted: 4h ago, completed: 5h ago}]", "lies before what it follows"),
    ],
)
def test_times_that_contradict_each_other_are_refused_with_the_place(
    tmp_path: Path, times: str, said: str
) -> None:
    with pytest.raises(BadScenario, match=rf"one\.yml, line 3, payments\[1\], .*{said}"):
        made(f"payments: [{{merchant: jd, amount: 5, {times}}}]", tmp_path)


def test_other_customers_are_strangers_with_payments_of_their_own(tmp_path: Path) -> None:
    tables = made(
        "other_customers: [{count: 3, payments: [{merchant: jd, amount: 5, when: 2h ago, order_no: X1}]}]",
        tmp_path,
    )
    assert len(tables["customers"]) == 4
    assert len({payment["customer_id"] for payment in tables["payments"]}) == 3
    assert len({payment["created_at"] for payment in tables["payments"]}) == 3


async def test_incidents_and_releases_are_the_scenarios_own(tmp_path: Path) -> None:
    tables = made(
        "incidents: [{channel: alipay, started: 4h ago, ended: +1h}]\n"
        "app_releases: [{version: 3.0.0, released: 9d ago, minimum_from: in 2h}]",
        tmp_path,
    )
    (incident,), (release,) = tables["incidents"], tables["app_releases"]
    assert incident["ended_at"] - incident["started_at"] == timedelta(hours=1)
    assert release["minimum_from"] == HOURS[1] + timedelta(hours=2)
    assert tables["customers"][0]["app_version"] == "3.0.0"


async def test_the_ledger_reads_back_what_was_told(tmp_path: Path) -> None:
    scenario = read(
        "customer: {cards: [{id: visa, bank: HSBC, last4: '4410'}], limits: {daily: 500}}\n"
        "payments: [{merchant: jd, amount: 38.00, when: 3h ago, method: visa, code: '54'}]",
        tmp_path,
    )
    rows = records(scenario, 1, HOURS[1])
    url = f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}"
    await write(url, rows)
    engine = open_read_only(url)
    (payment,) = await Ledger(engine).payments(rows.customer["id"], since=HOURS[0] - timedelta(days=9))
    await engine.dispose()
    assert (payment.amount, payment.method.last4) == (Money(3800, "CNY"), "4410")
    assert payment.attempts[0].limits.daily == Money(50000, "CNY")

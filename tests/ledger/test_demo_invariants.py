"""The demo ledger keeps a ledger's rules, except where a story breaks one on purpose."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actions.ledger.demo import DemoLedger
from actions.ledger.demo.world import EXPONENTS

Row = dict[str, Any]

TAKEN = {"captured", "partially_refunded", "refunded"}
REFUND_WITHOUT_CREDIT = {"rfd_xu_jing_01_1"}  # 徐静: said to be refunded, never posted
ORDERS_PAID_TWICE = {"cust_sun_li"}  # 孙丽: one order number captured twice


def by(rows: Iterable[Row], *columns: str) -> dict[Any, list[Row]]:
    """Rows grouped by one or several columns."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[c] for c in columns) if len(columns) > 1 else row[columns[0]]].append(row)
    return groups


def total(rows: Iterable[Row]) -> int:
    """The sum of minor units."""
    return sum(row["minor"] for row in rows)


@pytest.fixture(scope="session")
def postings(demo: DemoLedger) -> list[Row]:
    """All legs, in the ledger's order."""
    return sorted(demo.tables["postings"], key=lambda row: row["sequence"])


def test_every_transaction_balances_in_each_currency(postings: list[Row]) -> None:
    assert not [key for key, legs in by(postings, "transaction_id", "currency").items() if total(legs)]


def test_amounts_are_whole_minor_units_of_known_currencies(demo: DemoLedger) -> None:
    for table in ("payments", "postings", "refunds", "client_log", "spending_limits"):
        for row in demo.tables[table]:
            assert type(row["minor"]) is int, row
            assert row["currency"] in EXPONENTS, row
    assert {"JPY", "KWD", "CNY"} <= {p["currency"] for p in demo.tables["payments"]}


def test_a_leg_is_taken_back_at_most_once_on_its_own_account_and_to_the_last_cent(
    postings: list[Row],
) -> None:
    legs = {row["id"]: row for row in postings}
    back = [row for row in postings if row["reverses"]]
    assert back
    assert max(Counter(row["reverses"] for row in back).values()) == 1
    for row in back:
        original = legs[row["reverses"]]
        assert (row["account"], row["wallet_account_id"]) == (
            original["account"],
            original["wallet_account_id"],
        )
        assert row["minor"] == -original["minor"]
        assert row["posted_at"] > original["posted_at"]


def test_balances_run_without_gaps_and_never_below_zero(demo: DemoLedger, postings: list[Row]) -> None:
    running: Counter[tuple[str, str]] = Counter()
    for row in postings:
        if row["wallet_account_id"]:
            side = (row["wallet_account_id"], row["account"])
            running[side] += row["minor"]
            assert row["balance_after"] == running[side] >= 0, row
    for account in demo.tables["wallet_accounts"]:
        frozen = running[account["id"], "customer_hold"]
        assert account["frozen_minor"] == frozen
        assert account["total_minor"] == running[account["id"], "customer"] + frozen


def test_the_ledgers_order_is_the_order_of_time(postings: list[Row]) -> None:
    times = [row["posted_at"] for row in postings]
    assert times == sorted(times)


def test_a_captured_payment_took_its_cost_and_fee_once_and_no_other_took_anything(
    demo: DemoLedger, postings: list[Row]
) -> None:
    legs = by(
        (row for row in postings if row["account"] == "customer" and not row["refund_id"]), "payment_id"
    )
    fx = {row["payment_id"]: row for row in demo.tables["fx_conversions"]}
    for payment in demo.tables["payments"]:
        moved = -total(legs[payment["id"]])
        conversion = fx.get(payment["id"])
        cost = payment["minor"] + payment["fee_minor"]
        if conversion:
            cost = conversion["converted_minor"] + conversion["fee_minor"]
        if payment["status"] in TAKEN:
            assert moved == cost, payment
            assert sum(leg["kind"] in ("debit", "hold") for leg in legs[payment["id"]]) == 1
        elif payment["status"] in ("processing", "unknown", "reversing", "authorized"):
            assert moved in (0, cost), payment
        else:
            assert moved == 0, payment


def test_a_hold_ends_once_and_gives_no_more_than_it_held(postings: list[Row]) -> None:
    held = by((row for row in postings if row["account"] == "customer_hold"), "payment_id")
    del held[None]  # frozen money that belongs to no payment
    assert held
    for legs in held.values():
        ends = [leg for leg in legs if leg["kind"] in ("capture", "release")]
        assert len(ends) <= 1
        assert total(legs) == (0 if ends else legs[0]["minor"])


def test_refunds_give_back_at_most_what_was_paid_and_are_credited_once(
    demo: DemoLedger, postings: list[Row]
) -> None:
    credits = by((row for row in postings if row["account"] == "customer"), "refund_id")
    payments = {row["id"]: row for row in demo.tables["payments"]}
    uncredited = set()
    for refund in demo.tables["refunds"]:
        amounts = [leg["minor"] for leg in credits[refund["id"]]]
        if refund["status"] != "succeeded":
            assert amounts == []
        elif amounts:
            assert amounts == [refund["minor"]]
        else:
            uncredited.add(refund["id"])
    assert uncredited == REFUND_WITHOUT_CREDIT
    for payment_id, refunds in by(demo.tables["refunds"], "payment_id").items():
        payment = payments[payment_id]
        assert payment["status"] in TAKEN
        assert {refund["currency"] for refund in refunds} == {payment["currency"]}
        assert total(r for r in refunds if r["status"] in ("succeeded", "processing")) <= payment["minor"]


def test_an_order_is_captured_once(demo: DemoLedger) -> None:
    captured = [p for p in demo.tables["payments"] if p["status"] in TAKEN]
    twice = {
        customer
        for (customer, _, _), payments in by(captured, "customer_id", "merchant_id", "order_no").items()
        if len(payments) > 1
    }
    assert twice == ORDERS_PAID_TWICE


def test_times_follow_each_other_and_lie_in_the_past(demo: DemoLedger, postings: list[Row]) -> None:
    refunds = by(demo.tables["refunds"], "payment_id")
    for payment in demo.tables["payments"]:
        known = [payment[c] for c in ("created_at", "authorized_at", "captured_at") if payment[c]]
        completed = [r["completed_at"] for r in refunds[payment["id"]] if r["completed_at"]]
        assert known == sorted(known), payment
        assert all(r["accepted_at"] > known[-1] for r in refunds[payment["id"]])
        assert all(at > known[-1] for at in completed)
        assert max(known) <= demo.now
        assert payment["ended_at"] is None or payment["created_at"] <= payment["ended_at"] <= demo.now
    assert all(row["posted_at"] <= demo.now for row in postings)
    assert all(row["started_at"] <= demo.now for row in demo.tables["attempts"])


def test_conversions_follow_their_quote_to_one_minor_unit(demo: DemoLedger) -> None:
    quotes = {row["id"]: row for row in demo.tables["fx_quotes"]}
    payments = {row["id"]: row for row in demo.tables["payments"]}
    assert demo.tables["fx_conversions"]
    for row in demo.tables["fx_conversions"]:
        payment, quote = payments[row["payment_id"]], quotes[row["quote_id"]]
        major = Decimal(payment["minor"]).scaleb(-EXPONENTS[payment["currency"]])
        exact = (major * quote["rate"]).scaleb(EXPONENTS[row["currency"]])
        assert abs(exact - row["converted_minor"]) <= 1
        assert quote["currency"] == payment["currency"]
        assert quote["quoted_at"] <= payment["created_at"]


def test_idempotency_keys_are_used_once(demo: DemoLedger) -> None:
    keys = Counter((p["customer_id"], p["idempotency_key"]) for p in demo.tables["payments"])
    assert max(keys.values()) == 1


def test_nobody_paid_while_their_account_was_restricted(demo: DemoLedger) -> None:
    for hold in demo.tables["restrictions"]:
        until = hold["lifted_at"] or demo.now + timedelta(days=1)
        during = [
            p["id"]
            for p in demo.tables["payments"]
            if p["customer_id"] == hold["customer_id"]
            and p["captured_at"]
            and hold["effective_from"] <= p["captured_at"] < until
        ]
        assert during == []


def test_nobody_used_an_app_from_before_its_release(demo: DemoLedger) -> None:
    released = {row["version"]: row["released_at"] for row in demo.tables["app_releases"]}
    for row in (*demo.tables["attempts"], *demo.tables["client_log"]):
        assert released[row["app_version"]] <= row["started_at"]

"""A small ledger written by hand, so that a test can say exactly what was true when.

Alice has 200.00 to spend after a top-up, holds and a debit (see ALICE_LEGS); Bob pays at the same
merchant at the same time; Charlie exists and has never paid.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from actions.ledger import open_writable
from actions.ledger.models import Base

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=timezone.utc)  # noon in Shanghai, a Wednesday
TRY_AT = NOON - timedelta(hours=2)  # when Alice's payment failed

# (id, side, kind, minor, when, payment, reverses, balance after)
ALICE_LEGS: tuple[tuple[str, str, str, int, datetime, str | None, str | None, int], ...] = (
    ("a1", "customer", "top_up", 50_000, NOON - timedelta(days=20), None, None, 50_000),
    # yesterday in Shanghai: 30.00 spent
    ("a2", "customer", "debit", -3_000, NOON - timedelta(hours=13), "pay_a_yesterday", None, 47_000),
    # today: a hold of 100.00 for the hotel
    ("a3", "customer", "hold", -10_000, NOON - timedelta(hours=8), "pay_a_hotel", None, 37_000),
    ("a4", "customer_hold", "hold", 10_000, NOON - timedelta(hours=8), "pay_a_hotel", None, 10_000),
    # today: 50.00 spent and taken back before the try, so that they count for nothing
    ("a5", "customer", "debit", -5_000, NOON - timedelta(hours=6), "pay_a_reversed", None, 32_000),
    ("a6", "customer", "reversal", 5_000, NOON - timedelta(hours=5), "pay_a_reversed", "a5", 37_000),
    # at the very moment of the try and after it: neither counts for it
    ("a7", "customer", "debit", -1_000, TRY_AT, "pay_a_same_moment", None, 36_000),
    ("a8", "customer", "top_up", 90_000, NOON - timedelta(hours=1), None, None, 126_000),
)


def method(owner: str, **more: Any) -> dict[str, Any]:
    """A payment method's row."""
    return {"id": f"mth_{owner}", "customer_id": owner, "kind": "balance", **more}


def payment(id: str, owner: str, at: datetime, **more: Any) -> dict[str, Any]:
    """A payment's row: a purchase of 400.00 at the café that failed."""
    return {
        "id": id,
        "customer_id": owner,
        "merchant_id": "cafe",
        "method_id": f"mth_{owner}",
        "paying_account_id": f"acc_{owner}",
        "order_no": f"order-{id}",
        "transaction_no": f"T-{id}",
        "kind": "purchase",
        "status": "failed",
        "minor": 40_000,
        "currency": "CNY",
        "fee_minor": 0,
        "country": "CN",
        "created_at": at,
        "authorized_at": None,
        "captured_at": None,
        **more,
    }


def attempt(id: str, owner: str, payment_id: str, at: datetime, **more: Any) -> dict[str, Any]:
    """An attempt's row: refused."""
    return {
        "id": id,
        "customer_id": owner,
        "payment_id": payment_id,
        "merchant_id": "cafe",
        "started_at": at,
        "finished_at": at + timedelta(seconds=1),
        "outcome": "declined",
        "channel": "wechat_pay",
        "rail": "wechat",
        "code": "NOTENOUGH",
        "server_request_id": f"req-{id}",
        "network_outcome": "ok",
        "client_outcome": "shown",
        "app_version": "2.0",
        "device_new": False,
        "wrong_password_tries": 0,
        **more,
    }


def unsent(id: str, owner: str, order_no: str, at: datetime) -> dict[str, Any]:
    """A row of the app's own log: never reached the wallet."""
    return {
        "id": id,
        "customer_id": owner,
        "merchant_id": "cafe",
        "method_id": f"mth_{owner}",
        "order_no": order_no,
        "minor": 700,
        "currency": "CNY",
        "country": "CN",
        "started_at": at,
        "client_outcome": "timed_out",
    }


def limit(id: str, scope: str, minor: int, since: datetime, until: datetime | None = None) -> dict[str, Any]:
    """A limit of Alice's."""
    return {
        "id": id,
        "customer_id": "alice",
        "scope": scope,
        "minor": minor,
        "currency": "CNY",
        "effective_from": since,
        "effective_until": until,
    }


def rows() -> dict[str, list[dict[str, Any]]]:
    """All rows of the small ledger by table, parents before children."""
    people = ("alice", "bob", "charlie")
    long_ago = NOON - timedelta(days=300)
    return {
        "customers": [
            {
                "id": who,
                "name": who.title(),
                "language": "en",
                "timezone": "Asia/Shanghai",
                "country": "CN",
                "app_version": "2.0",
                "risk_status": "under_review",
                "created_at": long_ago,
            }
            for who in people
        ],
        "wallet_accounts": [
            {
                "id": f"acc_{who}",
                "customer_id": who,
                "currency": "CNY",
                "total_minor": 136_000 if who == "alice" else 0,
                "frozen_minor": 10_000 if who == "alice" else 0,
            }
            for who in people
        ],
        "payment_methods": [method(who) for who in people],
        "merchants": [
            {
                "id": id,
                "name_zh": "咖啡馆",
                "name_en": "Café",
                "channel": "wechat_pay",
                "integration": "live",
                "country": "CN",
                "currencies": ["CNY"],
                "countries": [],
            }
            for id in ("cafe", "hotel")
        ],
        "incidents": [
            {
                "id": id,
                "channel": channel,
                "started_at": TRY_AT + timedelta(minutes=since),
                "ended_at": TRY_AT + timedelta(minutes=until) if until is not None else None,
                "title_zh": "故障",
                "title_en": "Trouble",
            }
            for id, channel, since, until in (
                ("inc_before", "wechat_pay", -60, -1),
                ("inc_other_channel", "stripe", -10, 10),
                ("inc_open", "wechat_pay", -5, None),
                ("inc_after", "wechat_pay", 5, 10),
            )
        ],
        "app_releases": [{"version": "2.0", "released_at": long_ago}],
        "fx_quotes": [
            {"id": "fx1", "base": "CNY", "currency": "JPY", "rate": Decimal("0.0460"), "quoted_at": long_ago},
            {"id": "fx2", "base": "CNY", "currency": "JPY", "rate": Decimal("0.0471"), "quoted_at": NOON},
        ],
        "restrictions": [
            {
                "id": "res_alice",
                "customer_id": "alice",
                "status": "restricted",
                "effective_from": long_ago,
                "lifted_at": NOON - timedelta(days=200),
                "identity_check_offered": True,
                "reason": "RISK-RULE-17",
            }
        ],
        "password_locks": [
            {
                "id": "lck_bob",
                "customer_id": "bob",
                "locked_at": NOON,
                "locked_until": NOON + timedelta(hours=3),
                "wrong_tries": 5,
            }
        ],
        "spending_limits": [
            limit("l1", "daily", 20_000, long_ago, TRY_AT - timedelta(days=30)),  # no longer in force
            limit("l2", "daily", 50_000, TRY_AT - timedelta(days=30)),
            limit("l3", "daily", 45_000, TRY_AT),  # from the very moment of the try: in force
            limit("l4", "monthly", 900_000, long_ago),
            limit("l5", "per_payment", 30_000, long_ago, TRY_AT),  # until the try, exclusive
        ],
        "international_settings": [
            {
                "customer_id": "alice",
                "enabled": True,
                "countries": ["JP"],
                "currencies": ["JPY"],
                "fee_basis_points": 150,
            }
        ],
        "payments": [
            payment("pay_a_yesterday", "alice", NOON - timedelta(hours=13), status="captured"),
            payment("pay_a_hotel", "alice", NOON - timedelta(hours=8), merchant_id="hotel"),
            payment("pay_a_reversed", "alice", NOON - timedelta(hours=6), merchant_id="hotel"),
            payment("pay_a_same_moment", "alice", TRY_AT - timedelta(seconds=1), currency="JPY"),
            payment("pay_a", "alice", TRY_AT),
            payment("pay_a_old", "alice", TRY_AT - timedelta(days=3, seconds=1)),
            payment(
                "pay_a_same_order",
                "alice",
                TRY_AT - timedelta(days=90),
                merchant_id="hotel",
                order_no="order-pay_a",
            ),
            # Bob's order has the very number of Alice's
            payment("pay_b", "bob", TRY_AT, order_no="order-pay_a", status="captured"),
            payment("pay_b2", "bob", TRY_AT + timedelta(minutes=29)),
        ],
        "attempts": [
            attempt("att_a", "alice", "pay_a", TRY_AT),
            attempt("att_later", "alice", "pay_a_hotel", NOON - timedelta(minutes=1), merchant_id="hotel"),
            attempt("att_b", "bob", "pay_b", TRY_AT, outcome="approved", code=None),
            attempt("att_b2", "bob", "pay_b2", TRY_AT + timedelta(minutes=30)),
            attempt("att_b3", "bob", "pay_b2", TRY_AT + timedelta(minutes=30, seconds=1)),
        ],
        "client_log": [
            unsent("log_1", "alice", "order-unsent", NOON - timedelta(minutes=30)),
            unsent("log_2", "alice", "order-unsent", NOON - timedelta(minutes=29)),
            unsent("log_3", "alice", "order-pay_a", TRY_AT - timedelta(minutes=1)),
            unsent("log_b", "bob", "order-unsent", NOON - timedelta(minutes=28)),
        ],
        "refunds": [
            {
                "id": "rfd_b",
                "customer_id": "bob",
                "payment_id": "pay_b",
                "destination_id": "mth_bob",
                "status": "processing",
                "minor": 100,
                "currency": "CNY",
                "accepted_at": NOON,
            }
        ],
        "postings": [
            {
                "id": id,
                "sequence": number,
                "customer_id": "alice",
                "transaction_id": f"txn_{id}",
                "account": side,
                "wallet_account_id": "acc_alice",
                "kind": kind,
                "minor": minor,
                "currency": "CNY",
                "posted_at": at,
                "payment_id": payment_id,
                "reverses": reverses,
                "balance_after": after,
            }
            for number, (id, side, kind, minor, at, payment_id, reverses, after) in enumerate(ALICE_LEGS)
        ],
    }


async def write_small(url: str) -> None:
    """Creates the small ledger."""
    engine = open_writable(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for table, values in rows().items():
            for row in values:
                await connection.execute(Base.metadata.tables[table].insert(), row)
    await engine.dispose()


async def write(url: str, table: str, values: list[dict[str, Any]]) -> None:
    """Adds rows to a small ledger."""
    engine = open_writable(url)
    async with engine.begin() as connection:
        await connection.execute(Base.metadata.tables[table].insert(), values)
    await engine.dispose()

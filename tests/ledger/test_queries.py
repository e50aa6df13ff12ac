"""What a customer may learn: all of their own records as they were, nothing of anybody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.diagnosis.facts import MerchantHealth, Money, Outcome, PaymentStatus
from actions.ledger import Ledger, TooManyRecords, UnknownCustomer
from actions.ledger.models import Base
from tests.ledger.small import NOON, TRY_AT, write
from tests.ledger.small import payment as a_payment

LONG_AGO = NOON - timedelta(days=365)


def words(value: Any) -> Iterator[str]:
    """Every text inside a value, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from words(getattr(value, field.name))
    elif isinstance(value, (list, tuple, frozenset)):
        for item in value:
            yield from words(item)


# isolation: Alice, Bob and Charlie


async def test_bobs_payment_asked_by_alice_is_as_unknown_as_one_that_does_not_exist(ledger: Ledger) -> None:
    of_bob = await ledger.facts("alice", "pay_b")
    of_nobody = await ledger.facts("alice", "pay_nonexistent")
    assert of_bob.payment is None
    assert of_bob == of_nobody


async def test_an_entry_of_bobs_app_log_is_unknown_to_alice(ledger: Ledger) -> None:
    assert (await ledger.facts("bob", "log_b")).payment is not None
    assert (await ledger.facts("alice", "log_b")).payment is None


async def test_everyone_sees_only_their_own_payments(ledger: Ledger) -> None:
    assert {p.id for p in await ledger.payments("bob", since=LONG_AGO)} == {"pay_b", "pay_b2", "log_b"}
    alice = await ledger.payments("alice", since=LONG_AGO)
    assert all(p.id.startswith(("pay_a", "log_1")) for p in alice)
    assert await ledger.payments("charlie", since=LONG_AGO) == []


async def test_the_same_order_number_at_another_customer_is_no_sibling(ledger: Ledger) -> None:
    facts = await ledger.facts("alice", "pay_a")
    assert not [word for word in words(facts) if "bob" in word.lower() or "pay_b" in word]


async def test_settings_are_ones_own(ledger: Ledger) -> None:
    alice, bob, charlie = [await ledger.customer(who) for who in ("alice", "bob", "charlie")]
    assert alice and bob and charlie
    assert (len(alice.restrictions), len(alice.locks), alice.international.enabled) == (1, 0, True)
    assert (len(bob.restrictions), len(bob.locks), bob.international.enabled) == (0, 1, None)
    assert (len(charlie.restrictions), len(charlie.locks)) == (0, 0)
    assert alice.accounts[0].available == Money(126_000, "CNY")
    assert charlie.accounts[0].available == Money(0, "CNY")


async def test_limits_are_ones_own(ledger: Ledger) -> None:
    bobs = await ledger.limits("bob", NOON)
    assert (bobs.daily, bobs.used_today) == (None, Money(0, "CNY"))


async def test_a_customer_that_does_not_exist(ledger: Ledger) -> None:
    assert await ledger.customer("mallory") is None
    assert await ledger.payments("mallory", since=LONG_AGO) == []
    with pytest.raises(UnknownCustomer):
        await ledger.facts("mallory", "pay_a")


async def test_no_method_answers_without_a_customer(ledger: Ledger) -> None:
    for question in (
        ledger.customer(""),
        ledger.payments("", since=LONG_AGO),
        ledger.facts("", "pay_a"),
        ledger.fx_rate("", "JPY"),
        ledger.limits("", NOON),
    ):
        with pytest.raises(ValueError, match="customer id"):
            await question


@pytest.mark.parametrize("hostile", ["alice' OR '1'='1", "%", "alice%", "ALICE"])
async def test_a_hostile_id_is_just_an_unknown_one(ledger: Ledger, hostile: str) -> None:
    assert await ledger.customer(hostile) is None
    assert await ledger.payments(hostile, since=LONG_AGO) == []


async def test_nothing_of_risk_control_gets_out(ledger: Ledger) -> None:
    said = list(words(await ledger.facts("alice", "pay_a")))
    assert not [word for word in said if "RISK" in word or "under_review" in word]


# as at the attempt


async def test_the_balance_is_that_just_before_the_attempt(ledger: Ledger) -> None:
    payment = (await ledger.facts("alice", "pay_a")).payment
    assert payment
    last = payment.attempts[-1]
    assert last.available_before == Money(37_000, "CNY")
    assert last.frozen_before == Money(10_000, "CNY")


async def test_used_today_counts_from_midnight_in_shanghai_without_what_was_taken_back(
    ledger: Ledger,
) -> None:
    payment = (await ledger.facts("alice", "pay_a")).payment
    assert payment
    limits = payment.attempts[-1].limits
    assert limits.used_today == Money(10_000, "CNY")  # the hold; not yesterday, nor what was reversed
    assert limits.used_month == Money(13_000, "CNY")
    assert limits.resets_at == NOON + timedelta(hours=12)
    assert limits.month_resets_at is not None
    assert limits.month_resets_at.isoformat() == "2026-03-31T16:00:00+00:00"


async def test_the_limits_are_those_in_force_at_the_attempt(ledger: Ledger) -> None:
    at_the_try = await ledger.limits("alice", TRY_AT)
    assert at_the_try.daily == Money(45_000, "CNY")
    assert at_the_try.monthly == Money(900_000, "CNY")
    assert at_the_try.per_payment is None
    just_before = await ledger.limits("alice", TRY_AT - timedelta(microseconds=1))
    assert just_before.daily == Money(50_000, "CNY")
    assert just_before.per_payment == Money(30_000, "CNY")


async def test_what_was_spent_at_that_very_moment_counts_only_after_it(ledger: Ledger) -> None:
    after = await ledger.limits("alice", TRY_AT + timedelta(microseconds=1))
    assert after.used_today == Money(11_000, "CNY")


async def test_each_attempt_has_the_limits_of_its_own_moment(ledger: Ledger) -> None:
    payments = {p.id: p for p in await ledger.payments("alice", since=LONG_AGO)}
    earlier, later = payments["pay_a"].attempts[-1], payments["pay_a_hotel"].attempts[0]
    assert (earlier.limits.used_today, later.limits.used_today) == (
        Money(10_000, "CNY"),
        Money(11_000, "CNY"),
    )
    assert later.available_before == Money(126_000, "CNY")


async def test_an_account_without_any_posting_had_nothing(ledger: Ledger) -> None:
    payment = (await ledger.facts("bob", "pay_b2")).payment
    assert payment
    assert payment.attempts[0].available_before == Money(0, "CNY")
    assert payment.attempts[0].frozen_before == Money(0, "CNY")


# payments and facts


async def test_payments_come_newest_first_since_a_moment_and_not_too_many(ledger: Ledger) -> None:
    found = await ledger.payments("alice", since=TRY_AT)
    assert [p.id for p in found] == ["log_1", "pay_a"]
    assert [p.id for p in await ledger.payments("alice", since=LONG_AGO, limit=2)] == ["log_1", "pay_a"]


async def test_tries_that_never_reached_the_wallet_are_one_payment_an_order(ledger: Ledger) -> None:
    payment = (await ledger.facts("alice", "log_1")).payment
    assert payment
    assert (payment.status, payment.postings) == (PaymentStatus.CREATED, ())
    assert [(a.id, a.outcome, a.server_request_id) for a in payment.attempts] == [
        ("log_1", Outcome.NOT_SENT, None),
        ("log_2", Outcome.NOT_SENT, None),
    ]


async def test_a_try_that_never_arrived_joins_the_payment_of_its_order(ledger: Ledger) -> None:
    payment = (await ledger.facts("alice", "pay_a")).payment
    assert payment
    assert [a.id for a in payment.attempts] == ["log_3", "att_a"]


async def test_siblings_are_near_payments_at_the_merchant_and_any_of_the_order(ledger: Ledger) -> None:
    facts = await ledger.facts("alice", "pay_a")
    assert {p.id for p in facts.siblings} == {"pay_a_yesterday", "pay_a_same_order", "log_1"}


async def test_of_a_crowd_at_one_merchant_all_of_the_same_amount_are_siblings_and_few_others(
    small_url: str, ledger: Ledger
) -> None:
    crowd = [
        a_payment(f"pay_{n}", "alice", TRY_AT + timedelta(minutes=n), minor=40_000 if n % 4 == 0 else 100 + n)
        for n in range(1, 97)
    ]
    await write(small_url, "payments", crowd)
    siblings = {p.id: p for p in (await ledger.facts("alice", "pay_a")).siblings}
    same = {p for p in siblings if siblings[p].amount == Money(40_000, "CNY")}
    assert {row["id"] for row in crowd if row["minor"] == 40_000} <= same
    others = set(siblings) - same - {"log_1"}
    assert others == {f"pay_{n}" for n in (1, 2, 3, 5, 6, 7, 9, 10, 11, 13)}, "the nearest in time"


async def test_too_many_of_the_same_amount_are_not_judged_by_half(small_url: str, ledger: Ledger) -> None:
    crowd = [a_payment(f"pay_{n}", "alice", TRY_AT + timedelta(minutes=n)) for n in range(120)]
    await write(small_url, "payments", crowd)
    with pytest.raises(TooManyRecords):
        await ledger.facts("alice", "pay_a")


async def test_a_hundred_payments_in_a_day_are_added_up(small_url: str, ledger: Ledger) -> None:
    legs = [
        {
            "id": f"leg_{n}",
            "sequence": 100 + n,
            "customer_id": "alice",
            "transaction_id": f"txn_leg_{n}",
            "account": "customer",
            "wallet_account_id": "acc_alice",
            "kind": "debit",
            "minor": -100,
            "currency": "CNY",
            "posted_at": TRY_AT + timedelta(seconds=n + 1),
            "payment_id": "pay_a",
            "balance_after": 36_000 - 100 * (n + 1),
        }
        for n in range(100)
    ]
    await write(small_url, "postings", legs)
    before = await ledger.limits("alice", TRY_AT + timedelta(seconds=1))
    after = await ledger.limits("alice", TRY_AT + timedelta(seconds=50, microseconds=1))
    assert before.used_today == Money(11_000, "CNY")
    assert after.used_today == Money(11_000 + 50 * 100, "CNY")


async def test_without_a_match_the_newest_payments_show_that_there_are_some(ledger: Ledger) -> None:
    facts = await ledger.facts("alice", None)
    assert facts.payment is None
    assert len(facts.siblings) == 5
    assert (await ledger.facts("charlie", None)).siblings == ()


async def test_incidents_of_any_channel_that_overlap_the_attempts(ledger: Ledger) -> None:
    facts = await ledger.facts("alice", "pay_a")
    assert {i.id for i in facts.incidents} == {"inc_before", "inc_other_channel", "inc_open"}
    # inc_before touches log_3, a minute earlier; inc_after began when all was over


async def test_others_at_the_merchant_are_counted_within_half_an_hour(ledger: Ledger) -> None:
    assert (await ledger.facts("alice", "pay_a")).merchant_health == MerchantHealth(1, 1)


async def test_open_incidents(ledger: Ledger) -> None:
    ids = [i.id for i in await ledger.open_incidents(TRY_AT)]
    assert set(ids) == {"inc_other_channel", "inc_open"}
    assert [i.id for i in await ledger.open_incidents(TRY_AT + timedelta(minutes=10))] == ["inc_open"]


async def test_the_latest_exchange_rate(ledger: Ledger) -> None:
    rate = await ledger.fx_rate("alice", "jpy")
    assert rate is not None
    assert (rate.base, rate.currency, rate.rate, rate.quoted_at) == ("CNY", "JPY", Decimal("0.0471"), NOON)
    assert await ledger.fx_rate("alice", "XAU") is None


async def test_not_me_is_passed_on(ledger: Ledger) -> None:
    assert (await ledger.facts("alice", "pay_a", not_me=True)).not_me
    assert not (await ledger.facts("alice", "pay_a")).not_me


# every statement


OWNED = {t.name for t in Base.metadata.tables.values() if "customer_id" in t.columns} | {"customers"}


@pytest.fixture
def statements(engine: AsyncEngine) -> list[str]:
    """The SQL that is run, as it is run."""
    seen: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    return seen


async def test_every_statement_is_bounded_and_bound_to_the_customer(
    ledger: Ledger, statements: list[str]
) -> None:
    await ledger.customer("alice")
    await ledger.payments("alice", since=LONG_AGO)
    for id in ("pay_a", "log_1", None):
        await ledger.facts("alice", id)
    await ledger.open_incidents(NOON)
    await ledger.fx_rate("alice", "JPY")
    await ledger.limits("alice", NOON)
    assert len(statements) > 20
    for statement in statements:
        assert re.search(r"\bLIMIT \?", statement), statement
        tables = set(re.findall(r"(?:FROM|JOIN) (\w+)", statement))
        for table in tables & OWNED:
            alias = rf"(?:{table}|{table}_1)"
            bound = rf"{alias}\.(?:customer_id|id) (?:=|!=) \?"
            assert re.search(bound, statement), f"{table} unbound in: {statement}"


async def test_the_number_of_statements_does_not_grow_with_the_payments(
    ledger: Ledger, statements: list[str]
) -> None:
    await ledger.payments("alice", since=LONG_AGO, limit=1)
    for_one = len(statements)
    statements.clear()
    assert len(await ledger.payments("alice", since=LONG_AGO)) > 5
    assert len(statements) <= for_one + 2  # limits and spending are not read if there is no attempt
    assert for_one <= 12

"""D18b already_paid, D23 succeeded, and reversals that are complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from actions.diagnosis.facts import PaymentKind, PaymentStatus, RefundStatus
from actions.diagnosis.result import Actor, Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import (
    CARD,
    HOUR,
    MINUTE,
    NOW,
    PRICE,
    SECOND,
    TRIED,
    attempt,
    bought,
    causes,
    cny,
    debit,
    declined,
    lead,
    of,
    payment,
    refund,
    reversal,
    with_refunds,
)

EARLIER = bought("first", TRIED - HOUR, order_no="A")

# ---- D18b already_paid ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "rail"),
    [
        ("ORDER_PAID", "wallet"),
        ("ORDERPAID", "wechat"),
        ("TRADE_HAS_SUCCESS", "alipay"),
        ("APAR", "iso20022"),
        ("94", "iso8583"),
    ],
)
def test_a_later_try_at_a_paid_order(code: str, rail: str) -> None:
    found = lead(declined(code, rail, order_no="A"), EARLIER)
    assert (found.cause, found.confidence) == (Cause.ALREADY_PAID, Confidence.PROVEN)
    assert found.values == {"paid_at": TRIED - HOUR + SECOND}
    assert (found.money, found.money_amount) == (MoneyState.PAID, PRICE)
    assert found.steps == (Step.DO_NOT_PAY_AGAIN, Step.SHOW_TRANSACTION)
    assert (found.route, found.urgency, found.next_actor) == (Route.SELF, Urgency.MEDIUM, Actor.NOBODY)


def test_without_the_code_it_is_likely() -> None:
    assert lead(declined(None, order_no="A"), EARLIER).confidence is Confidence.LIKELY


def test_no_earlier_success_rules_it_out() -> None:
    refused = declined("ORDER_PAID", order_no="A")
    assert causes(of(refused)) == [Cause.UNKNOWN]
    assert causes(of(refused, replace(EARLIER, order_no="B"))) == [Cause.UNKNOWN]
    undone = with_refunds(EARLIER, refund(RefundStatus.SUCCEEDED, accepted_at=TRIED - MINUTE))
    assert causes(of(refused, undone)) == [Cause.UNKNOWN]


@pytest.mark.parametrize(("paid", "counts"), [(TRIED - SECOND, True), (TRIED, True), (TRIED + SECOND, False)])
def test_only_a_success_before_the_try_counts(paid: Any, counts: bool) -> None:
    other = replace(EARLIER, captured_at=paid)
    assert (Cause.ALREADY_PAID in causes(of(declined(None, order_no="A"), other))) is counts


def test_a_second_try_at_the_same_payment() -> None:
    again = attempt("ORDER_PAID", id="again", started_at=NOW - HOUR)
    paid = bought()
    found = lead(replace(paid, attempts=(*paid.attempts, again)))
    assert (found.cause, found.money) == (Cause.ALREADY_PAID, MoneyState.PAID)


# ---- reversal_completed -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [PaymentStatus.FAILED, PaymentStatus.REVERSED, PaymentStatus.CLOSED])
def test_all_that_was_taken_is_back(status: PaymentStatus) -> None:
    back = payment(status=status, ended_at=TRIED + SECOND, postings=debit() + reversal(TRIED + HOUR))
    found = lead(back)
    assert (found.cause, found.confidence) == (Cause.REVERSAL_COMPLETED, Confidence.PROVEN)
    assert (found.money, found.money_amount) == (MoneyState.REVERSED, PRICE)
    assert found.values == {"at": TRIED + HOUR}
    assert (found.route, found.next_actor) == (Route.SELF, Actor.NOBODY)


def test_back_only_in_part_is_still_pending() -> None:
    part = payment(
        status=PaymentStatus.FAILED, ended_at=TRIED, postings=debit() + reversal(TRIED + HOUR, 4_000)
    )
    found = lead(part)
    assert (found.cause, found.money_amount) == (Cause.PENDING_AT_CHANNEL, cny(6_000))


@pytest.mark.parametrize(
    ("status", "money"),
    [
        (PaymentStatus.REVERSED, MoneyState.REVERSED),
        (PaymentStatus.VOIDED, MoneyState.HOLD_RELEASED),
        (PaymentStatus.AUTH_EXPIRED, MoneyState.HOLD_RELEASED),
    ],
)
def test_on_a_card_only_the_status_can_say_so(status: PaymentStatus, money: MoneyState) -> None:
    found = lead(payment(status=status, method=CARD, ended_at=TRIED + HOUR))
    assert (found.cause, found.confidence, found.money) == (
        Cause.REVERSAL_COMPLETED,
        Confidence.LIKELY,
        money,
    )


def test_the_reason_it_failed_comes_after_the_money() -> None:
    back = declined(
        "INSUFFICIENT_BALANCE", available_before=cny(1), postings=debit() + reversal(TRIED + MINUTE)
    )
    assert causes(of(back)) == [Cause.REVERSAL_COMPLETED, Cause.INSUFFICIENT_BALANCE]


# ---- D23 succeeded ----------------------------------------------------------------------------------


def test_captured_and_notified() -> None:
    found = of(bought())
    assert [one.label for one in found] == ["succeeded_notified"]
    assert (found[0].money, found[0].money_amount) == (MoneyState.PAID, PRICE)
    assert found[0].values == {"at": TRIED + SECOND, "transaction_no": "T-pay"}
    assert (found[0].confidence, found[0].route) == (Confidence.PROVEN, Route.SELF)


LAG = 10 * MINUTE


@pytest.mark.parametrize(
    ("age", "late"), [(LAG - SECOND, False), (LAG, False), (LAG + SECOND, True)], ids=str
)
def test_a_merchant_that_waits_too_long_is_for_a_person(age: timedelta, late: bool) -> None:
    found = lead(bought(merchant_notified_at=None), now=TRIED + SECOND + age)
    assert (found.label, found.urgency) == ("succeeded_merchant_waiting", Urgency.MEDIUM)
    assert found.route is (Route.HUMAN if late else Route.SELF)
    assert Step.SHOW_TRANSACTION in found.steps


def test_a_person_who_gets_a_transfer_is_no_merchant() -> None:
    transfer = bought(merchant_notified_at=None, kind=PaymentKind.TRANSFER)
    assert lead(transfer).label == "succeeded_notified"


def test_a_card_payment_books_nothing_in_the_wallet() -> None:
    assert (lead(bought(method=CARD)).cause, lead(bought(method=CARD)).money) == (
        Cause.SUCCEEDED,
        MoneyState.PAID,
    )

"""The order of several causes, rule 0 (never pay again while it is open), and what needs attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.diagnosis import diagnose, needs_attention
from actions.diagnosis.engine import PAY_AGAIN
from actions.diagnosis.facts import (
    AppRelease,
    Merchant,
    Outcome,
    PasswordLock,
    Payment,
    PaymentKind,
    PaymentStatus,
    RefundStatus,
    Restriction,
)
from actions.diagnosis.policy import Policy
from actions.diagnosis.result import Cause, Confidence, Step
from tests.diagnosis.build import (
    ALICE,
    CARD,
    DAY,
    HOUR,
    NOW,
    SECOND,
    TRIED,
    attempt,
    bought,
    causes,
    cny,
    debit,
    declined,
    facts,
    hold,
    incident,
    lead,
    limits,
    of,
    payment,
    refund,
    release,
    reversal,
    with_refunds,
)

SHORT: dict[str, Any] = {"available_before": cny(1)}

# ---- priority ---------------------------------------------------------------------------------------


def test_all_reasons_of_one_failure_in_the_order_of_the_list() -> None:
    customer = replace(
        ALICE,
        restrictions=(Restriction("restricted", TRIED - DAY),),
        locks=(PasswordLock(TRIED - HOUR, NOW + HOUR, 5),),
    )
    everything = declined(
        None,
        limits=limits(daily=1),
        app_version="1.0",
        merchant=replace(payment().merchant, integrated=False),
        expires_at=TRIED - SECOND,
        **SHORT,
    )
    found = of(
        everything,
        customer=customer,
        incidents=(incident(TRIED - HOUR),),
        releases=(AppRelease("2.0", TRIED - DAY, minimum_from=TRIED - DAY),),
    )
    assert causes(found) == [
        Cause.ACCOUNT_RESTRICTED,
        Cause.PASSWORD_LOCKED,
        Cause.LIMIT_EXCEEDED,
        Cause.INSUFFICIENT_BALANCE,
        Cause.ORDER_EXPIRED,
        Cause.CHANNEL_OUTAGE,
        Cause.MERCHANT_NOT_INTEGRATED,
        Cause.APP_OUTDATED,
    ]


def test_the_recorded_code_wins_over_inference() -> None:
    wrong = declined("WRONG_PASSWORD", wrong_password_tries=1, limits=limits(daily=1), **SHORT)
    found = of(wrong)
    assert causes(found) == [Cause.WRONG_PASSWORD, Cause.LIMIT_EXCEEDED, Cause.INSUFFICIENT_BALANCE]
    assert [one.confidence for one in found] == [Confidence.PROVEN, Confidence.LIKELY, Confidence.LIKELY]


def test_money_comes_before_the_cause() -> None:
    moving = replace(declined("INSUFFICIENT_BALANCE", **SHORT), postings=debit())
    assert causes(of(moving)) == [Cause.PENDING_AT_CHANNEL, Cause.INSUFFICIENT_BALANCE]
    overdue = of(moving, now=TRIED + 2 * DAY)
    assert causes(overdue) == [Cause.PENDING_OVERDUE, Cause.INSUFFICIENT_BALANCE]


def test_money_at_risk_comes_before_money_in_motion() -> None:
    twin = bought("two", TRIED + SECOND, order_no="order-pay")
    failed = with_refunds(twin, refund(RefundStatus.FAILED))
    assert causes(of(failed, bought())) == [Cause.DUPLICATE_PAYMENT, Cause.REFUND_FAILED]


def test_what_was_settled_well_comes_before_a_question() -> None:
    paid = replace(bought(), attempts=(attempt(outcome=Outcome.APPROVED, client_timed_out=True),))
    twin = bought("two", TRIED - HOUR)
    assert causes(of(paid, twin)) == [Cause.NETWORK_RESPONSE_LOST, Cause.POSSIBLE_DUPLICATE_ASK]


def test_records_that_contradict_leave_nothing_else_to_be_said() -> None:
    broken = replace(bought(), postings=(), refunds=(refund(),))
    assert causes(of(broken, bought("two"))) == [Cause.LEDGER_INCONSISTENT]


# ---- rule 0 -----------------------------------------------------------------------------------------

STILL_OPEN: dict[str, dict[str, Any]] = {
    "processing": {"status": PaymentStatus.PROCESSING},
    "unknown": {"status": PaymentStatus.UNKNOWN},
    "authorised": {"status": PaymentStatus.AUTHORIZED, "postings": hold(id="other")},
    "captured": {"status": PaymentStatus.CAPTURED, "captured_at": NOW, "postings": debit(id="other")},
    "failed, money away": {"status": PaymentStatus.FAILED, "postings": debit(id="other")},
    "reversing": {"status": PaymentStatus.REVERSING, "postings": debit(id="other")},
    "no answer yet": {
        "status": PaymentStatus.CREATED,
        "attempts": (attempt(outcome=Outcome.NO_RESPONSE),),
    },
}
DONE_WITH: dict[str, dict[str, Any]] = {
    "failed": {"status": PaymentStatus.FAILED},
    "reversed": {"status": PaymentStatus.REVERSED, "postings": debit(id="other") + reversal(NOW, id="other")},
    "voided": {"status": PaymentStatus.VOIDED, "postings": hold(id="other") + release(NOW, id="other")},
}


def other_try(at_order: str, state: dict[str, Any]) -> Payment:
    """Another payment for an order, after the failed one."""
    return payment("other", **{"order_no": at_order, "created_at": TRIED + HOUR, "ended_at": NOW, **state})


@pytest.mark.parametrize("name", STILL_OPEN)
def test_never_pay_again_while_another_try_at_the_order_is_open(name: str) -> None:
    failed = declined("INSUFFICIENT_BALANCE", order_no="A", **SHORT)
    for one in of(failed, other_try("A", STILL_OPEN[name])):
        assert not PAY_AGAIN & set(one.steps)
        assert Step.DO_NOT_PAY_AGAIN in one.steps


@pytest.mark.parametrize("name", DONE_WITH)
def test_what_took_nothing_does_not_stop_a_new_try(name: str) -> None:
    failed = declined("INSUFFICIENT_BALANCE", order_no="A", **SHORT)
    assert Step.RETRY in lead(failed, other_try("A", DONE_WITH[name])).steps


def test_other_orders_and_other_parts_of_a_cart_do_not_either() -> None:
    failed = declined("INSUFFICIENT_BALANCE", order_no="A", **SHORT)
    elsewhere = replace(
        other_try("A", STILL_OPEN["captured"]), merchant=Merchant("bar", "吧", "Bar", "stripe")
    )
    for other in (other_try("B", STILL_OPEN["captured"]), elsewhere):
        assert Step.RETRY in lead(failed, other).steps
    part = replace(failed, kind=PaymentKind.SPLIT)
    rest = replace(other_try("A", STILL_OPEN["captured"]), kind=PaymentKind.SPLIT)
    assert Step.RETRY in lead(part, rest).steps


def test_once_refunded_it_may_be_paid_again() -> None:
    failed = declined("INSUFFICIENT_BALANCE", order_no="A", **SHORT)
    given_back = with_refunds(bought("other", TRIED + SECOND, order_no="A"), refund(RefundStatus.SUCCEEDED))
    assert Step.RETRY in lead(failed, given_back).steps


# ---- policy -----------------------------------------------------------------------------------------


def test_every_window_comes_from_the_policy() -> None:
    waiting = facts(payment(status=PaymentStatus.PROCESSING, postings=debit()))
    assert diagnose(waiting, NOW, Policy(pending_window=HOUR))[0].cause is Cause.PENDING_OVERDUE
    refunding = facts(with_refunds(bought(), refund()))
    assert diagnose(refunding, NOW, Policy(refund_window=HOUR - SECOND))[0].cause is Cause.REFUND_OVERDUE


# ---- needs_attention --------------------------------------------------------------------------------

TROUBLE = {
    "away without an outcome": payment(status=PaymentStatus.PROCESSING, postings=debit()),
    "no outcome": payment(status=PaymentStatus.UNKNOWN),
    "held": payment(status=PaymentStatus.AUTHORIZED, postings=hold()),
    "failed, money away": payment(postings=debit()),
    "failed, taken back": payment(postings=debit() + reversal(TRIED + HOUR)),
    "a bank gives it back": payment(status=PaymentStatus.REVERSING, method=CARD),
    "refund on its way": with_refunds(bought(), refund()),
    "refund failed": with_refunds(bought(method=CARD), refund(RefundStatus.FAILED)),
    "merchant not told": bought(merchant_notified_at=None),
    "contradiction": bought(postings=()),
    "disputed": bought(status=PaymentStatus.DISPUTED),
}
CALM = {
    "paid": bought(),
    "paid, the phone not told": bought(attempts=(attempt(outcome=Outcome.APPROVED, client_timed_out=True),)),
    "declined": declined("INSUFFICIENT_BALANCE", **SHORT),
    "never tried": payment(status=PaymentStatus.CREATED),
    "refunded": with_refunds(bought(status=PaymentStatus.REFUNDED), refund(RefundStatus.SUCCEEDED)),
    "refunded in part": with_refunds(
        bought(status=PaymentStatus.PARTIALLY_REFUNDED), refund(RefundStatus.SUCCEEDED, 4_000)
    ),
    "a transfer needs no notice": bought(merchant_notified_at=None, kind=PaymentKind.TRANSFER),
    "expired": payment(status=PaymentStatus.EXPIRED),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_needs_attention(name: str) -> None:
    assert needs_attention(TROUBLE[name], NOW)


@pytest.mark.parametrize("name", CALM)
def test_what_is_settled_needs_none(name: str) -> None:
    assert not needs_attention(CALM[name], NOW)

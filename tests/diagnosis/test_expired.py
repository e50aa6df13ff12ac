"""D18: a payment code or an order that had run out of time, or an order that was closed."""

from __future__ import annotations

from datetime import datetime

import pytest

from actions.diagnosis.facts import PaymentStatus, RefundStatus
from actions.diagnosis.result import Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import (
    HOUR,
    MINUTE,
    SECOND,
    TRIED,
    bought,
    causes,
    cny,
    declined,
    lead,
    of,
    payment,
    refund,
    with_refunds,
)


@pytest.mark.parametrize(
    ("code", "rail", "cause"),
    [
        ("QR_EXPIRED", "wallet", Cause.QR_EXPIRED),
        ("AUTH_CODE_EXPIRE", "wechat", Cause.QR_EXPIRED),
        ("ORDER_EXPIRED", "wallet", Cause.ORDER_EXPIRED),
        ("TKXP", "iso20022", Cause.ORDER_EXPIRED),
    ],
)
def test_a_try_after_the_end_with_a_code_is_proven(code: str, rail: str, cause: Cause) -> None:
    found = lead(declined(code, rail, expires_at=TRIED - SECOND))
    assert (found.cause, found.confidence) == (cause, Confidence.PROVEN)
    assert found.values == {"expired_at": TRIED - SECOND}
    assert found.money is MoneyState.NOT_CHARGED
    assert found.steps == (Step.NEW_ORDER,)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


@pytest.mark.parametrize("end", [TRIED, TRIED + SECOND])
def test_a_try_in_time_rules_it_out_whatever_the_code_says(end: datetime) -> None:
    assert causes(of(declined("ORDER_EXPIRED", expires_at=end))) == [Cause.UNKNOWN]


def test_a_code_with_no_time_on_record_is_likely() -> None:
    assert lead(declined("QR_EXPIRED")).confidence is Confidence.LIKELY


@pytest.mark.parametrize(("end", "late"), [(TRIED - SECOND, True), (TRIED, False), (TRIED + SECOND, False)])
def test_the_clock_alone_is_likely(end: datetime, late: bool) -> None:
    found = of(declined(None, expires_at=end))
    assert (causes(found) == [Cause.ORDER_EXPIRED]) is late
    if late:
        assert found[0].confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (PaymentStatus.EXPIRED, Cause.ORDER_EXPIRED),
        (PaymentStatus.CLOSED, Cause.ORDER_CLOSED),
        (PaymentStatus.CANCELED, Cause.ORDER_CLOSED),
    ],
)
def test_an_order_that_ended_without_any_try(status: PaymentStatus, cause: Cause) -> None:
    found = lead(payment(status=status, ended_at=TRIED + HOUR))
    assert (found.cause, found.values["expired_at"]) == (cause, TRIED + HOUR)


@pytest.mark.parametrize(("code", "rail"), [("ORDER_CLOSED", "wallet"), ("TRADE_HAS_CLOSE", "alipay")])
def test_a_try_at_a_closed_order(code: str, rail: str) -> None:
    closed = declined(code, rail, status=PaymentStatus.CLOSED, ended_at=TRIED - MINUTE)
    assert (lead(closed).cause, lead(closed).confidence) == (Cause.ORDER_CLOSED, Confidence.PROVEN)


def test_an_order_that_is_over_also_stops_a_retry_after_another_reason() -> None:
    short = declined("INSUFFICIENT_BALANCE", available_before=cny(1), status=PaymentStatus.EXPIRED)
    assert causes(of(short)) == [Cause.INSUFFICIENT_BALANCE, Cause.ORDER_EXPIRED]


def test_an_order_closed_by_a_full_refund_was_not_unpaid() -> None:
    paid = bought(status=PaymentStatus.CLOSED)
    found = of(with_refunds(paid, refund(RefundStatus.SUCCEEDED)))
    assert causes(found) == [Cause.REFUND_COMPLETED]

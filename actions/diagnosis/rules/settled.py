"""Money that is where it belongs: paid, paid already, or back with the customer."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.codes import CodeClass, classify
from actions.diagnosis.facts import Facts, Payment, PaymentKind, PaymentStatus
from actions.diagnosis.money import (
    ENDED,
    Place,
    customer_legs,
    net_captured,
    returned_at,
    where,
)
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, confidence, latest_attempt, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import (
    Actor,
    Cause,
    Confidence,
    Diagnosis,
    MoneyState,
    Route,
    Step,
    Urgency,
)

_PAID_CODES = (CodeClass.ALREADY_PAID, CodeClass.DUPLICATE)
# What the status says of a bank's money, which the wallet does not book.
_GIVEN_BACK = (PaymentStatus.REVERSED, PaymentStatus.VOIDED, PaymentStatus.AUTH_EXPIRED)


@rule(Rank.ALREADY_PAID, explains=_PAID_CODES)
def already_paid(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D18b: a later try at an order that an earlier payment had already settled."""
    payment = facts.payment
    earlier = _earlier_success(facts)
    if payment is None or earlier is None:
        return None
    latest = latest_attempt(payment)
    refused = latest is not None and classify(latest.rail, latest.code) in _PAID_CODES
    if earlier is payment and not refused:
        return None
    return concluded(
        payment,
        Cause.ALREADY_PAID,
        confidence(code=refused, facts=True),
        evidence=(seen(earlier, "status"), *((seen(latest, "code"),) if latest and refused else ())),
        values={"paid_at": earlier.captured_at or earlier.created_at},
        steps=(Step.DO_NOT_PAY_AGAIN, Step.SHOW_TRANSACTION),
        next_actor=Actor.NOBODY,
        urgency=Urgency.MEDIUM,
        place=Place(MoneyState.PAID, where(earlier).amount),
    )


@rule(Rank.REVERSED)
def reversal_completed(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """It failed after money had been taken or held, and all of that is back."""
    payment = facts.payment
    if payment is None or payment.status not in ENDED or payment.refunds:
        return None
    returned = returned_at(payment)
    by_status = payment.status in _GIVEN_BACK and not customer_legs(payment)
    at = returned or (payment.ended_at if by_status else None)
    if at is None:
        return None
    legs = (seen(leg, "posted_at") for leg in customer_legs(payment) if leg.amount.minor > 0)
    return concluded(
        payment,
        Cause.REVERSAL_COMPLETED,
        confidence(code=True, facts=returned is not None),
        evidence=(seen(payment, "status"), *legs),
        values={"at": at},
        steps=(Step.REFRESH_BILL,),
        next_actor=Actor.NOBODY,
    )


@rule(Rank.LAST_RESORT)
def succeeded(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D23: it went through and nothing is wrong with it."""
    payment = facts.payment
    if payment is None or payment.status is not PaymentStatus.CAPTURED or payment.captured_at is None:
        return None
    waiting = merchant_waits(payment, now)
    late = waiting and now - payment.captured_at > policy.merchant_notify_lag
    return concluded(
        payment,
        Cause.SUCCEEDED,
        Confidence.PROVEN,
        variant="merchant_waiting" if waiting else "notified",
        evidence=(seen(payment, "status"), seen(payment, "merchant_notified_at")),
        values={"at": payment.captured_at, "transaction_no": payment.transaction_no},
        steps=(Step.REFRESH_BILL, Step.SHOW_TRANSACTION) if waiting else (),
        next_actor=Actor.AGENT if late else Actor.NOBODY,
        urgency=Urgency.MEDIUM if waiting else Urgency.LOW,
        route=Route.HUMAN if late else Route.SELF,
    )


def merchant_waits(payment: Payment, now: datetime) -> bool:
    """Whether a merchant has not been told of the payment. A person who gets a transfer is no merchant."""
    told = payment.merchant_notified_at
    return payment.kind is not PaymentKind.TRANSFER and (told is None or told > now)


def _earlier_success(facts: Facts) -> Payment | None:
    """The payment that settled the order before its latest try (perhaps by an earlier try of the same)."""
    payment = facts.payment
    if payment is None:
        return None
    latest = latest_attempt(payment)
    tried_at = latest.started_at if latest else payment.created_at
    settled = [
        other
        for other in (payment, *facts.siblings)
        if other.order_no == payment.order_no
        and other.merchant.id == payment.merchant.id
        and net_captured(other).minor > 0
        and (other is payment or payment.status in ENDED)
        and (other.captured_at or other.created_at) <= tried_at
    ]
    return settled[0] if settled else None

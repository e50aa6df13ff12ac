"""A payment code or an order that had run out of time."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, Payment, PaymentStatus
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, confidence, failed_try, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Cause, Diagnosis, Evidence, Step

_CAUSE_OF_CODE = {
    CodeClass.QR_EXPIRED: Cause.QR_EXPIRED,
    CodeClass.ORDER_EXPIRED: Cause.ORDER_EXPIRED,
    CodeClass.ORDER_CLOSED: Cause.ORDER_CLOSED,
}
_CAUSE_OF_STATUS = {
    PaymentStatus.EXPIRED: Cause.ORDER_EXPIRED,
    PaymentStatus.CLOSED: Cause.ORDER_CLOSED,
    PaymentStatus.CANCELED: Cause.ORDER_CLOSED,
}


@rule(Rank.EXPIRED, explains=_CAUSE_OF_CODE)
def expired(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D18: the attempt came after the end of the code's or order's time, or the order was closed.

    A code against the clock (the attempt was in time) proves nothing. An order that was closed after
    a full refund was not unpaid.
    """
    payment = facts.payment
    if payment is None:
        return None
    tried = failed_try(facts)
    by_code = _CAUSE_OF_CODE.get(tried.code) if tried and tried.code else None
    by_status = None if payment.refunds else _CAUSE_OF_STATUS.get(payment.status)
    late = bool(tried and payment.expires_at and tried.attempt.started_at > payment.expires_at)
    if by_code in (Cause.QR_EXPIRED, Cause.ORDER_EXPIRED) and payment.expires_at and not late:
        by_code = None
    by_clock = Cause.ORDER_EXPIRED if late and tried and tried.silent else None
    cause = by_code or by_status or by_clock
    if cause is None:
        return None
    ended_at = payment.expires_at if cause is not Cause.ORDER_CLOSED else payment.ended_at
    ended_at = ended_at or payment.ended_at or payment.expires_at
    return concluded(
        payment,
        cause,
        confidence(code=by_code is not None, facts=late or by_status is not None),
        evidence=(
            *_times(payment),
            *(tried.code_evidence() if tried and by_code else (seen(payment, "status"),)),
        ),
        values={"expired_at": ended_at or (tried.attempt.started_at if tried else payment.created_at)},
        steps=(Step.NEW_ORDER,),
    )


def _times(payment: Payment) -> tuple[Evidence, ...]:
    return (seen(payment, "expires_at"),) if payment.expires_at else ()

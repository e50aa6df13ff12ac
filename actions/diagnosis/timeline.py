"""The way that a payment's money took: what has happened, where it stands, and what is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from actions.diagnosis.facts import Money, Outcome, Payment, PaymentKind, PaymentStatus, RefundStatus
from actions.diagnosis.money import (
    ENDED,
    TAKEN,
    credit_of,
    debited_at,
    has_arrived,
    is_out,
    moved,
    returned_at,
    was_held,
)
from actions.diagnosis.reading import latest_attempt

AT_ONCE = timedelta(minutes=1)  # authorised and captured so close together is no hold


class Stage(str, Enum):
    """One station of the money."""

    INITIATED = "initiated"
    NOT_SENT = "not_sent"  # the request never reached the wallet
    HELD = "held"  # authorised: reserved, not taken
    DEBITED = "debited"  # left the balance, no outcome yet
    CAPTURED = "captured"
    MERCHANT_CONFIRMED = "merchant_confirmed"
    OUTCOME = "outcome"  # what the channel or the merchant still has to say
    DECLINED = "declined"
    RELEASED = "released"  # a hold was given back
    REVERSED = "reversed"  # a debit was given back
    REFUND_ACCEPTED = "refund_accepted"
    REFUNDED = "refunded"


class State(str, Enum):
    """How far a station is."""

    DONE = "done"
    CURRENT = "current"  # the money is here now, or this is what is waited for
    LATE = "late"  # waited for past the time by which it is usually over
    FAILED = "failed"


@dataclass(frozen=True)
class Moment:
    """A station with its time: when it was, or for one waited for by when it is usually over."""

    stage: Stage
    state: State
    at: datetime | None = None
    amount: Money | None = None


def timeline(payment: Payment, due: datetime | None, now: datetime) -> tuple[Moment, ...]:
    """The stations of a payment, in order. `due` is when the open matter is usually over, if one is open."""
    moments = (
        Moment(Stage.INITIATED, State.DONE, payment.created_at, payment.amount),
        *_outward(payment, due),
        *_back(payment, due),
        *_refunds(payment, due),
    )
    return tuple(
        replace(one, state=State.LATE) if one.state is State.CURRENT and one.at and one.at < now else one
        for one in moments
    )


def _outward(payment: Payment, due: datetime | None) -> Iterator[Moment]:
    latest = latest_attempt(payment)
    if latest is not None and latest.outcome is Outcome.NOT_SENT and not is_out(payment):
        yield Moment(Stage.NOT_SENT, State.FAILED, latest.started_at)
        return
    held_at = payment.authorized_at or debited_at(payment) if _was_kept_waiting(payment) else None
    if held_at:
        yield Moment(Stage.HELD, State.DONE, held_at, moved(payment))
    if payment.status in TAKEN:
        yield Moment(Stage.CAPTURED, State.DONE, payment.captured_at, payment.amount)
        if payment.kind is not PaymentKind.TRANSFER:
            told = payment.merchant_notified_at
            yield Moment(Stage.MERCHANT_CONFIRMED, State.DONE if told else State.CURRENT, told)
        return
    if not held_at and (left := debited_at(payment)):
        yield Moment(Stage.DEBITED, State.DONE, left, moved(payment) if is_out(payment) else None)
    if payment.status in ENDED:
        if not (held_at and payment.status in (PaymentStatus.VOIDED, PaymentStatus.AUTH_EXPIRED)):
            yield Moment(Stage.DECLINED, State.FAILED, payment.ended_at)
    else:
        yield Moment(Stage.OUTCOME, State.CURRENT, due)


def _was_kept_waiting(payment: Payment) -> bool:
    """Whether the money was on hold for a while; most payments are authorised and captured in one go."""
    if was_held(payment) or payment.status in (
        PaymentStatus.AUTHORIZED,
        PaymentStatus.VOIDED,
        PaymentStatus.AUTH_EXPIRED,
    ):
        return True
    authorized, captured = payment.authorized_at, payment.captured_at
    return bool(authorized and captured and captured - authorized > AT_ONCE)


def _back(payment: Payment, due: datetime | None) -> Iterator[Moment]:
    """What a payment that did not go through gave back."""
    if payment.status in TAKEN or payment.status not in ENDED or payment.refunds:
        return
    stage = Stage.RELEASED if was_held(payment) else Stage.REVERSED
    by_status = payment.status in (PaymentStatus.REVERSED, PaymentStatus.VOIDED, PaymentStatus.AUTH_EXPIRED)
    if at := returned_at(payment):
        yield Moment(stage, State.DONE, at)
    elif is_out(payment) or payment.status is PaymentStatus.REVERSING:
        yield Moment(stage, State.CURRENT, due, moved(payment))
    elif by_status:
        released = payment.status is not PaymentStatus.REVERSED
        yield Moment(Stage.RELEASED if released else stage, State.DONE, payment.ended_at)


def _refunds(payment: Payment, due: datetime | None) -> Iterator[Moment]:
    for refund in sorted(payment.refunds, key=lambda one: one.accepted_at):
        if refund.status is RefundStatus.CANCELED:
            continue
        yield Moment(Stage.REFUND_ACCEPTED, State.DONE, refund.accepted_at, refund.amount)
        if has_arrived(payment, refund):
            credit = credit_of(payment, refund)
            at = refund.completed_at or (credit.posted_at if credit else None)
            yield Moment(Stage.REFUNDED, State.DONE, at, refund.amount)
        elif refund.status is RefundStatus.FAILED:
            yield Moment(Stage.REFUNDED, State.FAILED, refund.completed_at, refund.amount)
        else:
            yield Moment(Stage.REFUNDED, State.CURRENT, due, refund.amount)

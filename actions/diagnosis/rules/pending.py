"""Money that has left the balance while its outcome, or its return, is still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, MethodKind, Outcome, Payment, PaymentStatus
from actions.diagnosis.money import ENDED, TAKEN, customer_legs, debited_at, is_out, moved
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, last_try, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import (
    Actor,
    Cause,
    Confidence,
    Diagnosis,
    Evidence,
    Route,
    Step,
    Urgency,
)
from actions.diagnosis.rules.duplicates import charged_instead


@dataclass(frozen=True)
class _Wait:
    """Since when there is an open matter, until when it is normal, and how sure the records are."""

    since: datetime
    due: datetime
    certain: Confidence
    evidence: tuple[Evidence, ...]


@rule(Rank.PENDING)
def pending_at_channel(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D9: debited or held, no outcome yet or a reversal under way, not older than it usually takes."""
    payment, wait = facts.payment, _wait(facts, policy)
    if payment is None or wait is None or now > wait.due:
        return None
    return concluded(
        payment,
        Cause.PENDING_AT_CHANNEL,
        wait.certain,
        variant=_kind(payment),
        evidence=wait.evidence,
        values={"since": wait.since, "due": wait.due, "left": wait.due - now},
        steps=(Step.DO_NOT_PAY_AGAIN, Step.WAIT, Step.KEEP_SCREENSHOT),
        next_actor=Actor.WALLET,
        resolves_at=wait.due,
        urgency=Urgency.MEDIUM,
    )


@rule(Rank.PENDING_OVERDUE)
def pending_overdue(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D9, older than it usually takes (exactly at the end of the window it is due, not overdue)."""
    payment, wait = facts.payment, _wait(facts, policy)
    if payment is None or wait is None or now <= wait.due:
        return None
    return concluded(
        payment,
        Cause.PENDING_OVERDUE,
        wait.certain,
        evidence=wait.evidence,
        values={"since": wait.since, "due": wait.due, "over": now - wait.due},
        steps=(Step.DO_NOT_PAY_AGAIN, Step.KEEP_SCREENSHOT, Step.AGENT),
        next_actor=Actor.AGENT,
        resolves_at=wait.due,
        urgency=Urgency.HIGH,
        route=Route.HUMAN,
    )


def _kind(payment: Payment) -> str:
    """What is waited for: the merchant's word on a hold, money on its way back, or an outcome."""
    if payment.status is PaymentStatus.AUTHORIZED:
        return "held"
    return "returning" if payment.status in ENDED else "undecided"


def _wait(facts: Facts, policy: Policy) -> _Wait | None:
    payment = facts.payment
    if payment is None or payment.status in TAKEN or payment.refunds:
        return None
    if payment.status is PaymentStatus.AUTHORIZED and charged_instead(facts, policy):
        return None  # the hold beside a charge is explained as such
    window = policy.pending_window
    if payment.status is PaymentStatus.AUTHORIZED:
        window = policy.hold_window
    since = _clock_start(payment)
    if is_out(payment):
        legs = (seen(leg, "amount") for leg in customer_legs(payment) if leg.amount.minor < 0)
        return _from(since, window, Confidence.PROVEN, (seen(payment, "status"), *legs))
    if moved(payment) is None and _bank_is_silent(facts):
        return _from(since, window, Confidence.LIKELY, (seen(payment, "status"),))
    return None


def _clock_start(payment: Payment) -> datetime:
    """For money on its way back: when the failure was accepted. For an open outcome: the debit."""
    if payment.status in ENDED and payment.ended_at:
        return payment.ended_at
    return debited_at(payment) or payment.authorized_at or payment.created_at


def _bank_is_silent(facts: Facts) -> bool:
    """Whether only the status tells: a bank has the matter in hand, and the wallet booked nothing."""
    payment, tried = facts.payment, last_try(facts)
    if payment is None or payment.method.kind is MethodKind.BALANCE:
        return False
    if payment.status in (PaymentStatus.REVERSING, PaymentStatus.AUTHORIZED):
        return True
    return payment.status in (PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN) and bool(
        tried
        and (
            tried.attempt.outcome in (Outcome.PENDING, Outcome.NO_RESPONSE)
            or tried.code in (CodeClass.PENDING, CodeClass.TIMEOUT)
        )
    )


def _from(since: datetime, window: timedelta, certain: Confidence, evidence: tuple[Evidence, ...]) -> _Wait:
    return _Wait(since, since + window, certain, evidence)

"""Money on its way back by a refund, arrived, or stuck."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.facts import Facts, Money, Payment, Refund
from actions.diagnosis.money import (
    arrived_refunds,
    came_back,
    credit_of,
    failed_refund,
    fully_refunded,
    moving_refunds,
    refundable,
    refunded,
    total,
)
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Confidence, Diagnosis, Evidence, Route, Step, Urgency


@rule(Rank.REFUND_FAILED)
def refund_failed(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D16c: it could not be given back where it should go, and nothing has replaced it since."""
    payment = facts.payment
    failed = failed_refund(payment) if payment else None
    if payment is None or failed is None:
        return None
    return concluded(
        payment,
        Cause.REFUND_FAILED,
        Confidence.PROVEN,
        evidence=(seen(failed, "status"), seen(failed, "destination.closed")),
        values={"refund": failed.amount, "destination": failed.destination},
        steps=(Step.KEEP_SCREENSHOT, Step.AGENT),
        next_actor=Actor.AGENT,
        urgency=Urgency.HIGH,
        route=Route.HUMAN,
    )


@rule(Rank.REFUND_OVERDUE)
def refund_overdue(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D14: accepted more than the usual time ago."""
    return _if_cause(facts, now, policy, Cause.REFUND_OVERDUE)


@rule(Rank.REFUND_IN_PROGRESS)
def refund_in_progress(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D13: accepted, and within the usual time (exactly at its end still is)."""
    return _if_cause(facts, now, policy, Cause.REFUND_IN_PROGRESS)


def _if_cause(facts: Facts, now: datetime, policy: Policy, cause: Cause) -> Diagnosis | None:
    found = refund_on_its_way(facts.payment, now, policy) if facts.payment else None
    return found if found and found.cause is cause else None


def refund_on_its_way(payment: Payment, now: datetime, policy: Policy) -> Diagnosis | None:
    """The oldest refund still on its way, in time or overdue; None if there is none."""
    moving = moving_refunds(payment)
    if not moving:
        return None
    refund = moving[0]
    due = refund.accepted_at + policy.refund_window
    overdue = now > due
    values = {
        "refund": refund.amount,
        "accepted_at": refund.accepted_at,
        "due": due,
        "destination": refund.destination,
    }
    return concluded(
        payment,
        Cause.REFUND_OVERDUE if overdue else Cause.REFUND_IN_PROGRESS,
        Confidence.PROVEN,
        evidence=(seen(refund, "status"), seen(refund, "accepted_at")),
        values=values | ({"over": now - due} if overdue else {"left": due - now}),
        steps=(Step.KEEP_SCREENSHOT, Step.AGENT) if overdue else (Step.WAIT, Step.CHECK_DESTINATION),
        next_actor=Actor.AGENT if overdue else Actor.WALLET,
        resolves_at=due,
        urgency=Urgency.HIGH if overdue else Urgency.LOW,
        route=Route.HUMAN if overdue else Route.SELF,
    )


@rule(Rank.REFUND_SETTLED)
def refund_partial(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D16: part of what was paid has come back."""
    payment = facts.payment
    if payment is None or not arrived_refunds(payment) or fully_refunded(payment):
        return None
    moving = moving_refunds(payment)
    pending = total(payment, moving)
    rest = refundable(payment) - refunded(payment) - pending
    return concluded(
        payment,
        Cause.REFUND_PARTIAL,
        Confidence.PROVEN,
        variant="rest_pending" if moving else "only_part",
        evidence=_arrivals(payment),
        values={
            "refund": came_back(payment, *arrived_refunds(payment)),
            "remaining": Money(max(0, rest.minor), rest.currency),
            "pending": pending,
            "at": max(_arrived_at(payment, refund) for refund in arrived_refunds(payment)),
        },
        steps=(Step.CHECK_DESTINATION,) if moving else (Step.CHECK_DESTINATION, Step.ASK_MERCHANT),
        next_actor=Actor.WALLET if moving else Actor.MERCHANT,
        urgency=Urgency.MEDIUM,
    )


@rule(Rank.REFUND_SETTLED)
def refund_completed(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D16b: all of it has come back to where it was paid from."""
    payment = facts.payment
    if payment is None or not fully_refunded(payment) or _gone_elsewhere(payment):
        return None
    last = arrived_refunds(payment)[-1]
    return concluded(
        payment,
        Cause.REFUND_COMPLETED,
        Confidence.PROVEN,
        evidence=_arrivals(payment),
        values={
            "refund": came_back(payment, *arrived_refunds(payment)),
            "at": _arrived_at(payment, last),
            "destination": last.destination,
            "reference": last.reference or "",
        },
        steps=(Step.CHECK_DESTINATION,),
        next_actor=Actor.NOBODY,
    )


@rule(Rank.REFUND_SETTLED)
def refund_other_method(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D15: a refund has arrived, but not where the customer paid from."""
    payment = facts.payment
    refund = _gone_elsewhere(payment) if payment else None
    if payment is None or refund is None:
        return None
    closed = refund.destination.closed
    return concluded(
        payment,
        Cause.REFUND_OTHER_METHOD,
        Confidence.PROVEN,
        evidence=(
            seen(refund, "status"),
            seen(refund, "destination.kind"),
            seen(payment, "method.kind"),
        ),
        values={
            "refund": came_back(payment, refund),
            "at": _arrived_at(payment, refund),
            "destination": refund.destination,
            "original": payment.method,
        },
        steps=(Step.CHECK_DESTINATION, Step.AGENT) if closed else (Step.CHECK_DESTINATION,),
        next_actor=Actor.AGENT if closed else Actor.NOBODY,
        urgency=Urgency.MEDIUM,
        route=Route.HUMAN if closed else Route.SELF,
    )


def _gone_elsewhere(payment: Payment) -> Refund | None:
    """The latest refund that arrived on another method than the payment's."""
    others = [r for r in arrived_refunds(payment) if not r.destination.same_as(payment.method)]
    return others[-1] if others else None


def _arrivals(payment: Payment) -> tuple[Evidence, ...]:
    credits = (credit_of(payment, refund) for refund in arrived_refunds(payment))
    return (
        *(seen(refund, "status") for refund in arrived_refunds(payment)),
        *(seen(credit, "posted_at") for credit in credits if credit),
    )


def _arrived_at(payment: Payment, refund: Refund) -> datetime:
    credit = credit_of(payment, refund)
    return refund.completed_at or (credit.posted_at if credit else refund.accepted_at)

"""A payment that the customer did not make."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.facts import Facts, Payment, PaymentKind
from actions.diagnosis.money import net_captured, where
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import (
    Actor,
    Cause,
    Confidence,
    Diagnosis,
    Evidence,
    MoneyState,
    Route,
    Step,
    Urgency,
)


@rule(Rank.FRAUD)
def fraud_suspected(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D19: the customer says "not me". Never concluded from codes, and nothing of them is shown."""
    if not facts.not_me or _known_subscription(facts):
        return None
    payment = facts.payment
    place = where(payment) if payment else None
    return Diagnosis(
        Cause.FRAUD_SUSPECTED,
        Confidence.PROVEN,  # that the customer says so is certain; a code would only hint at risk control
        money=place.state if place else MoneyState.UNCLEAR,
        money_amount=place.amount if place else None,
        evidence=(
            Evidence("facts", facts.customer.id, "not_me", "True"),
            *((seen(payment, "created_at"),) if payment else ()),
        ),
        steps=(Step.FREEZE_ACCOUNT, Step.CHANGE_PASSWORD, Step.CALL_BANK, Step.POLICE_REPORT),
        next_actor=Actor.AGENT,
        urgency=Urgency.CRITICAL,
        route=Route.HUMAN,
        payment_id=payment.id if payment else None,
    )


def _known_subscription(facts: Facts) -> bool:
    """Whether it renews a subscription whose earlier period was paid and kept."""
    payment = facts.payment
    return (
        payment is not None
        and payment.kind is PaymentKind.SUBSCRIPTION
        and any(_earlier_period(payment, other) for other in facts.siblings)
    )


def _earlier_period(payment: Payment, other: Payment) -> bool:
    return (
        other.kind is PaymentKind.SUBSCRIPTION
        and other.merchant.id == payment.merchant.id
        and other.created_at < payment.created_at
        and net_captured(other).minor > 0
    )

"""A payment that the customer did not make."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, Payment, PaymentKind
from actions.diagnosis.money import net_captured, where
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import confidence, last_try, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Diagnosis, Evidence, MoneyState, Route, Step, Urgency


@rule(Rank.FRAUD, explains=(CodeClass.FRAUD,))
def fraud_suspected(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D19: the customer says "not me". Never concluded from codes alone, and nothing of them is shown."""
    if not facts.not_me or _known_subscription(facts):
        return None
    payment = facts.payment
    place = where(payment) if payment else None
    tried = last_try(facts)
    return Diagnosis(
        Cause.FRAUD_SUSPECTED,
        confidence(code=bool(tried and tried.code is CodeClass.FRAUD), facts=True),
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

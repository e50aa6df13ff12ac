"""When no other rule has spoken: no such payment, or nothing that the records can prove."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.facts import Facts, PaymentStatus
from actions.diagnosis.money import is_open, where
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, last_try
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

CHECKLIST = (
    Step.CHECK_BALANCE,
    Step.CHECK_NETWORK,
    Step.UPDATE_APP,
    Step.RESTART,
    Step.CHECK_MERCHANT_RULES,
    Step.AGENT,
)

_STEPS = {
    "failed": CHECKLIST,
    "open": (Step.DO_NOT_PAY_AGAIN, Step.REFRESH_BILL, Step.AGENT),
    "disputed": (Step.DO_NOT_PAY_AGAIN, Step.KEEP_SCREENSHOT, Step.AGENT),
}


@rule(Rank.LAST_RESORT)
def no_record(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D0: no payment of this customer's matches. That is a finding (rule 4), not that no money moved."""
    if facts.payment is not None:
        return None
    return Diagnosis(
        Cause.NO_RECORD,
        Confidence.PROVEN,
        money=MoneyState.UNCLEAR,
        variant="nothing_matches" if facts.siblings else "no_payments",
        evidence=(Evidence("payment", facts.customer.id, "id", "None"),),
        steps=(Step.CHECK_ORDER_NO, Step.CHECK_OTHER_ACCOUNT, Step.KEEP_SCREENSHOT),
    )


@rule(Rank.LAST_RESORT)
def unknown(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D24: nothing proves what became of it: what is known is said, and a person can look."""
    payment = facts.payment
    if payment is None or payment.status is PaymentStatus.CAPTURED:
        return None
    undecided, place, tried = is_open(payment), where(payment), last_try(facts)
    disputed = payment.status is PaymentStatus.DISPUTED
    variant = "disputed" if disputed else "open" if undecided else "failed"
    calm = place.state is MoneyState.NOT_CHARGED
    return concluded(
        payment,
        Cause.UNKNOWN,
        Confidence.PROVEN,  # that it is not known is certain
        variant=variant,
        evidence=tried.code_evidence() if tried else (),
        steps=_STEPS[variant],
        next_actor=Actor.AGENT,
        urgency=Urgency.MEDIUM if calm else Urgency.HIGH,
        route=Route.HUMAN,
    )

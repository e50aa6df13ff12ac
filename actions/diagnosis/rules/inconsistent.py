"""Records that contradict each other."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.facts import Facts
from actions.diagnosis.invariants import violations
from actions.diagnosis.money import Place
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Confidence, Diagnosis, MoneyState, Route, Step, Urgency


@rule(Rank.LEDGER)
def ledger_inconsistent(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D20: the records contradict each other; nothing may be promised from them."""
    payment = facts.payment
    broken = violations(payment, policy) if payment else ()
    if payment is None or not broken:
        return None
    return concluded(
        payment,
        Cause.LEDGER_INCONSISTENT,
        Confidence.PROVEN,
        evidence=broken,
        steps=(Step.DO_NOT_PAY_AGAIN, Step.KEEP_SCREENSHOT, Step.AGENT),
        next_actor=Actor.AGENT,
        urgency=Urgency.HIGH,
        route=Route.HUMAN,
        place=Place(MoneyState.UNCLEAR, None),
    )
